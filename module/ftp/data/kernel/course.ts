/** One transfer in a thread of the kernel mover: what sending and receiving share. */
import { closeSync } from 'node:fs'
import type { Libc, Polled } from './libc.ts'
import type { Answer, Failure, Protection } from './messages.ts'
import type { Wait } from './poll.ts'

/** Milliseconds between two reports of what has moved. */
const REPORT = 100
/** Milliseconds for which a transfer that is alone waits for its socket by itself, and for which it does so before others are heard. */
const PATIENCE = 5
const ALONE = 3
/** Milliseconds for which a transfer goes gently: those who began at the same time are not there yet, and have a right to as much. */
const YOUNG = 30

export interface Job {
  readonly id: number
  readonly socket: number
  readonly file: number
  readonly from: number
  readonly until: number
  readonly credit: number
  readonly stall: number
  readonly protection?: Protection
}

/**
 * What one turn came to: more can be done at once, once the socket is ready, or once octets are granted. `again`: at once, though
 * the socket need not be ready; `either`: octets are waited for, and meanwhile more can be taken from the socket.
 */
export type Turn = 'more' | 'again' | 'socket' | 'either' | 'grant' | 'end'

/** What a transfer has in its thread. */
export interface Surroundings {
  readonly libc: Libc
  readonly wait: Wait
  /** Whether no other transfer is in the thread. */
  alone(): boolean
  answer(answer: Answer): void
  ended(): void
}

export abstract class Course {
  protected readonly libc: Libc
  protected readonly job: Job
  protected credit: number
  protected position: number
  /** An `asked` waits for its grant. */
  protected asking = false
  #granted: number
  readonly #surroundings: Surroundings
  readonly #began = performance.now()
  #watched: Polled | undefined
  #watchedFor: Course['ready'] | undefined
  #soon = false
  #unreported = 0
  #reported = 0
  #lastMoved = performance.now()
  #waitsForClient = false
  #told = false
  #over = false

  constructor(surroundings: Surroundings, job: Job) {
    this.libc = surroundings.libc
    this.job = job
    this.position = job.from
    this.credit = this.#granted = job.credit
    this.#surroundings = surroundings
  }

  /** One bounded piece of work, so that all transfers have their turn. Throws a {@link Broken}. */
  protected abstract turn(): Turn
  protected abstract readonly ready: 'readable' | 'writable'

  /** Lets go of what holds on to the socket, which is closed next. */
  protected release(): void {}

  /** Goes on as far as possible now. */
  go(): void {
    if (this.#over) return
    try {
      const turn = this.#turns()
      if (turn === 'end') return this.end()
      this.#waitsForClient = turn !== 'grant' && turn !== 'either'
      if (turn === 'grant') this.#rest()
      else if (turn === 'again') this.#again()
      else this.#watch()
    } catch (error) {
      this.end(error instanceof Broken ? error.failure : { side: 'file', code: String(error) })
    }
  }

  /** Whether nobody else needs a turn: nobody is there, nor to be expected. */
  protected get alone(): boolean {
    return this.#surroundings.alone() && performance.now() - this.#began >= YOUNG
  }

  /** As many as can be had one after the other. */
  #turns(): Turn {
    const end = performance.now() + ALONE
    for (;;) {
      const turn = this.turn()
      if ((turn !== 'more' && turn !== 'socket') || this.asking || !this.alone || performance.now() >= end) return turn
      if (!this.#surroundings.wait(this.job.socket, this.ready, PATIENCE)) return turn
    }
  }

  /** A socket that is ready calls again in the next turn of the loop: others come first. */
  #watch(): void {
    if (this.#watchedFor !== this.ready) this.#rest()
    this.#watchedFor = this.ready
    this.#watched ??= this.libc.watch(this.job.socket, this.ready, (status) => {
      // It calls no more; and a connection that broke may still have what came before.
      if (status !== 0) this.#rest()
      if (!this.#soon) this.go()
    })
  }

  #again(): void {
    if (this.#soon) return
    this.#soon = true
    setImmediate(() => {
      this.#soon = false
      this.go()
    })
  }

  grant(octets: number): void {
    this.credit += octets
    this.#granted = octets
    this.asking = false
    this.#lastMoved = performance.now()
    this.go()
  }

  /** From here on everything has to be granted. */
  hold(): void {
    this.credit = Math.min(0, this.credit)
    this.go()
  }

  end(failure?: Failure): void {
    if (this.#over) return
    this.#over = true
    this.#rest()
    this.release()
    closeSync(this.job.socket)
    closeSync(this.job.file)
    this.report(true)
    this.#surroundings.answer({ kind: 'ended', id: this.job.id, ...(failure && { failure }) })
    this.#surroundings.ended()
  }

  /** To be called now and then: reports what moved, and a client that keeps us waiting. */
  look(now: number): void {
    this.report(false)
    if (!this.#waitsForClient || this.#told || now - this.#lastMoved < this.job.stall) return
    this.#told = true
    this.#surroundings.answer({ kind: 'stalled', id: this.job.id })
  }

  protected moved(octets: number): void {
    this.credit -= octets
    this.position += octets
    this.#unreported += octets
    this.#lastMoved = performance.now()
    if (this.#lastMoved - this.#reported >= REPORT) this.report(true)
  }

  /** In time, so that the answer is there before the rest has gone. */
  protected askAhead(): void {
    if (Number.isFinite(this.credit) && this.credit > 0 && this.credit <= this.#granted / 2) this.ask(0)
  }

  protected ask(wanted: number): void {
    if (this.asking) return
    this.asking = true
    // Whoever grants more knows what has become of the last.
    this.report(true)
    this.#surroundings.answer({ kind: 'asked', id: this.job.id, wanted })
  }

  protected report(now: boolean): void {
    const time = performance.now()
    if (this.#unreported === 0 || (!now && time - this.#reported < REPORT)) return
    this.#reported = time
    this.#surroundings.answer({ kind: 'moved', id: this.job.id, octets: this.#unreported })
    this.#unreported = 0
  }

  #rest(): void {
    // Before the descriptor is closed: its number may be somebody else's a moment later.
    this.#watched?.close()
    this.#watched = undefined
    this.#watchedFor = undefined
  }
}

/** A call failed that the transfer cannot do without. */
export class Broken extends Error {
  readonly failure: Failure
  constructor(side: Failure['side'], cause: unknown) {
    super(side, { cause })
    this.failure = { side, code: cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause) }
  }
}
