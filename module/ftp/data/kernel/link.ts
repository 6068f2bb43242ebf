/** This side of the kernel mover's threads: hands descriptors over, and hears what became of them. */
import { closeSync, fstatSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Answer, Command, Failure } from './messages.ts'

/** Milliseconds after which a thread without a transfer is ended. */
const IDLE = 300_000
/** For the transfers of one disk, and for all together, when several disks are busy at once. */
const THREADS = Math.min(4, Math.max(2, availableParallelism()))
const ALL_THREADS = 4 * THREADS

/** TypeScript while developing, JavaScript in the firmware. */
const SCRIPT = new URL(`./worker${extname(import.meta.url)}`, import.meta.url)

/** What a transfer hears from its thread; `ended` once and last. */
export interface Listener {
  moved(octets: number): void
  asked(wanted: number): void
  stalled(): void
  /** The descriptors are closed. `lost`: the thread died. */
  ended(failure: Failure | 'lost' | undefined): void
}

/** A transfer in a thread. */
export interface Handed {
  grant(octets: number): void
  hold(): void
  cut(): void
}

export type Start = Omit<Extract<Command, { kind: 'send' | 'receive' }>, 'id'>

class Thread {
  /** The device number of the disk whose files it moves: one that hangs holds up no transfers but its own. */
  disk = 0
  readonly #gone: () => void
  readonly #running = new Map<number, { readonly start: Start; readonly listener: Listener }>()
  readonly #worker = new Worker(SCRIPT, { name: 'mover', trackUnmanagedFds: false })
  /** What is told within one turn of the loop goes in one message: each costs more than many grants. */
  #untold: Command[] = []
  #timer: NodeJS.Timeout | undefined

  constructor(gone: () => void) {
    this.#gone = gone
    this.#worker.on('message', (answers: readonly Answer[]) => {
      for (const answer of answers) this.#hear(answer)
    })
    // What went wrong shows in the end that follows.
    this.#worker.on('error', () => undefined)
    this.#worker.on('exit', () => this.#exited())
  }

  get load(): number {
    return this.#running.size
  }

  start(id: number, start: Start, listener: Listener): Handed {
    clearTimeout(this.#timer)
    // A process does not end in the middle of a transfer, but it does not live for a thread without one.
    this.#worker.ref()
    this.#running.set(id, { start, listener })
    this.#tell({ ...start, id })
    return {
      grant: (octets) => this.#tell({ kind: 'granted', id, octets }),
      hold: () => this.#tell({ kind: 'held', id }),
      cut: () => this.#tell({ kind: 'cut', id }),
    }
  }

  #tell(command: Command): void {
    if (this.#untold.push(command) > 1) return
    setImmediate(() => {
      this.#worker.postMessage(this.#untold, [])
      this.#untold = []
    })
  }

  #hear(answer: Answer): void {
    const listener = this.#running.get(answer.id)?.listener
    if (answer.kind === 'moved') listener?.moved(answer.octets)
    else if (answer.kind === 'asked') listener?.asked(answer.wanted)
    else if (answer.kind === 'stalled') listener?.stalled()
    else {
      this.#running.delete(answer.id)
      if (this.#running.size === 0) this.#rest()
      listener?.ended(answer.failure)
    }
  }

  #rest(): void {
    this.#worker.unref()
    this.#timer = setTimeout(() => {
      this.#gone()
      void this.#worker.terminate()
    }, IDLE).unref()
  }

  /** Nobody uses the descriptors of a dead thread any more. */
  #exited(): void {
    clearTimeout(this.#timer)
    this.#gone()
    for (const { start, listener } of this.#running.values()) {
      closeSync(start.socket)
      closeSync(start.file)
      listener.ended('lost')
    }
    this.#running.clear()
  }
}

const threads = new Set<Thread>()
let lastId = 0

/** Gives a transfer to the thread of its disk that has the fewest. The descriptors belong to the thread from here on. */
export function handOver(start: Start, listener: Listener): Handed {
  const disk = diskOf(start.file)
  const own = [...threads].filter((thread) => thread.load === 0 || thread.disk === disk)
  let least = leastOf(own)
  if (!least || (least.load > 0 && own.length < THREADS)) least = another() ?? least ?? leastOf([...threads])
  if (!least) throw new Error('There is no thread.')
  least.disk = disk
  return least.start(++lastId, start, listener)
}

/** A network disk may have lost the file: the thread will tell. */
function diskOf(file: number): number {
  try {
    return fstatSync(file).dev
  } catch {
    return 0
  }
}

function leastOf(some: readonly Thread[]): Thread | undefined {
  return some.toSorted((one, other) => one.load - other.load)[0]
}

function another(): Thread | undefined {
  if (threads.size >= ALL_THREADS) return undefined
  const made: Thread = new Thread(() => threads.delete(made))
  threads.add(made)
  return made
}

/** Transfers in threads now. */
export function running(): number {
  let count = 0
  for (const { load } of threads) count += load
  return count
}
