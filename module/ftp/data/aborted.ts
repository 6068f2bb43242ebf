/** Why a transfer was cut: what its abort signal carries. */
import type { AbortReason } from '../session.ts'

/** What the work comes to, or at once the reason of the signal; the work goes on then, and nobody waits for it. */
export async function unlessAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const { promise, reject } = Promise.withResolvers<never>()
  const aborted = () => reject(signal.reason)
  signal.addEventListener('abort', aborted, { once: true })
  try {
    if (signal.aborted) aborted()
    return await Promise.race([work, promise])
  } finally {
    signal.removeEventListener('abort', aborted)
  }
}

export class Aborted extends Error {
  readonly reason: AbortReason
  constructor(reason: AbortReason) {
    super(`aborted: ${reason}`)
    this.name = 'Aborted'
    this.reason = reason
  }
}
