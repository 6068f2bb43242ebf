/** An opened file on its way to the client. */
import { read, readSync, type Stats } from 'node:fs'
import type { Download } from '../ftp/backend.ts'
import { closeDescriptor } from './descriptor.ts'
import { filesError, translated } from './errno.ts'
import { DIRECT_BYTES, type Pace } from './pace.ts'

export class FileDownload implements Download {
  readonly fd: number
  readonly size: number
  readonly modified: number
  readonly #pace: Pace
  #open = true

  /** Takes over the descriptor. */
  constructor(fd: number, stats: Stats, pace: Pace) {
    this.#pace = pace
    this.fd = fd
    this.size = stats.size
    this.modified = Math.trunc(stats.mtimeMs)
  }

  read(buffer: Uint8Array, position: number): Promise<number> {
    if (buffer.length > DIRECT_BYTES) return this.#pace.threaded(() => this.#readThreaded(buffer, position))
    return translated(() =>
      this.#pace.call(
        () => readSync(this.fd, buffer, 0, buffer.length, position),
        () => this.#readThreaded(buffer, position),
      ),
    )
  }

  readNow(buffer: Uint8Array, position: number): number | undefined {
    if (buffer.length > DIRECT_BYTES || !this.#pace.quick) return undefined
    try {
      return this.#pace.direct(() => readSync(this.fd, buffer, 0, buffer.length, position))
    } catch (error) {
      throw filesError(error)
    }
  }

  #readThreaded(buffer: Uint8Array, position: number): Promise<number> {
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
    const closing = closeDescriptor(this.fd, this.#pace)
    if (closing) await closing
  }
}
