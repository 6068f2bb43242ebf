/** One entry of the log: what it holds, and how text of strangers is made fit for it. */
import { printable } from '../ftp/printable.ts'
import type { TransferResult } from '../ftp/events.ts'
import type { Level } from '../ftp/verdict.ts'

/** How serious an entry is; pages show them white, green, yellow and red. The order is the code stored on disk. */
export const KINDS = ['message', 'status', 'warning', 'error'] as const
export type Kind = (typeof KINDS)[number]

/** An entry as it is handed in. */
export interface NewEntry {
  readonly kind: Kind
  /** What happened, as a word that does not change with the wording: `login`, `transfer-ended`, `settings-changed`. */
  readonly event: string
  /** English, for people; shortened to 4,096 characters. */
  readonly text: string
  /** Wall clock, milliseconds since 1970; absent = now. */
  readonly time?: number
  /** `Client.id` of the engine's session. */
  readonly session?: string
  readonly user?: string
  readonly address?: string
  readonly domain?: string
  /** A virtual path. */
  readonly path?: string
  readonly bytes?: number
  readonly seconds?: number
  readonly result?: TransferResult
  /** The rule that decided, where one did. */
  readonly verdict?: { readonly rule: string; readonly level: Level; readonly detail?: string }
}

/** An entry on its way to the disk and back: one line of printable text in every field. */
export interface CleanEntry extends NewEntry {
  readonly time: number
}

/** An entry as it is stored. */
export interface Entry extends CleanEntry {
  /** Rises with the order of writing within a day, and with the days; a safe integer. */
  readonly id: number
}

/** Characters of one field; a command line of the engine and any path fit. */
const LONGEST = 4096
/** The last millisecond of the year 9999: days keep four digits of year. */
const LAST_TIME = 253_402_300_799_999

/** A field that cannot break out of its line or of its place in it: no control characters, at most 4,096 characters. */
export function cleanText(text: string): string {
  const line = printable(text.length > LONGEST ? text.slice(0, LONGEST) : text)
  return line.length > LONGEST || text.length > LONGEST ? `${line.slice(0, LONGEST - 1)}…` : line
}

/** Whole milliseconds within the years that days can be written of. A clock that was never set may say anything; no entry is lost for that. */
export function cleanTime(time: number, now: number): number {
  const whole = Math.trunc(Number.isFinite(time) ? time : now)
  return Math.min(Math.max(whole, 0), LAST_TIME)
}
