/** Why a transfer was cut: what its abort signal carries. */
import type { AbortReason } from '../session.ts'

/** What the work comes to, or at once the reason of the signal; the work goes on then, and nobody waits for it. */
export function unlessAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      work.catch(() => undefined)
      return reject(signal.reason)
    }
    const aborted = () => reject(signal.reason)
    signal.addEventListener('abort', aborted)
    const end = () => signal.removeEventListener('abort', aborted)
    work.then(
      (value) => {
        end()
        resolve(value)
      },
      (error: unknown) => {
        end()
        reject(error)
      },
    )
  })
}

export class Aborted extends Error {
  readonly reason: AbortReason
  constructor(reason: AbortReason) {
    super(`aborted: ${reason}`)
    this.name = 'Aborted'
    this.reason = reason
  }
}
