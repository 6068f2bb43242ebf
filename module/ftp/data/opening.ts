/**
 * Opening and closing what a transfer moves. A disk may hang: a transfer that was cut does not wait for it, and what opens
 * too late is given back.
 */
import type { Download, Upload } from '../backend.ts'
import type { Signal } from './aborted.ts'
import { unlessAborted } from './aborted.ts'
import { Deadline } from './deadline.ts'
import type { ReceiveTransfer, SendTransfer, Source } from './transfer-kinds.ts'

/** Milliseconds for which a reply waits until the octets under way are written, and again until nothing is left of an upload. */
const PATIENCE = 1000

/** Opens what is to be sent. */
export function openSource(transfer: SendTransfer, signal: Signal): Promise<Source> {
  return unlessAborted(transfer.open(), signal, closeSource)
}

/** Opens what is to be received. */
export function openTarget(transfer: ReceiveTransfer, signal: Signal): Promise<Upload> {
  return unlessAborted(transfer.open(), signal, abandon)
}

const abandon = (late: Upload) => late.abandon()

/** Makes an upload whole once all of it has been received, or undoes it; `fault` is told what goes wrong with that. */
export async function complete(
  upload: Upload,
  receiving: Promise<void>,
  signal: Signal,
  fault: (error: unknown) => void,
): Promise<void> {
  try {
    await unlessHeld(receiving, signal)
  } catch (error) {
    // Whoever still writes to it has it until then.
    const undone = receiving.catch(() => undefined).then(() => upload.abandon())
    await atMost(undone.catch(fault))
    throw error
  }
  await upload.commit()
}

/** What the work comes to; or the reason of the signal, where the work takes no notice of it. */
function unlessHeld(work: Promise<void>, signal: Signal): Promise<void> {
  return new Promise((resolve, reject) => {
    let deadline: Deadline | undefined
    const aborted = () => (deadline = new Deadline(PATIENCE, () => reject(signal.reason)))
    if (signal.aborted) aborted()
    else signal.addEventListener('abort', aborted, { once: true })
    const end = () => {
      deadline?.cancel()
      signal.removeEventListener('abort', aborted)
    }
    work.finally(end).then(resolve, reject)
  })
}

function atMost(work: Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    const deadline = new Deadline(PATIENCE, resolve)
    void work.finally(() => {
      deadline.cancel()
      resolve()
    })
  })
}

export function closeSource(source: Source): Promise<void> {
  return ('file' in source ? source.file.close() : source.close?.()) ?? Promise.resolve()
}

/** What was opened, to be closed at any time. */
export function closable(source: Source): Source {
  return 'file' in source ? { file: new ClosedLater(source.file) } : source
}

/** A descriptor closed under a read may be somebody else's file before the read is done: this one waits for it. */
class ClosedLater implements Download {
  readonly size: number
  readonly modified: number
  readonly fd?: number
  readonly #file: Download
  #reading: Promise<unknown> | undefined

  constructor(file: Download) {
    this.size = file.size
    this.modified = file.modified
    if (file.fd !== undefined) this.fd = file.fd
    this.#file = file
  }

  read(buffer: Uint8Array, position: number): Promise<number> {
    const read = this.#file.read(buffer, position)
    this.#reading = read.catch(() => undefined)
    return read
  }

  readNow(buffer: Uint8Array, position: number): number | undefined {
    return this.#file.readNow?.(buffer, position)
  }

  close(): Promise<void> {
    return this.#reading ? this.#reading.then(() => this.#file.close()) : this.#file.close()
  }
}
