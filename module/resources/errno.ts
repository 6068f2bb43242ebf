/** What errors of the operating system mean to clients: the one table from errno to a kind of {@link FilesError}. */
import { FilesError, type FilesErrorKind } from '../ftp/backend.ts'
import { hiddenBy, refusedBy } from '../ftp/verdict.ts'

const KINDS: Readonly<Record<string, FilesErrorKind>> = {
  ENOENT: 'missing',
  ELOOP: 'missing',
  ENXIO: 'missing',
  ENODEV: 'missing',
  ESTALE: 'missing',
  ENOTDIR: 'not-a-directory',
  EISDIR: 'is-a-directory',
  EEXIST: 'exists',
  ENOTEMPTY: 'not-empty',
  ENOSPC: 'no-space',
  EDQUOT: 'no-space',
  EFBIG: 'too-large',
  EACCES: 'refused',
  EPERM: 'refused',
  EROFS: 'refused',
  EXDEV: 'refused',
  ENAMETOOLONG: 'name',
  EINVAL: 'name',
  EILSEQ: 'name',
  EBUSY: 'busy',
  ETXTBSY: 'busy',
  EAGAIN: 'busy',
  EMFILE: 'busy',
  ENFILE: 'busy',
  ENOMEM: 'busy',
}

/** The errno name of an error of the operating system, `undefined` for any other error. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

/** An error of the operating system as a {@link FilesError}; every other error stays what it is. */
export function filesError(error: Error): Error
export function filesError(error: unknown): unknown
export function filesError(error: unknown): unknown {
  const errno = errnoOf(error)
  if (errno === undefined || !(error instanceof Error)) return error
  const kind = KINDS[errno] ?? 'input-output'
  return new FilesError(kind, refusedBy(`system.${kind}`, 'system', errno), error.message, { cause: error })
}

/** Answers what the work answers; what the operating system refuses fails as a {@link FilesError}. */
export async function translated<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw filesError(error)
  }
}

/** The failure for something that is not there, or that this visitor may not know of. */
export function missing(rule: string, message?: string): FilesError {
  return new FilesError('missing', hiddenBy(rule, 'resource'), message)
}

/** The failure of what is meant for files where a directory is. */
export function isDirectory(): FilesError {
  return new FilesError('is-a-directory', refusedBy('system.is-a-directory', 'system'))
}
