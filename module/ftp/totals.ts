/** What a session has moved so far: files that arrived whole, and all bytes of files. */
import type { FtpEvent } from './events.ts'

export class Totals {
  filesUp = 0
  filesDown = 0
  bytesUp = 0
  bytesDown = 0

  /** Takes an event of the session; listings are no files. */
  take(event: FtpEvent): void {
    if (event.kind !== 'transfer-ended') return
    const { direction, bytes, result } = event.transfer
    const files = result === 'complete' ? 1 : 0
    if (direction === 'upload') {
      this.filesUp += files
      this.bytesUp += bytes
    } else if (direction === 'download') {
      this.filesDown += files
      this.bytesDown += bytes
    }
  }
}
