/** This side of the thread that hashes: started with the first job, ended when it had none for a while. */
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Answer, Command, Numbered, Work } from './digest-worker.ts'

/** Milliseconds after which a thread without a job is ended. */
const IDLE = 30_000

/** TypeScript while developing, JavaScript in the firmware. */
const SCRIPT = new URL(`./digest-worker${extname(import.meta.url)}`, import.meta.url)

/** One piece of work in the thread. */
export interface Job {
  /** Tells it something and waits for the answer; one at a time. `gone` when the thread has stopped. */
  ask(command: Command, transfer?: ArrayBuffer[]): Promise<Answer>
  /** Lets the thread forget it; a question that waits is answered `gone` or with its value. */
  cancel(): void
  /** The job has ended. */
  close(): void
}

export class DigestThread {
  readonly #idle: number
  #worker: Worker | undefined
  #timer: NodeJS.Timeout | undefined
  #last = 0
  #open = 0
  readonly #answers = new Map<number, (answer: Answer) => void>()

  /** `idle`: milliseconds without a job after which the thread is ended. */
  constructor(idle: number = IDLE) {
    this.#idle = idle
  }

  /** Whether the thread exists now. */
  get running(): boolean {
    return this.#worker !== undefined
  }

  open(work: Work): Job {
    const worker = this.#start()
    const id = (this.#last += 1)
    const tell = (content: Command, transfer: ArrayBuffer[] = []) => {
      const message: Numbered<Command> = { id, content }
      worker.postMessage(message, transfer)
    }
    tell({ kind: 'open', work })
    return {
      ask: (command, transfer) =>
        new Promise((resolve) => {
          if (this.#worker !== worker) return resolve({ kind: 'gone' })
          this.#answers.set(id, resolve)
          tell(command, transfer)
        }),
      cancel: () => tell({ kind: 'cancel' }),
      close: () => {
        tell({ kind: 'cancel' })
        this.#rest()
      },
    }
  }

  #start(): Worker {
    clearTimeout(this.#timer)
    this.#open += 1
    this.#worker ??= this.#launch()
    // A process does not end in the middle of a job, but it does not live for a thread without one.
    this.#worker.ref()
    return this.#worker
  }

  #launch(): Worker {
    const worker = new Worker(SCRIPT)
    worker.on('message', ({ id, content }: Numbered<Answer>) => {
      this.#answers.get(id)?.(content)
      this.#answers.delete(id)
    })
    // What went wrong is told by the end that follows: everybody who waits gets no value.
    worker.on('error', () => undefined)
    worker.on('exit', () => this.#ended(worker))
    return worker
  }

  #rest(): void {
    this.#open -= 1
    if (this.#open > 0) return
    this.#worker?.unref()
    this.#timer = setTimeout(() => {
      const worker = this.#worker
      this.#worker = undefined
      void worker?.terminate()
    }, this.#idle).unref()
  }

  #ended(worker: Worker): void {
    if (this.#worker !== worker) return
    this.#worker = undefined
    for (const answer of this.#answers.values()) answer({ kind: 'gone' })
    this.#answers.clear()
  }
}
