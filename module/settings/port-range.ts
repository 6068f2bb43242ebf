/** The range of passive ports as people write it: `50000-50099`, or `any` for whatever port is free. */

export interface PortRange {
  readonly from: number
  readonly to: number
}

/** The lowest port that needs no privilege. */
export const FIRST_FREE_PORT = 1024

/** What may be written, for refusals and help. */
export const PORT_RANGE_RULE = 'must be "from-to" with ports 1024-65535'

/** The range a text means; `any` is `{ from: 0, to: 0 }`, what is no range is undefined. */
export function portRange(text: string): PortRange | undefined {
  if (text === 'any') return { from: 0, to: 0 }
  const match = /^([1-9]\d{0,4})-([1-9]\d{0,4})$/.exec(text)
  if (!match) return undefined
  const [from, to] = [Number(match[1]), Number(match[2])]
  return from >= FIRST_FREE_PORT && to <= 65535 && from <= to ? { from, to } : undefined
}

/** How many transfers the range allows at the same time. */
export function portCount(range: PortRange): number {
  return range.from === 0 ? Infinity : range.to - range.from + 1
}

/** Whether a port lies in the range. */
export function holdsPort(range: PortRange, port: number): boolean {
  return range.from !== 0 && port >= range.from && port <= range.to
}
