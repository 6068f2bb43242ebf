/** Work on many folders, a few at a time: all at once they would queue for the threads, and disks would pass for slow ones. */

const AT_ONCE = 8

/** Does the work for each item and answers the results in their order. Work that fails ends it. */
export async function inTurns<Item, Result>(
  items: Iterable<Item>,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  const left = [...items].entries()
  const lane = async () => {
    for (const [at, item] of left) results[at] = await work(item)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, lane))
  return results
}
