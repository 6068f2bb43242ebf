/** The ways a control connection can be made; the engine's suites run over all of them. */

export const TRANSPORTS = ['plain', 'explicit TLS', 'implicit TLS'] as const
export type Transport = (typeof TRANSPORTS)[number]

export const FAMILIES = [4, 6] as const
export type Family = (typeof FAMILIES)[number]

/** The loopback address of a family. */
export const loopback = (family: Family): string => (family === 4 ? '127.0.0.1' : '::1')
