/**
 * An upload over TLS in a thread of the kernel mover: opened as it comes, and written in large pieces. As in clear, what is granted
 * ahead is a small part of what limits leave; close to one only what has been opened is asked for.
 */
import { writeSync } from 'node:fs'
import { Broken } from './course.ts'
import type { Turn } from './course.ts'
import type { Tls } from './openssl.ts'
import { SecureCourse, attempt } from './secure-course.ts'

/** Pieces of one turn at most. */
const TURN = 4

export class SecureReceiving extends SecureCourse {
  /** What ended it; all that came before is written first. */
  #over: 'end' | Broken | undefined

  protected move(tls: Tls): Turn {
    this.ready = 'readable'
    for (let piece = 0; piece < TURN; piece++) {
      const wanted = this.#over ? undefined : this.#open(tls)
      if (this.held.length === 0) {
        this.held.release()
        return this.#over ? this.#finish(tls, this.#over) : 'socket'
      }
      if (this.held.length > this.credit) this.ask(this.held.length - this.credit)
      this.#write()
      this.askAhead()
      // No more can be taken until something has been written.
      if (this.held.length > 0 && !wanted) return 'grant'
      if (wanted) return this.held.length > 0 ? 'either' : 'socket'
    }
    return 'again'
  }

  /** Fills the buffer as far as possible now; true when it is the socket that has no more. */
  #open(tls: Tls): boolean {
    for (let room = this.held.room(); room.length > 0; room = this.held.room()) {
      const length = this.#read(tls, room)
      if (typeof length !== 'number') return length
      this.held.put(length)
    }
    return false
  }

  #read(tls: Tls, room: Buffer): number | boolean {
    try {
      const length = tls.read(room)
      if (typeof length === 'number') return length
      if (length === 'readable' || length === 'writable') {
        this.ready = length
        return true
      }
      const taken = length === 'end' || !this.job.protection.strictEnd
      this.#over = taken ? 'end' : new Broken('cut', 'no close_notify')
    } catch (error) {
      this.#over = new Broken('network', error)
    }
    return false
  }

  #write(): void {
    const octets = this.held.octets(this.credit)
    for (let done = 0; done < octets.length; ) {
      const { file } = this.job
      done += attempt('file', () => writeSync(file, octets, done, octets.length - done, this.position + done))
    }
    this.held.took(octets.length)
    this.moved(octets.length)
  }

  #finish(tls: Tls, over: 'end' | Broken): Turn {
    if (over !== 'end') throw over
    // A client that has gone without waiting for our answer has said its own.
    try {
      tls.finish()
    } catch {}
    return 'end'
  }
}
