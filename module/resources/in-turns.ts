/** Work on many folders, a few at a time: all at once they would queue for the threads, and disks would pass for slow ones. */

const AT_ONCE = 8

/** Does the work for each item, in order of their beginning; resolves when all have ended. Work that fails ends it. */
export async function inTurns<Item>(items: Iterable<Item>, work: (item: Item) => Promise<unknown>): Promise<void> {
  const left = items[Symbol.iterator]()
  const lane = async () => {
    for (let next = left.next(); !next.done; next = left.next()) await work(next.value)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, lane))
}
