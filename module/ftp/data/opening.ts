/**
 * Opening and closing what a transfer moves. A disk may hang: a transfer that was cut does not wait for it, and what opens
 * too late is given back.
 */
import type { Download, Upload } from '../backend.ts'
import type { Signal } from './aborted.ts'
import { unlessAborted } from './aborted.ts'
import type { ReceiveTransfer, SendTransfer, Source } from './transfer-kinds.ts'

/** Opens what is to be sent. */
export function openSource(transfer: SendTransfer, signal: Signal): Promise<Source> {
  return unlessAborted(transfer.open(), signal, closeSource)
}

/** Opens what is to be received. */
export function openTarget(transfer: ReceiveTransfer, signal: Signal): Promise<Upload> {
  return unlessAborted(transfer.open(), signal, abandon)
}

const abandon = (late: Upload) => late.abandon()

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
