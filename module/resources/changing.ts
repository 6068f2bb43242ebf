/** Changing a file through its descriptor, in the way that suits its disk; failures are those of Node. */
import { close, closeSync, fchmod, fchmodSync, fchown, fchownSync, ftruncate, ftruncateSync } from 'node:fs'
import { promisify } from 'node:util'
import type { Pace } from './pace.ts'

const threaded = {
  close: promisify(close),
  chmod: promisify(fchmod),
  chown: promisify(fchown),
  truncate: promisify(ftruncate),
}

/** Cuts the file to so many bytes, or adds zeros up to them. */
export function truncate(fd: number, bytes: number, pace: Pace): void | Promise<void> {
  return pace.change(
    () => ftruncateSync(fd, bytes),
    () => threaded.truncate(fd, bytes),
  )
}

/** Gives the file to a user and a group. */
export function setOwner(fd: number, { uid, gid }: { uid: number; gid: number }, pace: Pace): void | Promise<void> {
  return pace.change(
    () => fchownSync(fd, uid, gid),
    () => threaded.chown(fd, uid, gid),
  )
}

/** Sets the permission bits. */
export function setPermissions(fd: number, mode: number, pace: Pace): void | Promise<void> {
  return pace.change(
    () => fchmodSync(fd, mode),
    () => threaded.chmod(fd, mode),
  )
}

/** Closes the file; some disks write it then. */
export function closeWritten(fd: number, pace: Pace): void | Promise<void> {
  return pace.change(
    () => closeSync(fd),
    () => threaded.close(fd),
  )
}
