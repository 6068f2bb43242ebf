/** Requests that end before their body does, or whose body is no HTTP: what the client did, and no fault of ours. */

const GONE: ReadonlySet<unknown> = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ERR_STREAM_PREMATURE_CLOSE'])

/** Whether it is the request, and not what became of it, that an error is about. */
export function brokenOff(error: unknown): boolean {
  const code: unknown = error instanceof Error && Reflect.get(error, 'code')
  // The codes of Node's own parser.
  return GONE.has(code) || (typeof code === 'string' && code.startsWith('HPE_'))
}
