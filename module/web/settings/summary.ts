/** How clients reach the server, in lines that can be handed out. */
import type { ServerSettings } from '../../settings/schema.ts'
import { controlPorts } from '../../settings/connection.ts'
import { DEFAULT_DOMAIN } from '../../settings/domain.ts'
import type { ServiceStatus } from '../../shell.ts'

export interface Way {
  readonly host: string
  readonly port: number
  /** `off`, `optional`, `login`, `data`, or `implicit`: the key of its text. */
  readonly tls: string
}

/** One line for each listener of the server itself. `host` is the name under which the administrator reaches the appliance. */
export function waysIn(settings: ServerSettings, status: ServiceStatus, host: string): readonly Way[] {
  // Port 0 stands for a free one: which it is only the listener knows.
  const open = status.addresses.filter(({ domain = DEFAULT_DOMAIN }) => domain === DEFAULT_DOMAIN)
  const wanted = controlPorts({ settings, domains: [] })
  const listeners = open.length > 0 ? open : wanted
  return listeners.map(({ address, port, implicitTls }) => ({
    host: anyAddress(address) ? host : bracketed(address),
    port,
    tls: implicitTls ? 'implicit' : settings.tls.policy,
  }))
}

const anyAddress = (address: string) => address === '::' || address === '0.0.0.0'
const bracketed = (address: string) => (address.includes(':') ? `[${address}]` : address)
