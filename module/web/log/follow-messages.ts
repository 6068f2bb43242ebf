/** What a page that follows the log is sent: rows as they stand in the table, and when the day is over. */
import type { Filter } from '../../journal/filter.ts'
import type { Journal } from '../../journal/journal.ts'
import type { WebContext } from '../context.ts'
import type { LiveMessage } from '../live.ts'
import { renderText } from '../views.ts'
import { follow } from './follow.ts'
import { logRows } from './rows.ts'

/** Messages `message` (rows, their id that of the newest) and at last, at midnight, `day`. */
export async function* followMessages(
  ctx: WebContext,
  journal: Pick<Journal, 'page' | 'subscribe'>,
  filter: Filter,
  after: number,
  signal: AbortSignal,
): AsyncGenerator<LiveMessage, void, undefined> {
  for await (const { entries, skipped, over } of follow(journal, filter, after, signal)) {
    const newest = entries.at(-1)
    if (newest) {
      const data = renderText(ctx, 'partials/log-rows', { rows: logRows(ctx, entries), skipped })
      yield { id: String(newest.id), data }
    }
    if (over) yield { event: 'day', data: '' }
  }
}
