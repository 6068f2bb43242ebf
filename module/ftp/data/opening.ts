/**
 * Opening and closing what a transfer moves. A disk may hang: a transfer that was cut does not wait for it, and what opens
 * too late is given back.
 */
import type { Download, Upload } from '../backend.ts'
import type { Signal } from './aborted.ts'
import { unlessAborted } from './aborted.ts'
import type { ReceiveTransfer, SendTransfer, Source } from './transfer-kinds.ts'

/** Opens what is to be sent. */
export async function openSource(transfer: SendTransfer, signal: Signal): Promise<Source> {
  const opening = transfer.open()
  try {
    const source = await unlessAborted(opening, signal)
    return 'file' in source ? { file: new ClosedLater(source.file) } : source
  } catch (error) {
    opening.then(closeSource).catch(() => undefined)
    throw error
  }
}

/** Opens what is to be received. */
export async function openTarget(transfer: ReceiveTransfer, signal: Signal): Promise<Upload> {
  const opening = transfer.open()
  try {
    return await unlessAborted(opening, signal)
  } catch (error) {
    opening.then((late) => late.abandon()).catch(() => undefined)
    throw error
  }
}

export async function closeSource(source: Source): Promise<void> {
  await ('file' in source ? source.file.close() : source.close?.())
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

  async close(): Promise<void> {
    if (this.#reading) await this.#reading
    await this.#file.close()
  }
}
