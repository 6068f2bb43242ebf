/** Which mover serves on this machine: the kernel's where it can be had, else the portable one. */
import { kernelMover } from './kernel-mover.ts'
import type { Mover } from './mover.ts'
import { streamMover } from './stream-mover.ts'

export type MoverKind = 'kernel' | 'stream'

let kernel: Mover | undefined
let looked = false

/** The mover of all transfers; looked for once. */
export function chosenMover(): Mover {
  if (!looked) kernel = kernelMover()
  looked = true
  return kernel ?? streamMover
}

/** What to tell people. */
export function moverKind(): MoverKind {
  return chosenMover() === streamMover ? 'stream' : 'kernel'
}
