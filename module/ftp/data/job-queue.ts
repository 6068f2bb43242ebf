/** A bounded queue for work that costs much: few jobs at once, some that wait, and 450 for the rest. */
import { Refusal } from '../reply.ts'
import type { Signal } from './aborted.ts'

export class JobQueue {
  readonly #atOnce: number
  readonly #waitingAtMost: number
  #running = 0
  readonly #waiting: (() => void)[] = []

  constructor(atOnce: number, waitingAtMost: number) {
    this.#atOnce = atOnce
    this.#waitingAtMost = waitingAtMost
  }

  /**
   * Runs a job in its turn and answers its result. Rejects with the signal's reason when aborted before the turn came, and
   * refuses with 450 when too many wait.
   */
  async run<Result>(signal: Signal, job: () => Promise<Result>): Promise<Result> {
    signal.throwIfAborted()
    if (this.#running < this.#atOnce) this.#running += 1
    else await this.#turn(signal)
    try {
      return await job()
    } finally {
      const next = this.#waiting.shift()
      // The place is handed over, so that nobody who comes now can take it.
      if (next) next()
      else this.#running -= 1
    }
  }

  #turn(signal: Signal): Promise<void> {
    if (this.#waiting.length >= this.#waitingAtMost) throw new Refusal(450, 'Busy, try again later.')
    return new Promise((resolve, reject) => {
      const go = () => {
        signal.removeEventListener('abort', aborted)
        resolve()
      }
      const aborted = () => {
        this.#waiting.splice(this.#waiting.indexOf(go), 1)
        reject(signal.reason)
      }
      signal.addEventListener('abort', aborted, { once: true })
      this.#waiting.push(go)
    })
  }
}
