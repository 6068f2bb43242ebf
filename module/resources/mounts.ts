/** Which disk a path lies on, by what the kernel says of its mounts: without asking the disk, which may not answer. */
import { readFileSync } from 'node:fs'
import { contained } from './real-path.ts'

/** Milliseconds that what the kernel said is believed. */
const FRESH_MS = 1000
/** Where a line of it has the device and the folder. */
const [DEVICE, FOLDER] = [2, 4]

interface Mount {
  readonly device: string
  readonly folder: string
}

/** The mounts that `/proc/self/mountinfo` tells of, in its order: a later one hides an earlier one on the same folder. */
export function mountsIn(text: string): readonly Mount[] {
  return text.split('\n').flatMap((line) => {
    const fields = line.split(' ')
    const [device, folder] = [fields[DEVICE], fields[FOLDER]]
    if (device === undefined || folder === undefined) return []
    return { device, folder: folder.replaceAll(/\\(\d{3})/g, (_, octal: string) => fromOctal(octal)) }
  })
}

/** Spaces and the like are written as octal numbers. */
const fromOctal = (octal: string) => String.fromCharCode(Number.parseInt(octal, 8))

/** The device of the innermost mount around a path, as `major:minor`; empty if none is known. Links are not looked at. */
export function deviceIn(mounts: readonly Mount[], path: string): string {
  let innermost: Mount | undefined
  for (const mount of mounts) {
    if (mount.folder.length >= (innermost?.folder.length ?? 0) && contained(path, mount.folder)) innermost = mount
  }
  return innermost?.device ?? ''
}

/** The devices of the disks that a folder lies on: its own, and those that are mounted below it. */
export function devicesIn(mounts: readonly Mount[], path: string): readonly string[] {
  const inside = mounts.filter(({ folder }) => folder !== path && contained(folder, path))
  return [deviceIn(mounts, path), ...inside.map(({ device }) => device)]
}

let known: readonly Mount[] = []
let at = -Infinity

/** What is mounted now; `fresh`: nothing known from before is believed. */
export function mounted(fresh = false): readonly Mount[] {
  const now = performance.now()
  if (fresh || now - at >= FRESH_MS) {
    try {
      known = mountsIn(readFileSync('/proc/self/mountinfo', 'utf8'))
    } catch {
      // Without it all disks count as one.
      known = []
    }
    at = now
  }
  return known
}
