/**
 * Short names such as `ACCOUN~1.TXT`, by which FAT and its relatives open what has a longer name. No listing tells them, and
 * neither a pattern nor the path of an exception would recognise what they lead to.
 */

/** File systems (statfs magic) that know such names, or whose other end may. */
const WITH_SHORT_NAMES = new Set([
  0x4d44, // FAT
  0x5346544e, // NTFS
  0x7366746e, // NTFS3
  0x65735546, // FUSE: NTFS-3G and others
  0x517b, // SMB
  0xff534d42, // CIFS
  0xfe534d42, // SMB2
])

const SHORT = /(?:^|\/)[^/.]{1,7}~\d{1,6}(?:\.[^/.]{0,3})?[. ]{0,255}(?:\/|$)/

/** Whether files of a file system may have a second, short name; `type` is its magic number (statfs). */
export function knowsShortNames(type: number): boolean {
  return WITH_SHORT_NAMES.has(type)
}

/** Whether a part of a path has the form of a short name. */
export function holdsShortName(path: string): boolean {
  return path.includes('~') && SHORT.test(path)
}
