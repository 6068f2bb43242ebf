/** An opened file on its way to the client. */
import { read, type Stats } from 'node:fs'
import type { Download } from '../ftp/backend.ts'
import { closeDescriptor } from './confinement.ts'
import { filesError } from './errno.ts'

export class FileDownload implements Download {
  readonly fd: number
  readonly size: number
  readonly modified: number
  #open = true

  /** Takes over the descriptor. */
  constructor(fd: number, stats: Stats) {
    this.fd = fd
    this.size = stats.size
    this.modified = Math.trunc(stats.mtimeMs)
  }

  read(buffer: Uint8Array, position: number): Promise<number> {
    return new Promise((resolve, reject) => {
      read(this.fd, buffer, 0, buffer.length, position, (error, bytes) => {
        if (error) reject(filesError(error))
        else resolve(bytes)
      })
    })
  }

  async close(): Promise<void> {
    // Closing twice would close whatever got the number since.
    if (!this.#open) return
    this.#open = false
    await closeDescriptor(this.fd)
  }
}
