/** What clients are told of a file or directory. */
import type { Stats } from 'node:fs'
import type { Entry, Right } from '../ftp/backend.ts'
import { uniqueText } from '../ftp/facts.ts'

/** The entry of what was found; `undefined` for devices, sockets, FIFOs and links, which clients never see. */
export function entryOf(name: string, stats: Stats, rights: ReadonlySet<Right>): Entry | undefined {
  const file = stats.isFile()
  if (!file && !stats.isDirectory()) return undefined
  return {
    name,
    type: file ? 'file' : 'directory',
    size: file ? stats.size : 0,
    modified: Math.trunc(stats.mtimeMs),
    mode: stats.mode & 0o777,
    unique: uniqueText(stats.dev, stats.ino),
    links: stats.nlink,
    rights,
  }
}
