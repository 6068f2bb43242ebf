/**
 * A run of entries as text, the form in which they go to the writer and lie on the disk: two columns, a line of each for
 * every entry. Text is copied between threads and into a file at once, where objects are taken apart and put together.
 */
import { cleanText, cleanTime, KINDS } from './entry.ts'
import type { CleanEntry, Kind, NewEntry } from './entry.ts'

export interface Run {
  readonly entries: number
  /** What a search looks through: user, address, path and text. */
  readonly said: string
  /** The rest: code of the kind, session, domain, time, event, then bytes, seconds and result, and rule, level and detail, where there are any. */
  readonly facts: string
  /** The earliest and the latest time of an entry. */
  readonly oldest: number
  readonly newest: number
}

/** No field holds control characters, so neither sign can be forged. */
export const END_OF_ENTRY = '\n'
export const BETWEEN_FIELDS = '\t'

/** Sessions whose beginnings of lines are remembered: most entries are of one that had another a moment ago. */
const REMEMBERED = 256

/** What the lines of a session's entries begin with, and for whom. */
interface Origin {
  readonly user: string | undefined
  readonly address: string | undefined
  readonly domain: string | undefined
  readonly said: string
  readonly facts: string
}

const origins = new Map<string | undefined, Origin>()

/** A run that is being written. */
export class OpenRun implements Run {
  entries = 0
  said = ''
  facts = ''
  oldest = Infinity
  newest = -Infinity
  /** The time of the last entry and its digits: one that is a thousandth of a second long has many. */
  #time = -1
  #digits = ''

  /** Writes an entry behind the others, whatever text it holds; `now` is its time if it has none. */
  add(entry: NewEntry, now: number): void {
    const time = cleanTime(entry.time ?? now, now)
    if (time !== this.#time) [this.#time, this.#digits] = [time, String(time)]
    const { said, facts } = originOf(entry)
    const path = entry.path === undefined ? '' : cleanText(entry.path)
    const inSaid = `${said}${path}\t${cleanText(entry.text)}\n`
    const inFacts = `${codeOf(entry.kind)}${facts}${this.#digits}\t${cleanText(entry.event)}${moreOf(entry)}\n`
    // Both or none, whatever somebody hands in: every line has its place.
    this.said += inSaid
    this.facts += inFacts
    this.entries += 1
    if (time < this.oldest) this.oldest = time
    if (time > this.newest) this.newest = time
  }

  /** What it holds by now, as it goes to another thread. */
  closed(): Run {
    const { entries, said, facts, oldest, newest } = this
    return { entries, said, facts, oldest, newest }
  }

  /** Characters in all: what a queue is measured by. */
  get weight(): number {
    return this.said.length + this.facts.length
  }
}

/** The run of entries that are at hand. */
export function runOf(entries: readonly NewEntry[], now: number): OpenRun {
  const run = new OpenRun()
  for (const entry of entries) run.add(entry, now)
  return run
}

/** The entries of a run, or of the columns of one. */
export function entriesOf({ said, facts }: Pick<Run, 'said' | 'facts'>): CleanEntry[] {
  const texts = linesOf(said)
  return linesOf(facts).map((line, place) => entryOf(texts[place] ?? '', line))
}

/** The lines of a column, one for each entry. */
export function linesOf(column: string): string[] {
  return column.split(END_OF_ENTRY).slice(0, -1)
}

/** The entry of a line of each column; fields that are not set are left out. */
export function entryOf(said: string, facts: string): CleanEntry {
  const [user = '', address = '', path = '', text = ''] = said.split(BETWEEN_FIELDS)
  const [kind, session = '', domain = '', time, event = '', ...more] = facts.split(BETWEEN_FIELDS)
  const [bytes = '', seconds = '', result = '', rule = '', level = '', detail = ''] = more
  const entry: Record<string, unknown> = { time: Number(time), kind: KINDS[Number(kind)] ?? 'message', event, text }
  if (session) entry['session'] = session
  if (user) entry['user'] = user
  if (address) entry['address'] = address
  if (domain) entry['domain'] = domain
  if (path) entry['path'] = path
  if (bytes) entry['bytes'] = Number(bytes)
  if (seconds) entry['seconds'] = Number(seconds)
  if (result) entry['result'] = result
  if (rule) entry['verdict'] = detail ? { rule, level, detail } : { rule, level }
  // Written by {@link OpenRun.add}, of an entry.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return entry as unknown as CleanEntry
}

function codeOf(kind: Kind): number {
  return Math.max(KINDS.indexOf(kind), 0)
}

function moreOf({ bytes, seconds, result, verdict }: NewEntry): string {
  if (bytes === undefined && seconds === undefined && result === undefined && verdict === undefined) return ''
  const moved = `\t${bytes ?? ''}\t${seconds ?? ''}\t${result ?? ''}`
  if (verdict === undefined) return moved
  const { rule, level, detail = '' } = verdict
  return `${moved}\t${cleanText(rule)}\t${level}\t${cleanText(detail)}`
}

function originOf({ session, user, address, domain }: NewEntry): Origin {
  const known = origins.get(session)
  if (known && known.user === user && known.address === address && known.domain === domain) return known
  const said = `${cleanText(user ?? '')}\t${cleanText(address ?? '')}\t`
  const facts = `\t${cleanText(session ?? '')}\t${cleanText(domain ?? '')}\t`
  const origin = { user, address, domain, said, facts }
  if (origins.size >= REMEMBERED) origins.clear()
  origins.set(session, origin)
  return origin
}
