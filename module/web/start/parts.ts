/** What the parts of the start page show: each is rendered with the page, and again when it has changed. */
import type { Entry } from '../../journal/entry.ts'
import type { Sample } from '../../service/statistics.ts'
import type { WebContext } from '../context.ts'
import { logRows } from '../log/rows.ts'
import type { WebParts } from '../parts.ts'
import { reasonText } from '../problem-text.ts'
import { handOuts } from './addresses.ts'
import { warningRows } from './warnings.ts'

/** Entries of the log on the page. */
export const ENTRIES = 10

/** Badges of the states: a shape of its own for each. */
const BADGES = { on: 'good', off: 'plain', starting: 'warning', stopping: 'warning', failed: 'bad' } as const

/** How the server is, and what can be done about it. */
export function statusPart(ctx: WebContext, { service }: WebParts) {
  const { state, since, reason, pausedUntil } = service.status()
  return {
    state,
    badge: BADGES[state],
    since: sinceText(ctx, since),
    reason: reason === undefined ? undefined : reasonText(reason, ctx.state.t),
    pausedUntil: pausedUntil === undefined ? undefined : ctx.state.formats.dateTime(pausedUntil),
  }
}

/** What goes on now and went on today. */
export function figuresPart(ctx: WebContext, { service: { statistics } }: WebParts) {
  const { formats, presentation } = ctx.state
  const { download, upload } = statistics.today(presentation.timeZone)
  return {
    sessions: formats.number(statistics.sessions),
    transfers: formats.number(statistics.transfers),
    download: formats.bytes(download),
    upload: formats.bytes(upload),
  }
}

/** The chart in words: what the last sample says, and the highest of the last ten minutes. */
export function throughputPart(ctx: WebContext, { service: { statistics } }: WebParts) {
  const { formats } = ctx.state
  const samples = statistics.samples()
  const last = samples.at(-1)
  const highest = (direction: 'download' | 'upload') =>
    formats.speed(samples.reduce((most, sample) => Math.max(most, sample[direction]), 0))
  return {
    download: formats.speed(last?.download ?? 0),
    upload: formats.speed(last?.upload ?? 0),
    highestDownload: highest('download'),
    highestUpload: highest('upload'),
  }
}

/** Samples as the chart takes them: seconds since 1970, bytes per second down and up. */
export function points(samples: readonly Sample[]): readonly (readonly number[])[] {
  return samples.map(({ at, download, upload }) => [Math.round(at / 1000), Math.round(download), Math.round(upload)])
}

export function addressesPart({ service, shell }: WebParts) {
  const { settings, domains } = service.settings()
  return { rows: handOuts({ status: service.status(), settings, domains, network: shell.network }) }
}

export function warningsPart(ctx: WebContext, { service }: WebParts) {
  const rows = warningRows(ctx, service.status())
  const { t } = ctx.state
  const none = { text: t('start.noResources'), path: '/resources', place: t('start.places.resources') }
  return { rows: service.settings().resources.length === 0 ? [none, ...rows] : rows }
}

/** Newest first; with their dates as soon as one is not of today. */
export function logPart(ctx: WebContext, entries: readonly Entry[]) {
  const { formats } = ctx.state
  const today = formats.date(Date.now())
  const day = entries.some(({ time }) => formats.date(time) !== today)
  return { rows: logRows(ctx, entries, { day }).toReversed() }
}

function sinceText({ state: { formats } }: WebContext, since: number): string {
  return Date.now() - since < 20 * 3_600_000 ? formats.time(since) : formats.dateTime(since)
}
