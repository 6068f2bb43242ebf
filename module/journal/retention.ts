/** What the log may keep: days by the calendar, megabytes by throwing away the oldest. */
import { rmSync } from 'node:fs'
import { bytesOf, damagedIn, dayPath, daysIn, removeDatabase } from './folder.ts'

export interface Retention {
  /** Days before today that are kept; today always is. */
  readonly days: number
  /** All files of the log together. */
  readonly megabytes: number
}

/** Damaged files that are kept for whoever wants to look at them. */
const DAMAGED = 2
const DAY = 24 * 60 * 60 * 1000
const MEGABYTE = 1_000_000

/** The days that are older than may be kept. */
export function expiredDays(days: readonly string[], today: string, keep: number): string[] {
  const oldest = new Date(Math.max(0, Date.parse(today) - keep * DAY)).toISOString().slice(0, 10)
  return days.filter((day) => day < oldest)
}

/** Forgets days by the calendar; answers which. */
export function dropExpired(folder: string, today: string, retention: Retention): string[] {
  const expired = expiredDays(daysIn(folder), today, retention.days)
  for (const day of expired) removeDatabase(dayPath(folder, day))
  return expired
}

/**
 * Makes room: damaged files first, then the oldest days, never one that is open for writing. Of those, given by their day, only the
 * bytes in use count: what was forgotten inside is used again before the file grows.
 */
export function dropExcess(folder: string, open: ReadonlyMap<string, number>, retention: Retention): Excess {
  const damaged = damagedIn(folder)
  for (const path of damaged.splice(0, Math.max(0, damaged.length - DAMAGED))) rmSync(path, { force: true })
  const files = daysIn(folder).map((day) => ({ day, bytes: open.get(day) ?? bytesOf(dayPath(folder, day)) }))
  const sizes = [...files.map(({ bytes }) => bytes), ...damaged.map(bytesOf)]
  let excess = sizes.reduce((sum, bytes) => sum + bytes, 0) - retention.megabytes * MEGABYTE
  while (excess > 0 && damaged.length > 0) {
    const path = damaged.shift() ?? ''
    excess -= bytesOf(path)
    rmSync(path, { force: true })
  }
  const days: string[] = []
  for (const { day, bytes } of files) {
    if (excess <= 0) break
    if (open.has(day)) continue
    excess -= bytes
    removeDatabase(dayPath(folder, day))
    days.push(day)
  }
  return { days, excess: Math.max(0, excess) }
}

export interface Excess {
  /** The days that were forgotten. */
  readonly days: readonly string[]
  /** Bytes by which the log is still too large. */
  readonly excess: number
}
