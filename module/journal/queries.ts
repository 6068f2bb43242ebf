/** The reading side of the log, as it runs in its worker: calendar, pages, stories and the pieces of an export. */
import { existsSync } from 'node:fs'
import { Calendar } from './calendar.ts'
import { damaged, unfinished } from './day-file.ts'
import { DayReader } from './day-reader.ts'
import type { Entry } from './entry.ts'
import { KINDS } from './entry.ts'
import { formatEntry, formatHead } from './export.ts'
import type { Format } from './export.ts'
import type { Filter, Page, PageRequest } from './filter.ts'
import { dayPath, daysIn } from './folder.ts'
import { allOf, Hits } from './hits.ts'
import type { Found } from './hits.ts'
import { idOf } from './row.ts'
import { trailOf } from './trail.ts'
import type { TrailPiece, TrailPlace, TrailRequest } from './trail.ts'

/** A day of the calendar. */
export interface DayTally {
  readonly day: string
  readonly entries: number
  readonly errors: number
}

/** Text of an export, and where it goes on. */
export interface Piece {
  readonly text: string
  readonly after: number
  readonly through: number
  readonly end: boolean
}

/** A day's file turned out to be damaged while it was read. */
export class DamagedDay extends Error {
  readonly day: string
  constructor(day: string) {
    super(`The log of ${day} is damaged.`)
    this.day = day
  }
}

/** Matches that are remembered, all filters together: 4 octets each. */
const REMEMBERED = 2_000_000
const FILTERS = 16
/** The newest entries of a session that its story shows. */
const STORY = 10_000
/** Entries formatted at once for an export. */
const PIECE = 1000

export class Queries {
  readonly #folder: string
  readonly #calendar: Calendar
  /** By file and filter; the last used is last. */
  readonly #hits = new Map<string, Hits>()

  constructor(options: { folder: string; timeZone: string }) {
    this.#folder = options.folder
    this.#calendar = new Calendar(options.timeZone)
  }

  /** Looks through the newest day once: the first filter somebody sets then finds code compiled and pages of the file at hand. */
  async warm(): Promise<void> {
    const day = daysIn(this.#folder).at(-1)
    if (day !== undefined) await this.page({ day, kinds: ['error'] }, { page: 'last' })
  }

  /** The days of a month, `2026-10`, that have entries. */
  async days(month: string): Promise<DayTally[]> {
    if (!/^\d{4}-\d{2}$/.test(month)) throw new RangeError('A month is written as 2026-10.')
    const tallies: DayTally[] = []
    for (const day of daysIn(this.#folder).filter((one) => one.startsWith(month))) {
      const counts = await this.#read(day, (reader) => reader.tally())
      const entries = counts?.reduce((sum, count) => sum + count, 0) ?? 0
      if (counts && entries > 0) tallies.push({ day, entries, errors: counts[KINDS.indexOf('error')] ?? 0 })
    }
    return tallies
  }

  async page(filter: Filter, request: PageRequest): Promise<Page> {
    const size = Math.min(Math.max(Math.trunc(request.size ?? 100) || 1, 1), 1000)
    const page = await this.#read(filter.day, async (reader) => {
      const found = await this.#find(reader, filter)
      const pages = Math.max(1, Math.ceil(found.total / size))
      const number = request.page === 'last' ? pages : Math.min(Math.max(Math.trunc(request.page) || 1, 1), pages)
      const entries = slice(reader, found, (number - 1) * size, size)
      return { entries, page: number, pages, total: found.total, through: idOf(filter.day, found.through) }
    })
    return page ?? { entries: [], page: 1, pages: 1, total: 0, through: 0 }
  }

  /** The entries of a session over all days, oldest first; of a very long one the newest. */
  async story(session: string): Promise<Entry[]> {
    const parts: Entry[][] = []
    let room = STORY
    for (const day of daysIn(this.#folder).toReversed()) {
      const part = await this.#read(day, async (reader) => {
        const found = await new Hits().update(reader, { day, session })
        return slice(reader, found, Math.max(0, found.total - room), room)
      })
      parts.unshift(part ?? [])
      room -= part?.length ?? 0
      if (room <= 0) break
    }
    return parts.flat()
  }

  /** The next piece of the trail of sessions, newest first. */
  async trail(request: TrailRequest): Promise<TrailPiece> {
    const days = daysIn(this.#folder).filter((day) => day >= this.#calendar.dayOf(request.since))
    const day = request.before?.day ?? days.at(-1)
    if (day === undefined) return { rows: [], looked: 0 }
    const piece = await this.#read(day, (reader) =>
      trailOf(reader, request, request.before?.position ?? reader.range().last + 1),
    )
    const first = piece?.from ?? 0
    const begun = piece !== undefined && first > 1 && piece.looked > 0
    const next = begun ? { day, position: first } : earlier(days, day)
    return { rows: piece?.rows ?? [], looked: piece?.looked ?? 0, ...(next && { next }) }
  }

  /** The next piece of an export: matches behind a position, none that came after it began. */
  async piece(filter: Filter, format: Format, after: number, through: number | undefined): Promise<Piece> {
    const piece = await this.#read(filter.day, async (reader) => {
      const found = await this.#find(reader, filter)
      const end = through ?? found.through
      const from = found.countThrough(after)
      const count = Math.min(PIECE, found.countThrough(end) - from)
      const lines = slice(reader, found, from, count).map((entry) => formatEntry(entry, format, this.#calendar))
      return {
        text: lines.join(''),
        after: count > 0 ? found.at(from + count - 1) : end,
        through: end,
        end: count < PIECE,
      }
    })
    const rest = piece ?? { text: '', after, through: 0, end: true }
    return after === 0 && through === undefined ? { ...rest, text: formatHead(format) + rest.text } : rest
  }

  async #find(reader: DayReader, filter: Filter): Promise<Found> {
    const { day: _, ...rest } = filter
    const key = JSON.stringify([reader.file, reader.day, rest])
    const narrowed = filter.user !== undefined || filter.session !== undefined || filter.search || filter.kinds?.length
    if (!narrowed) return allOf(reader)
    const hits = this.#hits.get(key) ?? new Hits()
    this.#hits.delete(key)
    this.#hits.set(key, hits)
    const found = await hits.update(reader, filter)
    this.#forget()
    return found
  }

  #forget(): void {
    let sum = [...this.#hits.values()].reduce((total, hits) => total + hits.length, 0)
    for (const [key, hits] of this.#hits) {
      if (this.#hits.size === 1 || (sum <= REMEMBERED && this.#hits.size <= FILTERS)) return
      this.#hits.delete(key)
      sum -= hits.length
    }
  }

  /** Reads the file of a day; undefined where there is none. */
  async #read<Value>(day: string, work: (reader: DayReader) => Value | Promise<Value>): Promise<Value | undefined> {
    const path = dayPath(this.#folder, day)
    if (!existsSync(path)) return undefined
    let reader: DayReader | undefined
    try {
      reader = new DayReader(this.#folder, day)
      return await work(reader)
    } catch (error) {
      // Retention may take the day away at any moment.
      if (!existsSync(path) || unfinished(error)) return undefined
      if (damaged(error)) throw new DamagedDay(day)
      throw error
    } finally {
      reader?.close()
    }
  }
}

/** The end of the day before. */
function earlier(days: readonly string[], day: string): TrailPlace | undefined {
  const before = days.filter((one) => one < day).at(-1)
  return before === undefined ? undefined : { day: before, position: 1e9 }
}

function slice(reader: DayReader, found: Found, from: number, count: number): Entry[] {
  const entries: Entry[] = []
  for (let index = from; index < Math.min(from + count, found.total); index++) {
    const entry = reader.entry(found.at(index))
    if (entry) entries.push(entry)
  }
  return entries
}
