/**
 * Memory for the pieces of listings, which goes to the thread and back with them. New memory for every piece would be
 * touched for the first time each time, and V8 collects all its garbage whenever 32 MiB of it have come together.
 */

/** Octets of a piece at most; what one line more needs comes on top. */
export const PIECE = 240 * 1024
const SIZE = PIECE + 16 * 1024

/** Memory of pieces that have been sent, for the next ones. */
const spare: ArrayBuffer[] = []
const SPARE_LIMIT = 8

export function lendMemory(): ArrayBuffer {
  return spare.pop() ?? new ArrayBuffer(SIZE)
}

/** Takes memory back that nobody uses any more; also what a writer made for itself, which is let go. */
export function returnMemory(memory: ArrayBuffer): void {
  if (memory.byteLength === SIZE && spare.length < SPARE_LIMIT) spare.push(memory)
}
