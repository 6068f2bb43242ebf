/** Sessions as the list shows them: words instead of codes, and what a row is known by. */
import type { SessionRow } from '../../activity/session-record.ts'
import type { WebContext } from '../context.ts'

export interface ShownSession {
  readonly id: string
  readonly user: string
  readonly guest: boolean
  readonly program: string
  readonly address: string
  readonly host: string
  readonly domain: string
  readonly secure: boolean
  readonly since: string
  /** When it did something last, milliseconds since 1970, and how long that is ago; empty while data flows. */
  readonly activeAt: string
  readonly idle: string
  /** What it does now: `Download`, `Idle`. */
  readonly now: string
  readonly kind: SessionRow['now']
  readonly folder: string
  readonly path: string
  /** 0 to 100; empty where the size is not known. */
  readonly percent: string
  /** `45 % · 12 MB of 30 MB`. */
  readonly progress: string
  readonly speed: string
}

/** What a row adds that the session does not know itself. */
export interface Beside {
  readonly host: string
  readonly domain: string
}

/** One session in the language of the page. */
export function shownSession(ctx: WebContext, row: SessionRow, { host, domain }: Beside): ShownSession {
  const { t, formats } = ctx.state
  const { transfer } = row
  return {
    id: row.id,
    user: row.user ?? '',
    guest: row.guest,
    program: row.program,
    address: row.address,
    host,
    domain,
    secure: row.secure,
    since: sinceText(ctx, row.since),
    activeAt: transfer ? '' : String(row.activeAt),
    idle: transfer ? '' : formats.duration(row.idle),
    now: row.now === 'command' ? t('activity.now.command', { verb: row.verb }) : t(`activity.now.${row.now}`),
    kind: row.now,
    folder: row.folder,
    path: transfer?.path ?? '',
    percent: transfer?.progress === undefined ? '' : String(Math.floor(transfer.progress * 100)),
    progress: progressText(ctx, row),
    speed: transfer ? formats.speed(transfer.bytesPerSecond) : '',
  }
}

/** Everything of a row that changes what is shown; passing time alone does not. */
export function rowKey(row: SessionRow, beside: Beside): string {
  const { idle: _, ...rest } = row
  return JSON.stringify([rest, beside])
}

/** `45 % · 12 MB of 30 MB`, or only how much; empty without a transfer. */
export function progressText({ state: { t, formats } }: WebContext, { transfer }: SessionRow): string {
  if (!transfer) return ''
  const { bytes, offset, size, progress } = transfer
  if (size === undefined || progress === undefined) return formats.bytes(bytes)
  const moved = t('activity.progress', { bytes: formats.bytes(offset + bytes), size: formats.bytes(size) })
  return `${formats.percent(Math.floor(progress * 100) / 100)} · ${moved}`
}

/** The time alone, with the day where it is another one. */
export function sinceText({ state: { formats } }: WebContext, time: number): string {
  return formats.date(time) === formats.date(Date.now()) ? formats.time(time) : formats.dateTime(time)
}
