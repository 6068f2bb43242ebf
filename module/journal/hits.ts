/** The entries of a day that match a filter, as positions: found once, kept packed, and continued as the day goes on. */
import { setImmediate } from 'node:timers/promises'
import { packTerm } from './block.ts'
import type { Wanted } from './block.ts'
import type { DayReader } from './day-reader.ts'
import { findable, searchTerm, wantedKinds } from './filter.ts'
import type { Filter } from './filter.ts'
import { Positions } from './positions.ts'

/** Blocks looked through before other requests get their turn: a few milliseconds. */
const AT_ONCE = 48

/** The matching entries of a day, ascending. */
export interface Found {
  readonly total: number
  /** The position of the newest entry that was looked at. */
  readonly through: number
  /** The position of the n-th match, from 0. */
  at(index: number): number
  /** How many matches lie at or before a position. */
  countThrough(position: number): number
}

/** Every entry of a day: nothing needs to be looked for. */
export function allOf(reader: DayReader): Found {
  const { first, last } = reader.range()
  const total = Math.max(0, last - first + 1)
  return {
    total,
    through: last,
    at: (index) => first + index,
    countThrough: (position) => Math.min(Math.max(0, position - first + 1), total),
  }
}

/** The matches of one filter in the blocks of one file. */
export class Hits {
  readonly #positions = new Positions()
  /** Everything up to here was looked through. */
  #through = 0
  #turn: Promise<unknown> = Promise.resolve()

  get length(): number {
    return this.#positions.length
  }

  /** Looks through what was written since, and answers all matches with those that are in no block yet. */
  update(reader: DayReader, filter: Filter): Promise<Found> {
    const found = this.#turn.then(() => this.#update(reader, filter))
    this.#turn = found.catch(() => undefined)
    return found
  }

  async #update(reader: DayReader, filter: Filter): Promise<Found> {
    const wanted = wantedOf(reader, filter)
    const term = searchTerm(filter)
    // A name that the file does not hold, or a term that no entry can: nothing to look for.
    if (wanted !== undefined && (term === undefined || findable(term))) {
      const packed = term === undefined ? undefined : packTerm(term)
      for (let before = -1; before !== this.#through;) {
        before = this.#through
        this.#through = reader.scan(before, AT_ONCE, wanted, packed, this.#positions)
        await setImmediate()
      }
    }
    return this.#found(reader)
  }

  #found(reader: DayReader): Found {
    const { first, last } = reader.range()
    const positions = this.#positions
    const gone = positions.countThrough(first - 1)
    // Others may go on looking while this answer is used; what they add lies behind it.
    const total = positions.length - gone
    return {
      total,
      through: last,
      at: (index) => positions.at(gone + index),
      countThrough: (position) => Math.min(Math.max(0, positions.countThrough(position) - gone), total),
    }
  }
}

/** The columns a filter asks for; undefined = a name in it does not occur. */
function wantedOf(reader: DayReader, filter: Filter): Wanted | undefined {
  const kinds = wantedKinds(filter)
  const user = filter.user === undefined ? undefined : reader.codeOf(filter.user)
  const session = filter.session === undefined ? undefined : reader.codeOf(filter.session)
  if (filter.user !== undefined && user === undefined) return undefined
  if (filter.session !== undefined && session === undefined) return undefined
  return {
    ...(kinds === undefined ? {} : { kinds }),
    ...(user === undefined ? {} : { user }),
    ...(session === undefined ? {} : { session }),
  }
}
