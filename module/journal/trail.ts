/** The trail of sessions in the log: who came, proved what and said which verbs, newest first, in pieces with a bound. */
import type { DayReader } from './day-reader.ts'
import { BETWEEN_FIELDS, END_OF_ENTRY, entryOf } from './run.ts'

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
const EVENTS: ReadonlyMap<string, TrailEvent> = new Map(TRAIL_EVENTS.map((event) => [event, event]))

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
  const rows: TrailRow[] = []
  for (const { first: at, said, facts } of reader.texts(from, end)) {
    rows.push(...rowsOf(said, facts, { from: from - at, before: end - at }, { since, verbs }).toReversed())
  }
  return { rows, looked: Math.max(0, end - from), from: from > first ? from : 0 }
}

/** The rows of a block at places from one on up to before another, oldest first. Lines of other events are not even taken out. */
function rowsOf(
  said: string,
  facts: string,
  { from, before }: { readonly from: number; readonly before: number },
  { since, verbs }: Pick<TrailRequest, 'since' | 'verbs'>,
): TrailRow[] {
  const rows: TrailRow[] = []
  for (let place = 0, inSaid = 0, inFacts = 0; inFacts < facts.length && place < before; place++) {
    const [saidEnd, factsEnd] = [said.indexOf(END_OF_ENTRY, inSaid), facts.indexOf(END_OF_ENTRY, inFacts)]
    const event = place < from ? undefined : EVENTS.get(eventAt(facts, inFacts, factsEnd))
    const row = event && rowOf(event, said.slice(inSaid, saidEnd), facts.slice(inFacts, factsEnd), verbs)
    if (row && row.time >= since) rows.push(row)
    ;[inSaid, inFacts] = [saidEnd + 1, factsEnd + 1]
  }
  return rows
}

/** The fifth field of a line. */
function eventAt(facts: string, start: number, end: number): string {
  let from = start
  for (let field = 0; field < 4; field++) from = facts.indexOf(BETWEEN_FIELDS, from) + 1
  const next = facts.indexOf(BETWEEN_FIELDS, from)
  return facts.slice(from, next < 0 || next > end ? end : next)
}

function rowOf(event: TrailEvent, said: string, facts: string, verbs: readonly string[]): TrailRow | undefined {
  const text = said.slice(said.lastIndexOf(BETWEEN_FIELDS) + 1)
  if (event === 'command' && !says(text, verbs)) return undefined
  const { time, session, address, domain, user, verdict } = entryOf(said, facts)
  if (session === undefined || address === undefined) return undefined
  return {
    time,
    event,
    session,
    address,
    ...(domain !== undefined && { domain }),
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
