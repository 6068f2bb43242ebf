/** The log's folder: one SQLite file for each day, so that a day is forgotten by removing a file. */
import { closeSync, openSync, readdirSync, readSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'

const DAY_FILE = /^(\d{4}-\d{2}-\d{2})\.sqlite$/
const DAMAGED = /^\d{4}-\d{2}-\d{2}\.sqlite\.damaged-(\d+)$/
/** Files that SQLite keeps beside an open one. */
const COMPANIONS = ['-wal', '-shm', '-journal']

/** The file of a day. Refuses what is no day: the text may come from an address bar and becomes part of a path. */
export function dayPath(folder: string, day: string): string {
  if (!DAY_FILE.test(`${day}.sqlite`)) throw new RangeError('A day is written as 2026-10-25.')
  return join(folder, `${day}.sqlite`)
}

/** The days that have a file, oldest first; none where there is no folder. */
export function daysIn(folder: string): string[] {
  return namesIn(folder)
    .flatMap((name) => DAY_FILE.exec(name)?.[1] ?? [])
    .sort()
}

/** Files set aside because they were damaged, oldest first. */
export function damagedIn(folder: string): string[] {
  return namesIn(folder)
    .filter((name) => DAMAGED.test(name))
    .sort((a, b) => damagedAt(a) - damagedAt(b))
    .map((name) => join(folder, name))
}

function damagedAt(name: string): number {
  return Number(DAMAGED.exec(name)?.[1])
}

/** The name under which a damaged file is kept. */
export function damagedPath(path: string, now: number): string {
  return `${path}.damaged-${now}`
}

/** Bytes on the disk of a database file with all that belongs to it. */
export function bytesOf(path: string): number {
  return [path, ...companionsOf(path)].reduce((sum, file) => sum + (sizeOf(file) ?? 0), 0)
}

/** Whether a file was left open by somebody: its log has not been taken over yet. */
export function leftOpen(path: string): boolean {
  return sizeOf(`${path}-wal`) !== undefined
}

/** The `user_version` of a database file (SQLite's file format, section 1.3.15); Infinity where it cannot be read. */
export function versionOf(path: string): number {
  const head = Buffer.alloc(64)
  try {
    const file = openSync(path, 'r')
    try {
      return readSync(file, head) < head.length ? Infinity : head.readUInt32BE(60)
    } finally {
      closeSync(file)
    }
  } catch {
    return Infinity
  }
}

/** Removes a database file with all that belongs to it. */
export function removeDatabase(path: string): void {
  for (const file of [path, ...companionsOf(path)]) rmSync(file, { force: true })
}

export function companionsOf(path: string): string[] {
  return COMPANIONS.map((ending) => path + ending)
}

function sizeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.size
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
