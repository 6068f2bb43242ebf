/** The Log tab: a day of entries with calendar, search and filters, followed live; the story of a session; export. */
import { Readable } from 'node:stream'
import { Router } from '@koa/router'
import { KINDS } from '../../journal/entry.ts'
import { FORMATS } from '../../journal/export.ts'
import { dayOfId } from '../../journal/row.ts'
import type { WebContext, WebState } from '../context.ts'
import { lastEventId, live } from '../live.ts'
import { followMessages } from '../log/follow-messages.ts'
import { dayName, monthOf } from '../log/month.ts'
import { dayAfter, LONGEST_TERM, logQuery, narrowed, queryText, type LogQuery } from '../log/query.ts'
import { BADGES, logRows } from '../log/rows.ts'
import { deedsOf, storySentence } from '../log/story.ts'
import type { WebParts } from '../parts.ts'
import { render } from '../views.ts'

/** Entries on a page. */
const SIZE = 100
const MEDIA = { csv: 'text/csv', jsonl: 'application/x-ndjson', text: 'text/plain' } as const
const ENDINGS = { csv: 'csv', jsonl: 'jsonl', text: 'txt' } as const

export function log({ service: { journal } }: WebParts): Router<WebState> {
  const router = new Router<WebState>()

  router.get('/log', async (ctx) => {
    const query = logQuery(ctx.querystring, journal.today())
    const [page, days] = await Promise.all([
      journal.page(query.filter, { page: query.page, size: SIZE }),
      journal.days(query.month),
    ])
    if (ctx.get('HX-Request') === 'true') ctx.set('HX-Replace-Url', `${ctx.state.base}/log${queryText(query)}`)
    const { today, ...shown } = dayData(ctx, query, journal.today())
    const rows = logRows(ctx, page.entries)
    const follows = query.filter.day === today && page.page === page.pages
    const calendar = monthOf(query.month, days, { today, selected: query.filter.day, locale: language(ctx) })
    render(ctx, 'pages/log', { ...shown, page, rows, follows, calendar, problem: journal.state().problem })
  })

  router.get('/log/follow', (ctx) => {
    const { filter } = logQuery(ctx.querystring, journal.today())
    const after = Number(lastEventId(ctx) || ctx.query['after']) || 0
    live(ctx, (signal) => followMessages(ctx, journal, filter, after, signal))
  })

  router.get('/log/export', (ctx) => {
    const { filter } = logQuery(ctx.querystring, journal.today())
    const format = FORMATS.find((one) => one === ctx.query['format']) ?? ctx.throw(400)
    ctx.attachment(`ftp-log-${filter.day}${narrowed(filter) ? '-part' : ''}.${ENDINGS[format]}`)
    ctx.type = `${MEDIA[format]}; charset=utf-8`
    ctx.body = Readable.from(journal.export(filter, format), { objectMode: false })
  })

  router.get('/log/session/:id', async (ctx) => {
    const { id = '' } = ctx.params
    const entries = await journal.story(id)
    const [first] = entries
    const deeds = deedsOf(entries)
    const pages = Math.ceil(entries.length / SIZE) || 1
    const number = Math.min(Math.max(Math.trunc(Number(ctx.query['page'])) || 1, 1), pages)
    const shown = entries.slice((number - 1) * SIZE, number * SIZE)
    render(ctx, 'pages/log-session', {
      id,
      deeds,
      sentence: storySentence(ctx, deeds),
      page: { page: number, pages, total: entries.length },
      pageQuery: (page: number) => `?page=${page}`,
      back: first ? queryText({ filter: { day: dayOfId(first.id) } }) : '',
      rows: logRows(ctx, shown, { day: true }),
    })
  })

  return router
}

/** What the page says of the day and of what narrows it, and the links that lead on with the same filters. */
function dayData(ctx: WebContext, query: LogQuery, today: string) {
  const { filter, unknownDay } = query
  const { t } = ctx.state
  return {
    today,
    filter: { user: '', session: '', search: '', ...filter },
    kinds: KINDS.map((kind) => ({
      kind,
      badge: BADGES[kind],
      text: t(`log.kinds.${kind}`),
      wanted: filter.kinds?.includes(kind) ?? false,
    })),
    unknownDay,
    longest: LONGEST_TERM,
    narrowed: narrowed(filter),
    dayName: dayName(filter.day, language(ctx)),
    isToday: filter.day === today,
    queryFor: (changes: Partial<LogQuery['filter']>) => queryText({ filter: { ...filter, ...changes } }),
    queryForMonth: (month: string) => queryText({ filter, month }),
    queryForPage: (page: number | 'last') => queryText({ filter, page }),
    previousDay: queryText({ filter: { ...filter, day: dayAfter(filter.day, -1) } }),
    nextDay: filter.day < today ? queryText({ filter: { ...filter, day: dayAfter(filter.day, 1) } }) : undefined,
    /** What the form of the page number sends besides it. */
    fields: [...new URLSearchParams(queryText({ filter }))].map(([name, value]) => ({ name, value })),
    everything: queryText({ filter: { day: filter.day } }),
  }
}

/** The reader's language with its country, which decides on which day a week begins. */
function language({ state: { locale, presentation } }: WebContext): string {
  return presentation.locale.toLowerCase().startsWith(`${locale}-`) ? presentation.locale : locale
}
