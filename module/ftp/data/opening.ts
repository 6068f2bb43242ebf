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
    return 'file' in source ? { file: closedLater(source.file) } : source
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
function closedLater(file: Download): Download {
  let reading: Promise<unknown> = Promise.resolve()
  return {
    size: file.size,
    modified: file.modified,
    ...(file.fd !== undefined && { fd: file.fd }),
    read(buffer, position) {
      const read = file.read(buffer, position)
      reading = read.catch(() => undefined)
      return read
    },
    async close() {
      await reading
      await file.close()
    },
  }
}
