/** The addresses under which clients reach the server, ready to be handed out. */
import { hostname, networkInterfaces } from 'node:os'
import { isIPv4, isIPv6 } from 'node:net'
import { networkTest } from '../../settings/networks.ts'
import { DEFAULT_DOMAIN, type Domain } from '../../settings/domain.ts'
import type { ServerSettings } from '../../settings/schema.ts'
import type { Network, ServiceStatus } from '../../shell.ts'

export interface HandOut {
  /** `ftp://192.168.1.1:2121`; the usual port is left out. */
  readonly url: string
  readonly where: 'lan' | 'name' | 'internet'
  /** Keys of `start.tls`: what a client has to choose. */
  readonly tls: 'none' | 'optional' | 'required' | 'implicit'
  /** The domain that it leads to; absent = the server itself. */
  readonly domain?: string
}

/** Ports that clients use where none is given. */
const USUAL = { ftp: 21, ftps: 990 } as const
/** More than these nobody reads. */
const MOST = 12

export interface Surroundings {
  readonly status: Pick<ServiceStatus, 'addresses'>
  readonly settings: ServerSettings
  readonly domains?: readonly Pick<Domain, 'id' | 'name' | 'names' | 'enabled'>[]
  readonly network: Pick<Network, 'lan' | 'wanAddress'>
  /** Addresses of this machine, and its name; absent = as the system has them. */
  readonly own?: readonly string[]
  readonly name?: string
}

/** One address for each listener and each way to it: LAN addresses first, then names, then the internet; those of domains last. */
export function handOuts(surroundings: Surroundings): readonly HandOut[] {
  const { status, settings, domains = [] } = surroundings
  const all = status.addresses.flatMap(({ address, port, implicitTls, domain = DEFAULT_DOMAIN }) => {
    const scheme = implicitTls ? 'ftps' : 'ftp'
    const tls = implicitTls ? ('implicit' as const) : TLS[settings.tls.policy]
    const behind = port === USUAL[scheme] ? '' : `:${port}`
    const own = domains.find(({ id }) => id === domain)
    const hosts = hostsOf(address, surroundings).map((one) => ({ ...one, ...(own && { domain: own.name }) }))
    return [...hosts, ...domainHosts(domains, domain)].map(({ host, ...rest }) => ({
      ...rest,
      url: `${scheme}://${isIPv6(host) ? `[${host}]` : host}${behind}`,
      tls,
    }))
  })
  const different = new Map(all.map((one) => [one.url, one]))
  return [...different.values()].sort((one, other) => place(one) - place(other)).slice(0, MOST)
}

/** Names of domains that a listener leads to: its own one, or all. */
function domainHosts(domains: Surroundings['domains'] = [], listener: string): (Host & { domain: string })[] {
  return domains
    .filter(({ id, enabled }) => enabled && (listener === DEFAULT_DOMAIN || id === listener))
    .flatMap(({ name, names: [host] }) => (host === undefined ? [] : [{ host, where: 'name', domain: name }]))
}

const place = ({ where, domain }: HandOut) => ORDER[where] + (domain === undefined ? 0 : 3)

const TLS = { off: 'none', optional: 'optional', login: 'required', data: 'required' } as const
const ORDER = { lan: 0, name: 1, internet: 2 } as const

interface Host {
  readonly host: string
  readonly where: HandOut['where']
}

function hostsOf(listening: string, { settings, network, own = ownAddresses(), name }: Surroundings): Host[] {
  const lan = networkTest(settings.lanNetworks ?? network.lan())
  const inside = (host: string): Host => ({ host, where: lan(host) ? 'lan' : 'internet' })
  if (listening !== '::' && listening !== '0.0.0.0') return [inside(listening)]
  const reached = listening === '::' ? own : own.filter(isIPv4)
  const called = name ?? hostname()
  const { externalAddress } = settings
  const outside = externalAddress === 'automatic' ? network.wanAddress() : externalAddress
  return [
    ...reached.filter(lan).map(inside),
    ...(called ? [{ host: called.toLowerCase(), where: 'name' as const }] : []),
    ...(outside === undefined ? [] : [{ host: outside, where: 'internet' as const }]),
  ]
}

/** Addresses of the machine that others can use: no loopback, and nothing that needs the name of an interface behind it. */
function ownAddresses(): readonly string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, address }) => !internal && !/^fe[89ab]/i.test(address))
    .map(({ address }) => address)
}
