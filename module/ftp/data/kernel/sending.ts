/** A download in a thread of the kernel mover: sendfile, as much as the connection takes. */
import { Broken, Course } from './course.ts'
import type { Turn } from './course.ts'
import { CallFailed } from './libc.ts'

/** Octets of one call at most: a client that reads meanwhile would get all of them, and the others wait. */
const SHARED = 2 * 1024 * 1024
/** The same where nobody waits. */
const ALONE = 8 * 1024 * 1024
/** Errors of sendfile that come from the file; all others come from the connection. */
const OF_FILE = new Set(['EIO', 'ENOMEM', 'EBADF', 'EINVAL', 'EOVERFLOW', 'ESTALE', 'ENXIO'])

export class Sending extends Course {
  protected readonly ready = 'writable'
  #started = false

  protected turn(): Turn {
    if (!this.#started) this.libc.readAhead(this.job.file)
    this.#started = true
    if (this.credit > 0) {
      const sent = this.#send(Math.min(this.credit, this.alone ? ALONE : SHARED))
      if (sent === undefined) return 'socket'
      if (sent === 0) return 'end'
      this.moved(sent)
      this.askAhead()
    }
    if (this.credit > 0) return this.position < this.job.until ? 'more' : 'again'
    this.ask(0)
    return 'grant'
  }

  #send(octets: number): number | undefined {
    const { socket, file } = this.job
    try {
      return this.libc.sendFile(socket, file, this.position, octets)
    } catch (error) {
      const side = error instanceof CallFailed && OF_FILE.has(error.code) ? 'file' : 'network'
      throw new Broken(side, error)
    }
  }
}
