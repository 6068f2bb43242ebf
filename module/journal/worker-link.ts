/** Calls across threads: a worker serves a set of methods, the main thread calls them and gets promises. */
import { parentPort, Worker } from 'node:worker_threads'

/** Node 22 warns of its SQLite in each thread that opens it. */
const QUIET = '--disable-warning=ExperimentalWarning'
/** A batch of entries or a page of them is small, and forgotten at once: what it left need not fill 32 MiB before it is collected. */
const MEMORY = { maxYoungGenerationSizeMb: 6 }

/** What a worker serves. Arguments and answers are copied between the threads. */
export type Methods = Record<string, (...values: never[]) => unknown>

interface Call {
  readonly id: number
  readonly method: string
  readonly values: never[]
}

type Answer = { readonly id: number; readonly value: unknown } | { readonly id: number; readonly error: CallError }

interface CallError {
  readonly message: string
  readonly damagedDay?: string
}

/** A call failed in the worker, or the worker with it. */
export class WorkerError extends Error {
  /** The day whose file was found damaged, where that was the reason. */
  readonly damagedDay: string | undefined
  constructor({ message, damagedDay }: CallError) {
    super(message)
    this.name = 'WorkerError'
    this.damagedDay = damagedDay
  }
}

interface Waiting {
  readonly resolve: (value: any) => void
  readonly reject: (error: Error) => void
}

/** The main thread's end. The worker starts with the first call, and again after it broke; it keeps no process alive by itself. */
export class WorkerLink<Api extends Methods> {
  readonly #file: URL
  readonly #workerData: unknown
  readonly #waiting = new Map<number, Waiting>()
  #worker: Worker | undefined
  #calls = 0
  #ended = false

  constructor(file: URL, workerData: unknown) {
    this.#file = file
    this.#workerData = workerData
  }

  call<Name extends keyof Api & string>(
    method: Name,
    ...values: Parameters<Api[Name]>
  ): Promise<Awaited<ReturnType<Api[Name]>>> {
    if (this.#ended) return Promise.reject(new WorkerError({ message: 'The log is closed.' }))
    const worker = (this.#worker ??= this.#start())
    const id = ++this.#calls
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      worker.ref()
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is for windows
      worker.postMessage({ id, method, values })
    })
  }

  /** Ends the worker at once and for good; calls that wait fail. */
  async terminate(): Promise<void> {
    this.#ended = true
    await this.#worker?.terminate()
  }

  #start(): Worker {
    const worker = launch(this.#file, this.#workerData)
    worker.on('message', (answer: Answer) => this.#settle(worker, answer))
    worker.on('error', (error) => this.#fail(worker, error instanceof Error ? error.message : 'unknown'))
    worker.on('exit', () => this.#fail(worker, 'it ended'))
    return worker
  }

  #settle(worker: Worker, answer: Answer): void {
    const waiting = this.#waiting.get(answer.id)
    this.#waiting.delete(answer.id)
    if (this.#waiting.size === 0) worker.unref()
    if ('error' in answer) waiting?.reject(new WorkerError(answer.error))
    else waiting?.resolve(answer.value)
  }

  #fail(worker: Worker, reason: string): void {
    if (this.#worker !== worker) return
    this.#worker = undefined
    const waiting = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const { reject } of waiting) reject(new WorkerError({ message: `The worker of the log broke: ${reason}` }))
  }
}

function launch(file: URL, workerData: unknown): Worker {
  const options = { workerData, name: 'journal', resourceLimits: MEMORY }
  try {
    return new Worker(file, { ...options, execArgv: [...process.execArgv, QUIET] })
  } catch {
    // What the process was started with may be for V8, which takes nothing for a thread alone.
    return new Worker(file, { ...options, execArgv: [QUIET] })
  }
}

/** The worker's end. Calls that come while one is answered run as soon as it waits for something. */
export function serve(methods: Methods, describe: (error: unknown) => CallError): void {
  const port = parentPort
  const answer = async ({ id, method, values }: Call): Promise<void> => {
    try {
      port?.postMessage({ id, value: await methods[method]?.(...values) })
    } catch (error) {
      port?.postMessage({ id, error: describe(error) })
    }
  }
  port?.on('message', (call: Call) => void answer(call))
}
