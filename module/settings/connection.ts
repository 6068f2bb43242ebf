/** How clients reach the server: ports, addresses, what is announced to them (product section 2). */
import { z } from 'zod'
import { networks, network } from './values.ts'
import { holdsPort, portRange, PORT_RANGE_RULE } from './port-range.ts'

const PORT_RULE = 'must be a port from 1 to 65535, or 0 for any free port'
const port = z.int({ error: PORT_RULE }).min(0, PORT_RULE).max(65535, PORT_RULE)

const ADDRESS_RULE = 'must be an IPv4 or IPv6 address of this machine, "::" for all'
const address = z.union([z.ipv4(), z.ipv6()], { error: ADDRESS_RULE })

export const listener = z.strictObject({
  address: address.default('::'),
  port,
  implicitTls: z.boolean().default(false),
})
export type Listener = z.infer<typeof listener>

const hostName = z
  .string()
  .max(253)
  .regex(/^(?=.*[a-z])([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*\.?$/i)

export const connection = {
  port: port.default(2121).describe('Control port. 21 is the usual one and needs the right to open ports below 1024.'),
  address: address.default('::').describe('Address the control port listens on; `::` is every address, IPv4 and IPv6.'),
  listeners: z
    .array(listener)
    .max(16)
    .default([])
    .describe(
      'Further listeners, each with `port`, `address` and `implicitTls` (TLS from the first byte, as on port 990).',
    ),
  passivePorts: z
    .string({ error: PORT_RANGE_RULE })
    .refine((text) => portRange(text) !== undefined, PORT_RANGE_RULE)
    .default('50000-50099')
    .describe('Ports of passive data connections, `from-to`; each transfer takes one. `any` takes whatever is free.'),
  passiveOnly: z
    .boolean()
    .default(false)
    .describe('Switches active mode off: PORT and EPRT answer 502 and leave FEAT and HELP.'),
  externalAddress: z
    .union([z.literal('automatic'), z.ipv4(), hostName], {
      error: 'must be "automatic", an IPv4 address or a host name',
    })
    .default('automatic')
    .describe(
      'IPv4 address announced in reply 227 to clients outside the LAN: `automatic` (the WAN address, where it is known), a fixed address, or a host name that is looked up again while running.',
    ),
  externalAddressExceptions: z
    .array(z.strictObject({ network, address: z.union([z.ipv4(), z.literal('local')]) }))
    .max(64)
    .default([])
    .describe(
      'Other announced addresses for clients of single networks; `local` is the address the client connected to.',
    ),
  firewall: z
    .strictObject({
      control: z.boolean().default(true).describe("Whether the appliance's firewall opens the control ports."),
      passive: z.boolean().default(true).describe("Whether the appliance's firewall opens the passive ports."),
      zones: z
        .array(z.string().min(1).max(64))
        .max(16)
        .default([])
        .describe('Zones to open them in; none = the trusted ones.'),
    })
    .prefault({}),
  lanNetworks: networks.optional().describe('Networks that count as LAN; absent = those the appliance reports.'),
}

export interface PortUse {
  readonly port: number
  readonly address: string
  readonly implicitTls: boolean
  /** The id of the domain that its sessions begin in; undefined = the default one. */
  readonly domain?: string
  /** Where in what is stored it stands. */
  readonly path: readonly (string | number)[]
}

/** What of all that is stored the ports are about. */
export interface Ports {
  readonly settings: { readonly port: number; readonly address: string; readonly listeners: readonly Listener[] }
  readonly domains: readonly {
    readonly id?: string
    readonly enabled: boolean
    readonly listeners: readonly Listener[]
  }[]
}

/** Every control port, the main one first, those of the domains that are not switched off last. */
export function controlPorts({ settings, domains }: Ports): readonly PortUse[] {
  const { port: number, address: at, listeners } = settings
  const main: PortUse = { port: number, address: at, implicitTls: false, path: ['settings', 'port'] }
  return [
    main,
    ...listeners.map((one, place) => ({ ...one, path: ['settings', 'listeners', place, 'port'] })),
    ...domains.flatMap(({ id, enabled, listeners: own }, which) =>
      enabled
        ? own.map((one, place) => ({
            ...one,
            ...(id !== undefined && { domain: id }),
            path: ['domains', which, 'listeners', place, 'port'],
          }))
        : [],
    ),
  ]
}

interface Conflict {
  readonly path: readonly (string | number)[]
  readonly message: string
}

/** What is wrong with the ports together; `used` are ports that the appliance needs itself, such as its web pages'. */
export function portConflicts(
  stored: Ports & { readonly settings: { readonly passivePorts: string } },
  used: readonly number[] = [],
): readonly Conflict[] {
  const range = portRange(stored.settings.passivePorts)
  const passive = ['settings', 'passivePorts']
  const conflicts: Conflict[] = []
  const seen: PortUse[] = []
  for (const use of controlPorts(stored)) {
    const { port: number, path, domain } = use
    if (number === 0) continue
    if (range && holdsPort(range, number)) {
      conflicts.push(
        domain === undefined
          ? { path: passive, message: `must not hold the control port ${number}` }
          : { path, message: 'must not be one of the passive ports' },
      )
    }
    if (used.includes(number)) conflicts.push({ path, message: `must not be ${number}: the appliance uses this port` })
    if (seen.some((other) => overlap(other, use))) {
      conflicts.push({ path, message: 'must differ from the other listeners' })
    }
    seen.push(use)
  }
  for (const number of used) {
    if (range && holdsPort(range, number)) {
      conflicts.push({ path: passive, message: `must not hold port ${number}: the appliance uses it` })
    }
  }
  return conflicts
}

/** Whether two listeners cannot both be opened: `::` takes every address, `0.0.0.0` every one of IPv4. */
function overlap(one: PortUse, other: PortUse): boolean {
  if (one.port !== other.port) return false
  const [a, b] = [one.address, other.address]
  return a === b || a === '::' || b === '::' || (takesIPv4(a) && takesIPv4(b) && [a, b].includes('0.0.0.0'))
}

const takesIPv4 = (place: string) => !place.includes(':')
