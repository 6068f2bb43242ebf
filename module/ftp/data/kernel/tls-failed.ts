/** What OpenSSL says when a call failed. */

/** OpenSSL refused what came, or could not do what it was asked; the code is its reason, in words. */
export class TlsFailed extends Error {
  readonly code: string
  readonly reason: number
  constructor(code: string, reason = 0) {
    super(code)
    this.name = 'TlsFailed'
    this.code = code
    this.reason = reason
  }
}
