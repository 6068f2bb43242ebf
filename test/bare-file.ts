/** Files of the machine without a name, for contents in memory that movers are to reach by a descriptor. */
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The descriptor of a new file with this content, to be read and written; gone once it is closed. `on`: a folder of its disk. */
export function bareFile(content: Uint8Array, on = tmpdir()): number {
  const folder = mkdtempSync(join(on, 'bare-'))
  const fd = openSync(join(folder, 'file'), 'w+')
  rmSync(folder, { recursive: true })
  try {
    for (let done = 0; done < content.length;) done += writeSync(fd, content, done, content.length - done, done)
  } catch (error) {
    closeSync(fd)
    throw error
  }
  return fd
}
