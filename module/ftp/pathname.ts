/**
 * Pathnames as clients type them (RFC 959 section 5.3.2) and virtual paths made of them: absolute, normalised once, always
 * below `/`. Names are compared and stored byte for byte; see `octets.ts` for names that are not UTF-8.
 */
import { octetLength } from './octets.ts'
import { Refusal } from './reply.ts'
import { refusedBy } from './verdict.ts'

declare const virtual: unique symbol
/** An absolute, normalised path in the account's tree: `/`, `/Scans/a b.pdf`; no empty part, no `.`, no `..`, no NUL, CR or LF. */
export type VirtualPath = string & { readonly [virtual]: true }

/** The one place where text becomes a virtual path; the callers below have normalised it. */
// oxlint-disable-next-line typescript/no-unsafe-type-assertion
const virtualPath = (text: string): VirtualPath => text as VirtualPath

export const ROOT = virtualPath('/')

/** Bytes of a whole path, as PATH_MAX of Linux. */
const MAX_PATH_BYTES = 4096

/** What makes a pathname more than names one below the other; most are just that. */
// oxlint-disable-next-line no-control-regex
const ODD = /[\0\r\n]|(?:^|\/)\.{0,2}(?:\/|$)/

/** The virtual path that a pathname means, seen from a directory. Refuses what no file could be called with 501. */
export function resolvePathname(directory: VirtualPath, pathname: string): VirtualPath {
  const short = pathname.length + directory.length <= MAX_PATH_BYTES / 4
  const names = pathname.startsWith('/') ? pathname.slice(1) : pathname
  if (short && !ODD.test(names)) return childOf(names === pathname ? directory : ROOT, names)
  // oxlint-disable-next-line no-control-regex
  if (/[\0\r\n]/.test(pathname)) throw new Refusal(501, 'A name cannot hold NUL, CR or LF.')
  const parts: string[] = pathname.startsWith('/') ? [] : directory.split('/').filter(Boolean)
  for (const part of pathname.split('/')) {
    if (part === '' || part === '.') continue
    if (part === '..') parts.pop()
    else parts.push(part)
  }
  const path = virtualPath(`/${parts.join('/')}`)
  if (path.length > MAX_PATH_BYTES / 4 && octetLength(path) > MAX_PATH_BYTES) {
    throw new Refusal(550, 'The pathname is too long.', refusedBy('name.length', 'system'))
  }
  return path
}

/** The same, undefined for what no file could be called. */
export function pathnameIn(directory: VirtualPath, pathname: string): VirtualPath | undefined {
  try {
    return resolvePathname(directory, pathname)
  } catch {
    return undefined
  }
}

/** The directory that holds a path; `/` holds itself. */
export function parentOf(path: VirtualPath): VirtualPath {
  const at = path.lastIndexOf('/')
  return at <= 0 ? ROOT : virtualPath(path.slice(0, at))
}

/** The last part of a path; empty for `/`. */
export function nameOf(path: VirtualPath): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** A name below a directory. The name must be one part that is neither `.` nor `..`. */
export function childOf(directory: VirtualPath, name: string): VirtualPath {
  return virtualPath(directory === '/' ? `/${name}` : `${directory}/${name}`)
}

/** Whether a path is the directory itself or lies below it; `/a/bc` does not lie below `/a/b`. */
export function within(path: VirtualPath, directory: VirtualPath): boolean {
  return directory === '/' || path === directory || path.startsWith(`${directory}/`)
}

/** A path in the double quotes of reply 257, embedded quotes doubled (RFC 959 appendix II). */
export function quoted(path: VirtualPath): string {
  return `"${path.replaceAll('"', '""')}"`
}
