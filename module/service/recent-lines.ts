/** The newest lines of the log in the form that shells understand. */
import type { Kind } from '../journal/entry.ts'
import type { Journal } from '../journal/journal.ts'
import type { AuditEntry, LogLine } from '../shell.ts'

const LEVELS: Readonly<Record<Kind, AuditEntry['level']>> = {
  message: 'info',
  status: 'notice',
  warning: 'warning',
  error: 'error',
}

/** Lines of today and of the days before in this month, oldest first; at most 1,000. */
export async function recentLines(journal: Journal, limit: number): Promise<readonly LogLine[]> {
  const most = Math.min(1000, Math.max(1, Math.trunc(limit)))
  const today = journal.today()
  const days = (await journal.days(today.slice(0, 7))).map(({ day }) => day).filter((day) => day <= today)
  const lines: LogLine[] = []
  for (const day of days.toSorted().toReversed()) {
    // A last page may hold few: the one before it belongs to the newest as well.
    for (let page: number | 'last' = 'last'; page !== 0 && lines.length < most;) {
      const found = await journal.page({ day }, { page, size: most })
      lines.unshift(...found.entries.map(({ time, kind, text }) => ({ time, level: LEVELS[kind], text })))
      page = found.page - 1
    }
  }
  return lines.slice(-most)
}
