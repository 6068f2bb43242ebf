/** The code of an error of the operating system. */

/** `ENOENT`, `EADDRINUSE` and the like; undefined for errors that have none. */
export function errorCode(error: unknown): string | undefined {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : undefined
}
