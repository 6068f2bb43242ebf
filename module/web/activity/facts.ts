/** Everything about one session, as a list of facts in the language of the page. */
import type { SessionRow } from '../../activity/session-record.ts'
import type { WebContext } from '../context.ts'
import { type Beside, progressText, shownSession, sinceText } from './rows.ts'

export interface Fact {
  readonly label: string
  readonly text: string
  readonly mono?: boolean
  readonly badge?: 'good' | 'plain'
  /** 0 to 100. */
  readonly percent?: string
}

/** Facts without a text are left out. */
export function factsOf(ctx: WebContext, row: SessionRow, beside: Beside & { readonly several: boolean }): Fact[] {
  const { t, formats } = ctx.state
  const shown = shownSession(ctx, row, beside)
  const end = row.address.includes(':') ? `[${row.address}]:${row.port}` : `${row.address}:${row.port}`
  const moved = (bytes: number) => (bytes > 0 ? formats.bytes(bytes) : '–')
  const facts: (Fact | undefined)[] = [
    named('user', row.user === undefined ? t('activity.nobody') : row.user),
    row.guest ? named('kind', t('activity.guest')) : undefined,
    { ...named('address', end), mono: true },
    named('host', shown.host),
    named('program', row.program),
    beside.several ? named('domain', beside.domain || t('activity.defaultDomain')) : undefined,
    { ...named('tls', row.secure ? t('activity.secure') : t('activity.clear')), badge: row.secure ? 'good' : 'plain' },
    named('since', sinceText(ctx, row.since)),
    ...(row.ended ? endOf(ctx, row.ended) : nowOf(ctx, row)),
    named('failedLogins', row.failedLogins > 0 ? formats.number(row.failedLogins) : ''),
    named('downloaded', moved(row.downloaded)),
    named('uploaded', moved(row.uploaded)),
  ]
  return facts.filter((fact): fact is Fact => fact !== undefined && fact.text !== '')

  function named(name: string, text: string): Fact {
    return { label: t(`activity.columns.${name}`), text }
  }
}

function nowOf(ctx: WebContext, row: SessionRow): Fact[] {
  const { t, formats } = ctx.state
  const { transfer } = row
  const now = row.now === 'command' ? t('activity.now.command', { verb: row.verb }) : t(`activity.now.${row.now}`)
  const facts: Fact[] = [
    { label: t('activity.columns.folder'), text: row.folder, mono: true },
    { label: t('activity.columns.now'), text: now },
  ]
  if (!transfer) return [...facts, { label: t('activity.columns.idle'), text: formats.duration(row.idle) }]
  const percent = transfer.progress === undefined ? {} : { percent: String(Math.floor(transfer.progress * 100)) }
  return [
    ...facts,
    { label: t('activity.columns.file'), text: transfer.path, mono: true },
    { label: t('activity.columns.progress'), text: progressText(ctx, row), ...percent },
    { label: t('activity.columns.speed'), text: formats.speed(transfer.bytesPerSecond) },
  ]
}

function endOf(
  { state: { t, formats } }: WebContext,
  { at, reason, seconds }: NonNullable<SessionRow['ended']>,
): Fact[] {
  return [
    { label: t('activity.finished.ended'), text: formats.dateTime(at) },
    { label: t('activity.finished.lasted'), text: formats.duration(seconds) },
    { label: t('activity.finished.reason'), text: t(`activity.reasons.${reason}`) },
  ]
}
