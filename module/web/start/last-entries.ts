/** The newest entries of the log, also over midnight. */
import type { Entry } from '../../journal/entry.ts'
import type { Journal } from '../../journal/journal.ts'

/** At most so many entries of this month and the one before, oldest first. */
export async function lastEntries(journal: Pick<Journal, 'page' | 'days' | 'today'>, count: number): Promise<Entry[]> {
  const today = journal.today()
  const found = await lastOfDay(journal, today, count)
  if (found.length >= count) return found
  for (const month of [today.slice(0, 7), monthBefore(today)]) {
    const days = (await journal.days(month)).map(({ day }) => day).filter((day) => day < today)
    for (const day of days.toSorted().toReversed()) {
      found.unshift(...(await lastOfDay(journal, day, count - found.length)))
      if (found.length >= count) return found
    }
  }
  return found
}

async function lastOfDay(journal: Pick<Journal, 'page'>, day: string, count: number): Promise<Entry[]> {
  const last = await journal.page({ day }, { page: 'last', size: count })
  if (last.page === 1 || last.entries.length >= count) return [...last.entries]
  const before = await journal.page({ day }, { page: last.page - 1, size: count })
  return [...before.entries, ...last.entries].slice(-count)
}

function monthBefore(day: string): string {
  return new Date(Date.parse(`${day.slice(0, 7)}-01`) - 1).toISOString().slice(0, 7)
}
