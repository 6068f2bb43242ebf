/** Why a listener could not be opened, said with the port it is about. */
import { controlPorts } from './connection.ts'
import { errorCode } from './error-code.ts'
import type { Ports } from './connection.ts'
import { pathText, SettingsError } from './problems.ts'

/** The refusal of settings whose listeners cannot be opened; errors of another kind come back as they are. */
export function listenProblem(error: unknown, stored: Ports): unknown {
  const code = errorCode(error)
  const port = property(error, 'port')
  const uses = controlPorts(stored)
  const use = uses.find((one) => one.port === port && one.address === property(error, 'address')) ?? uses[0]
  const reason = code && REASONS[code]
  if (!reason || !use) return error
  return new SettingsError([
    { path: pathText(use.path), text: reason(String(typeof port === 'number' ? port : use.port), use.address) },
  ])
}

const REASONS: Readonly<Record<string, (port: string, address: string) => string>> = {
  EADDRINUSE: (port) => `port ${port} is already in use by another program`,
  EACCES: (port) => `port ${port} needs the right to open ports below 1024 (CAP_NET_BIND_SERVICE)`,
  EADDRNOTAVAIL: (port, address) => `port ${port}: ${address} is not an address of this machine`,
  EAFNOSUPPORT: (port, address) =>
    `port ${port}: this machine cannot use the address ${address}; 0.0.0.0 stands for IPv4 alone`,
}

function property(error: unknown, name: string): unknown {
  return typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined
}
