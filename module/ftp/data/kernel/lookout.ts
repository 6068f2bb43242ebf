/** What a socket is waited for, which changes often: it can only be watched once at a time. */
import type { Libc, Polled, Ready } from './libc.ts'

export class Lookout {
  readonly #calls: Libc
  readonly #socket: number
  readonly #changed: (status: number) => void
  #watched: Polled | undefined
  #ready: Ready | undefined

  /** `changed`: see {@link Libc.watch}. */
  constructor(calls: Libc, socket: number, changed: (status: number) => void) {
    this.#calls = calls
    this.#socket = socket
    this.#changed = changed
  }

  /** From here on only for this. */
  watch(reads: boolean, writes: boolean): void {
    const ready = reads ? (writes ? 'both' : 'readable') : writes ? 'writable' : undefined
    if (ready === this.#ready) return
    this.#watched?.close()
    this.#ready = ready
    this.#watched = ready && this.#calls.watch(this.#socket, ready, this.#changed)
  }
}
