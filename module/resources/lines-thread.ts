/** This side of the threads that read large folders: one for each disk, so that a disk which hangs holds up no other. */
import { closeSync } from 'node:fs'
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { ReadingFailed } from './folder-scan.ts'
import { lendMemory } from './lines-memory.ts'
import type { LinesRequest } from './lines-scan.ts'
import type { Numbered, Order, Piece } from './lines-worker.ts'
import type { Pace } from './pace.ts'

/** Milliseconds after which a thread without a folder is ended. */
const IDLE = 300_000

/** The thread needs two buffers and what V8 wants for itself. */
const LIMITS = { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 64 }

/** TypeScript while developing, JavaScript in the firmware. */
const SCRIPT = new URL(`./lines-worker${extname(import.meta.url)}`, import.meta.url)

const threads = new WeakMap<Pace, LinesThread>()

/** The thread for a disk. */
export function linesThread(pace: Pace): LinesThread {
  const known = threads.get(pace)
  if (known) return known
  const thread = new LinesThread()
  threads.set(pace, thread)
  return thread
}

/** A folder in the thread. */
export interface RemoteFolder {
  /** The next piece, in memory lent by `lines-memory.ts`; one question at a time. Fails with errno. */
  next(): Promise<Piece>
  /** The thread closes the descriptor, now or when it comes to it. */
  close(): void
}

interface Waiting {
  readonly fd: number
  resolve?: (piece: Piece) => void
  reject?: (error: Error) => void
}

export class LinesThread {
  /** Whether it runs: starting it costs more than a folder of some thousand names. */
  get up(): boolean {
    return this.#worker !== undefined
  }

  #worker: Worker | undefined
  #timer: NodeJS.Timeout | undefined
  #last = 0
  readonly #folders = new Map<number, Waiting>()

  /** Hands a descriptor over, with the entries that were read from it and not yet told. */
  open(fd: number, rest: Uint8Array<ArrayBuffer>, request: LinesRequest): RemoteFolder {
    const worker = this.#start()
    const id = (this.#last += 1)
    const folder: Waiting = { fd }
    this.#folders.set(id, folder)
    const tell = (content: Order, transfer: ArrayBuffer[] = []) => {
      worker.postMessage({ id, content } satisfies Numbered<Order>, transfer)
    }
    const first = lendMemory()
    tell({ kind: 'open', fd, rest, request, memory: first }, [rest.buffer, first])
    const ask = () => {
      const memory = lendMemory()
      tell({ kind: 'next', memory }, [memory])
    }
    let asked = true
    return {
      next: () =>
        new Promise((resolve, reject) => {
          if (this.#folders.get(id) !== folder) return reject(new ReadingFailed('EIO'))
          Object.assign(folder, { resolve, reject })
          // Opening asks for the first piece.
          if (!asked) ask()
          asked = false
        }),
      close: () => {
        // It is done when the thread says so, which until then may be reading.
        if (this.#folders.get(id) === folder) tell({ kind: 'close' })
      },
    }
  }

  #start(): Worker {
    clearTimeout(this.#timer)
    this.#worker ??= this.#launch()
    this.#worker.ref()
    return this.#worker
  }

  #launch(): Worker {
    const worker = new Worker(SCRIPT, { trackUnmanagedFds: false, resourceLimits: LIMITS })
    worker.on('message', ({ id, content }: Numbered<Piece>) => {
      const folder = this.#folders.get(id)
      if (!content.more) this.#done(id)
      if (content.failure === undefined) folder?.resolve?.(content)
      else folder?.reject?.(new ReadingFailed(content.failure))
    })
    // What went wrong is told by the end that follows.
    worker.on('error', () => undefined)
    worker.on('exit', () => this.#ended(worker))
    return worker
  }

  #done(id: number): void {
    if (!this.#folders.delete(id) || this.#folders.size > 0) return
    // A process does not live for a thread that has nothing to do.
    this.#worker?.unref()
    this.#timer = setTimeout(() => {
      const worker = this.#worker
      this.#worker = undefined
      void worker?.terminate()
    }, IDLE).unref()
  }

  #ended(worker: Worker): void {
    if (this.#worker !== worker) return
    clearTimeout(this.#timer)
    this.#worker = undefined
    for (const { fd, reject } of this.#folders.values()) {
      closeSync(fd)
      reject?.(new ReadingFailed('EIO'))
    }
    this.#folders.clear()
  }
}
