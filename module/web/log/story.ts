/** The story of a session in one sentence: who, from where, moved what, changed what, and what was refused. */
import type { Entry } from '../../journal/entry.ts'
import type { WebContext } from '../context.ts'
import { ruleText } from './words.ts'

/** What a session did, counted. */
export interface Deeds {
  readonly user?: string
  readonly address?: string
  readonly began: number
  readonly ended: number
  /** Whether its end is among the entries. */
  readonly closed: boolean
  readonly put: Moved
  readonly fetched: Moved
  readonly broken: number
  readonly changed: number
  readonly refusals: number
  /** The rules that refused, each once, in the order of first use. */
  readonly rules: readonly string[]
}

interface Moved {
  files: number
  bytes: number
  /** First parts of the paths, each once. */
  readonly places: Set<string>
}

/** Counts the entries of one session, oldest first. */
export function deedsOf(entries: readonly Entry[]): Deeds {
  const put: Moved = { files: 0, bytes: 0, places: new Set() }
  const fetched: Moved = { files: 0, bytes: 0, places: new Set() }
  const counts = new Map<string, number>()
  const rules = new Set<string>()
  let broken = 0
  for (const entry of entries) {
    counts.set(entry.event, (counts.get(entry.event) ?? 0) + 1)
    if (entry.verdict && REFUSALS.has(entry.event)) rules.add(entry.verdict.rule)
    if (entry.event !== 'transfer-ended') continue
    const moved = entry.text.startsWith('Received ') ? put : entry.text.startsWith('Sent ') ? fetched : undefined
    if (entry.result !== 'complete') broken++
    else if (moved) add(moved, entry)
  }
  const user = entries.findLast((entry) => entry.user !== undefined)?.user
  const address = entries.find((entry) => entry.address !== undefined)?.address
  return {
    ...(user !== undefined && { user }),
    ...(address !== undefined && { address }),
    began: entries[0]?.time ?? 0,
    ended: entries.at(-1)?.time ?? 0,
    closed: counts.has('session-closed'),
    put,
    fetched,
    broken,
    changed: counts.get('changed') ?? 0,
    refusals: [...REFUSALS].reduce((sum, event) => sum + (counts.get(event) ?? 0), 0),
    rules: [...rules],
  }
}

const REFUSALS: ReadonlySet<string> = new Set(['refused', 'login-failed', 'connection-refused', 'expelled'])
/** Places and reasons that are named; of more it says that there are more. */
const NAMED = 3

/** `anna from 10.0.0.7 put 3 files (12 MB) into Scans; 1 refusal: no right to delete.` */
export function storySentence(ctx: WebContext, deeds: Deeds): string {
  const { t, formats } = ctx.state
  const moved = (key: string, { files, bytes, places }: Moved) =>
    files > 0 &&
    t(`log.story.${key}`, {
      count: files,
      number: formats.number(files),
      bytes: formats.bytes(bytes),
      places: listed(ctx, [...places]),
    })
  const counted = (key: string, count: number) =>
    count > 0 && t(`log.story.${key}`, { count, number: formats.number(count) })
  const reasons = listed(
    ctx,
    deeds.rules.map((rule) => ruleText(t, rule)),
  )
  const clauses = [
    moved('put', deeds.put),
    moved('fetched', deeds.fetched),
    counted('changed', deeds.changed),
    counted('broken', deeds.broken),
    deeds.refusals > 0 && `${counted('refusals', deeds.refusals)}${reasons && `: ${reasons}`}`,
  ].filter((clause) => clause !== false)
  const address = deeds.address ?? t('log.story.unknownAddress')
  const who =
    deeds.user === undefined ? t('log.story.nobody', { address }) : t('log.story.who', { user: deeds.user, address })
  return t('log.story.sentence', { who, deeds: clauses.join('; ') || t('log.story.nothing') })
}

function add(moved: Moved, { bytes = 0, path = '' }: Entry): void {
  moved.files++
  moved.bytes += bytes
  moved.places.add(path.split('/')[1] || '/')
}

function listed({ state: { t, locale } }: WebContext, names: readonly string[]): string {
  const shown = names.slice(0, NAMED)
  if (names.length > NAMED) shown.push(t('log.story.more'))
  return new Intl.ListFormat(locale).format(shown)
}
