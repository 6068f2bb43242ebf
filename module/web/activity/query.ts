/** What an address of the list of sessions asks for, and the address that asks for it: every filter is in the link. */
import { printable } from '../../ftp/printable.ts'

/** Which sessions: all of them, with a transfer, without one, in clear text, or not logged in. */
export const SHOWN = ['all', 'transfers', 'idle', 'clear', 'unknown'] as const
export const SORTS = ['since', 'user', 'program', 'address', 'domain', 'idle', 'speed'] as const
export type Shown = (typeof SHOWN)[number]
export type Sort = (typeof SORTS)[number]

export interface ListQuery {
  /** Small letters; empty = everything. */
  readonly words: string
  readonly shown: Shown
  readonly sort: Sort
  readonly down: boolean
  /** From 1. */
  readonly page: number
}

/** Characters of the words. */
export const LONGEST_WORDS = 200

/** Reads the parameters of an address; what means nothing is passed over. */
export function listQuery(search: string): ListQuery {
  const given = new URLSearchParams(search)
  const text = (name: string) => (given.get(name) ?? '').trim()
  const page = text('page')
  return {
    words: printable(text('q').slice(0, LONGEST_WORDS)).toLowerCase(),
    shown: SHOWN.find((one) => one === text('show')) ?? 'all',
    sort: SORTS.find((one) => one === text('sort')) ?? 'since',
    down: text('down') === '1',
    page: /^[1-9]\d{0,5}$/.test(page) ? Number(page) : 1,
  }
}

/** The parameters of an address that shows this; empty for the list as it is opened. */
export function listText({ words, shown, sort, down, page }: ListQuery): string {
  const parameters = new URLSearchParams()
  if (words !== '') parameters.set('q', words)
  if (shown !== 'all') parameters.set('show', shown)
  if (sort !== 'since') parameters.set('sort', sort)
  if (down) parameters.set('down', '1')
  if (page !== 1) parameters.set('page', String(page))
  return parameters.size > 0 ? `?${parameters.toString()}` : ''
}
