/** Real paths as text: which lies in which, and how the operating system takes them. */
import { encodeOctets } from '../ftp/octets.ts'

const STRAY = /[\udc80-\udcff]/

/** The path as the operating system takes it: octets where the text stands for some that are not UTF-8. */
export function diskPath(path: string): string | Buffer {
  return STRAY.test(path) ? encodeOctets(path) : path
}

/** Whether a real path is the folder or lies in it; `/srv/ab` does not lie in `/srv/a`. */
export function contained(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`)
}

/** A relative path below a real one. */
export function below(root: string, relative: string): string {
  return relative === '' ? root : root === '/' ? `/${relative}` : `${root}/${relative}`
}

/** What is left of a real path below the root that contains it. */
export function relativeTo(root: string, real: string): string {
  return real === root ? '' : real.slice(root === '/' ? 1 : root.length + 1)
}
