/** A reply as a client received it. */

export interface Received {
  readonly code: number
  /** All lines joined by line feeds, codes included. */
  readonly text: string
  readonly lines: readonly string[]
  /** The octets as they came. */
  readonly octets: Buffer
}

/** What a test wants: a code, one of several, or a pattern of the whole text. */
export type Wanted = number | readonly number[] | RegExp

export function satisfies(received: Received, wanted: Wanted): boolean {
  if (wanted instanceof RegExp) return wanted.test(received.text)
  return typeof wanted === 'number' ? received.code === wanted : wanted.includes(received.code)
}
