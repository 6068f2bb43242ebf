/** Asking all resources how they stand, without waiting for disks that do not answer. */
import { threadsAt } from './disk-threads.ts'
import { inTurns } from './in-turns.ts'
import type { Share } from './share.ts'

/** Milliseconds to wait for a disk: one that has to wake up answers later, and is told of next time. */
const PATIENCE = 1000

/**
 * What the shares answer, in their order; `undefined` for those whose disk does not answer in time. The shares of each disk are
 * asked a few at a time, and no more of them once one has not answered.
 */
export async function answers<T>(
  shares: readonly Share[],
  ask: (share: Share) => Promise<T>,
): Promise<readonly (T | undefined)[]> {
  const found = new Map<Share, T>()
  const disks = Map.groupBy(shares, (share) => threadsAt(share.path))
  const each = Array.from(disks, ([threads, same]) => {
    let { silent } = threads
    return inTurns(same, async (share) => {
      if (silent) return
      const answer = await inTime(ask(share))
      if (answer) found.set(share, answer.value)
      else silent = true
    })
  })
  await Promise.all(each)
  return shares.map((share) => found.get(share))
}

/** What comes of the work, in an envelope; `undefined` if that takes too long. */
async function inTime<T>(work: Promise<T>): Promise<{ readonly value: T } | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), PATIENCE)
  })
  return Promise.race([work.then((value) => ({ value })), late]).finally(() => clearTimeout(timer))
}
