/** One connection that is expected: whoever asks gets it once it is there, or why it will not come. */
import type { Signal } from './aborted.ts'
import { Deadline } from './deadline.ts'
import { ConnectFailed } from './endpoint.ts'

export class Arrival<Connection> {
  readonly #discard: (connection: Connection) => void
  readonly #over: () => void
  #deadline: Deadline
  #connection: Connection | undefined
  #waiting: { readonly resolve: (connection: Connection) => void; readonly reject: (error: Error) => void } | undefined
  /** Why nobody will come any more. Errors are made when somebody asks: they cost more than a port. */
  #failure: string | undefined
  #ended = false

  /**
   * `patience`: milliseconds until nobody is expected any more. `over` is called once, when the one has come or nobody will;
   * `discard` gets a connection that nobody wants. `early`: what is done once where the one has not come by then, milliseconds.
   */
  constructor(
    patience: number,
    over: () => void,
    discard: (connection: Connection) => void,
    early?: { readonly after: number; readonly act: () => void },
  ) {
    this.#over = over
    this.#discard = discard
    const late = () => this.fail('Nobody connected to the data port in time.')
    const first = Math.min(early?.after ?? patience, patience)
    this.#deadline = new Deadline(first, () => {
      if (!early) return late()
      this.#deadline = new Deadline(patience - first, late)
      early.act()
    })
  }

  /** Whether somebody is still expected. */
  get open(): boolean {
    return !this.#ended
  }

  /** The connection, if it is there; it is the caller's from here on. */
  take(): Connection | undefined {
    const connection = this.#connection
    this.#connection = undefined
    return connection
  }

  /** The connection, once it is there. Rejects with a {@link ConnectFailed} or the signal's reason. To be called once. */
  wait(signal: Signal): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const aborted = () => {
        this.#waiting = undefined
        this.close()
        reject(signal.reason)
      }
      if (signal.aborted) return aborted()
      if (this.#failure !== undefined) return reject(new ConnectFailed(this.#failure))
      const there = this.take()
      if (there !== undefined) return resolve(there)
      signal.addEventListener('abort', aborted, { once: true })
      const heard = () => signal.removeEventListener('abort', aborted)
      this.#waiting = {
        resolve(connection) {
          heard()
          resolve(connection)
        },
        reject(error) {
          heard()
          reject(error)
        },
      }
    })
  }

  /** The one that was expected. */
  come(connection: Connection): void {
    this.#end()
    if (this.#waiting) this.#waiting.resolve(connection)
    else this.#connection = connection
    this.#waiting = undefined
  }

  fail(failure: string): void {
    if (this.#ended) return
    this.#end()
    this.#failure = failure
    this.#waiting?.reject(new ConnectFailed(failure))
    this.#waiting = undefined
  }

  close(): void {
    this.#end()
    const there = this.take()
    if (there !== undefined) this.#discard(there)
    this.#failure ??= 'The data connection was closed.'
    this.#waiting?.reject(new ConnectFailed(this.#failure))
    this.#waiting = undefined
  }

  #end(): void {
    if (this.#ended) return
    this.#ended = true
    this.#deadline.cancel()
    this.#over()
  }
}
