/** A download over TLS in a thread of the kernel mover: read from the file, sealed, and sent, record by record. */
import { readSync } from 'node:fs'
import type { Turn } from './course.ts'
import type { Tls } from './openssl.ts'
import { SecureCourse, attempt } from './secure-course.ts'

/** Octets of one turn at most. */
const TURN = 1024 * 1024
/** Octets read from the file at once; so few that they are still in the processor's cache when they are sealed. */
const PIECE = 64 * 1024

export class SecureSending extends SecureCourse {
  #whole = false
  #gathers = false

  protected move(tls: Tls): Turn {
    if (!this.#gathers) tls.gather()
    this.#gathers = true
    for (let moved = 0; moved < TURN; ) {
      if (this.held.length === 0 && !this.#whole && this.credit > 0) this.#read()
      if (this.#whole) return this.#finish(tls)
      if (this.held.length === 0) break
      const taken = attempt('network', () => tls.write(this.held.octets()))
      if (typeof taken !== 'number') {
        this.ready = taken
        return 'socket'
      }
      this.held.took(taken)
      this.moved(taken)
      moved += taken
    }
    if (this.credit <= 0) this.ask(0)
    else this.askAhead()
    // Under a speed limit the next octets may be long in coming.
    this.ready = attempt('network', () => tls.flush()) ?? 'writable'
    return this.credit > 0 ? 'more' : 'grant'
  }

  #read(): void {
    const { file } = this.job
    const most = Math.min(PIECE, this.credit)
    const length = attempt('file', () => readSync(file, this.held.room(), 0, most, this.position))
    this.held.put(length)
    this.#whole = length === 0
    if (this.#whole) this.held.release()
  }

  #finish(tls: Tls): Turn {
    const wanted = attempt('network', () => tls.finish())
    if (!wanted) return 'end'
    this.ready = wanted
    return 'socket'
  }
}
