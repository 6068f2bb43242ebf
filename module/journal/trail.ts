/** The trail of sessions in the log: who came, proved what and said which verbs, newest first, in pieces with a bound. */
import type { DayReader } from './day-reader.ts'
import { BETWEEN_FIELDS, entryOf } from './run.ts'

/** What a trail is made of. */
export const TRAIL_EVENTS = [
  'session-opened',
  'connection-refused',
  'secured',
  'domain-chosen',
  'login',
  'login-failed',
  'command',
] as const
export type TrailEvent = (typeof TRAIL_EVENTS)[number]

/** One event of a session. */
export interface TrailRow {
  /** Milliseconds since 1970. */
  readonly time: number
  readonly event: TrailEvent
  readonly session: string
  readonly address: string
  readonly domain?: string
  readonly user?: string
  /** Of commands: the verb. */
  readonly verb?: string
  /** Of the opening: TLS from the first byte on. */
  readonly secure?: true
  /** Of refusals: the rule that decided. */
  readonly rule?: string
}

export interface TrailRequest {
  /** Nothing older, milliseconds since 1970. */
  readonly since: number
  /** Commands with these verbs are told, no others. */
  readonly verbs: readonly string[]
  /** Where the piece before ended. */
  readonly before?: TrailPlace
}

export interface TrailPlace {
  readonly day: string
  readonly position: number
}

export interface TrailPiece {
  /** Newest first. */
  readonly rows: readonly TrailRow[]
  /** Entries looked at. */
  readonly looked: number
  /** Where to go on; absent = the end. */
  readonly next?: TrailPlace
}

/** Entries looked through for one piece: some ten milliseconds. */
const AT_ONCE = 10_000

/** A piece of one day; the position where it began, so that the next goes on before it. */
export function trailOf(
  reader: DayReader,
  { since, verbs }: TrailRequest,
  before: number,
): TrailPiece & { from: number } {
  const { first, last } = reader.range()
  const end = Math.min(before, last + 1)
  const from = Math.max(end - AT_ONCE, first)
  const rows = [...reader.backwards(from, end)].flatMap(([said, facts]) => rowOf(said, facts, since, verbs) ?? [])
  return { rows, looked: Math.max(0, end - from), from: from > first ? from : 0 }
}

function rowOf(said: string, facts: string, since: number, verbs: readonly string[]): TrailRow | undefined {
  const [, session, domain, time, word] = facts.split(BETWEEN_FIELDS, 5)
  const event = TRAIL_EVENTS.find((one) => one === word)
  const text = said.slice(said.lastIndexOf(BETWEEN_FIELDS) + 1)
  if (!event || !session || Number(time) < since || (event === 'command' && !says(text, verbs))) return undefined
  const { address, user, verdict } = entryOf(said, facts)
  if (address === undefined) return undefined
  return {
    time: Number(time),
    event,
    session,
    address,
    ...(domain && { domain }),
    ...(user !== undefined && { user }),
    ...(verdict && { rule: verdict.rule }),
    ...(event === 'command' && { verb: verbOf(text) }),
    // The text says it since there have been logs.
    ...(event === 'session-opened' && text.endsWith(' over TLS.') && { secure: true as const }),
  }
}

/** Whether a command has one of the verbs. */
function says(text: string, verbs: readonly string[]): boolean {
  return verbs.some(
    (verb) => text.startsWith(`> ${verb}`) && (text.length === verb.length + 2 || text[verb.length + 2] === ' '),
  )
}

/** `> SITE CHMOD 600 a` → `SITE CHMOD`. */
function verbOf(text: string): string {
  return /^> ((?:(?:SITE|OPTS) )?\S+)/.exec(text)?.[1] ?? ''
}
