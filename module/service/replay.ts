/** Replay before you save: what other settings would have done to the sessions of the last days, read from the log. */
import { setImmediate as turn } from 'node:timers/promises'
import type { Verdict } from '../ftp/verdict.ts'
import type { Journal } from '../journal/journal.ts'
import type { TrailPlace, TrailRow } from '../journal/trail.ts'
import { mergePatch } from '../settings/merge.ts'
import { networkTest } from '../settings/networks.ts'
import { checked, SettingsError } from '../settings/problems.ts'
import { settings as schema } from '../settings/schema.ts'
import type { Settings } from '../settings/schema.ts'
import type { ApplianceShell } from '../shell.ts'
import { ruleProblems } from './entrance.ts'
import { Court } from './replay-court.ts'
import type { PastSession } from './replay-court.ts'

/** Days that are looked back. */
export const REPLAY_DAYS = 7
const DAY = 86_400_000
/** Milliseconds that gathering may take, and events that may be kept: what is older is not looked at then. */
const PATIENCE = 1200
const EVENTS = 60_000
/** Milliseconds of judging at a stretch before others have their turn. */
const STRETCH = 5
/** Lines of an answer. */
const GROUPS = 50
const EXAMPLES = 10

/** Sessions of one address and user that would have been refused for the same reason. */
export interface ReplayGroup {
  readonly address: string
  readonly user?: string
  readonly count: number
  readonly verdict: Verdict
  /** The first of them: its session and when it would have happened, milliseconds since 1970. */
  readonly first: { readonly session: string; readonly time: number }
}

export interface ReplayAnswer {
  /** Sessions that were looked at. */
  readonly sessions: number
  /** The oldest moment that was looked at, milliseconds since 1970. */
  readonly since: number
  /** False where older sessions of these days were too many to be looked at. */
  readonly complete: boolean
  /** Whether commands are in the log: without them nobody knows who used which. */
  readonly commands: boolean
  /** Sessions that got in, or used what they used, and would not have. */
  readonly refused: number
  /** Connections that a rule kept out, and that would have got in. */
  readonly admitted: number
  /** Sessions about which a rule of names would have decided: what names meant then, nobody knows. */
  readonly untold: number
  /** Most frequent first; at most 50. */
  readonly groups: readonly ReplayGroup[]
  /** The newest refused ones, at most 10. */
  readonly examples: readonly { readonly session: string; readonly time: number; readonly verdict: Verdict }[]
}

interface ReplayParts {
  readonly shell: Pick<ApplianceShell, 'users' | 'network'>
  readonly journal: () => Journal
  readonly settings: () => Settings
}

export class Replay {
  readonly #parts: ReplayParts

  constructor(parts: ReplayParts) {
    this.#parts = parts
  }

  /** What the settings with this JSON merge patch would have done. Rejects with `SettingsError` for settings that are not possible. */
  async ask(patch: unknown, now = Date.now()): Promise<ReplayAnswer> {
    const settings = checked(schema, mergePatch(this.#parts.settings(), patch))
    const problems = ruleProblems(settings)
    if (problems.length > 0) throw new SettingsError(problems)
    const gathered = await this.#gather(verbsOff(settings), now - REPLAY_DAYS * DAY)
    return this.#judge(settings, gathered)
  }

  /** The sessions since a time by their beginning; the newest ones where there are too many. */
  async #gather(verbs: readonly string[], since: number): Promise<Gathered> {
    const journal = this.#parts.journal()
    await journal.flush()
    const end = performance.now() + PATIENCE
    const open = new Map<string, TrailRow[]>()
    const begun: TrailRow[][] = []
    let before: TrailPlace | undefined
    let events = 0
    let oldest = Date.now()
    do {
      const piece = await journal.trail({ since, verbs, ...(before && { before }) })
      for (const row of piece.rows) {
        const rows = open.get(row.session) ?? []
        if (rows.length === 0) open.set(row.session, rows)
        rows.push(row)
        oldest = row.time
        if (!BEGINNINGS.has(row.event)) continue
        begun.push(rows)
        open.delete(row.session)
      }
      events += piece.rows.length
      before = piece.next
    } while (before && performance.now() < end && events < EVENTS)
    // Whose beginning is not in the log any more, nobody knows where from and how it came: what is still open is left out.
    return { begun, complete: before === undefined, since: before ? oldest : since }
  }

  /** Judges from the oldest on: failed logins are counted as they came. */
  async #judge(settings: Settings, { begun, complete, since }: Gathered): Promise<ReplayAnswer> {
    const court = this.#court(settings)
    const tally = new Tally()
    let pause = performance.now() + STRETCH
    for (let at = begun.length - 1; at >= 0; at--) {
      const [first, ...rest] = begun[at]?.toReversed() ?? []
      if (!first) continue
      if (performance.now() > pause) {
        await turn()
        pause = performance.now() + STRETCH
      }
      const session: PastSession = [first, ...rest]
      tally.add(session, await court.judge(session))
    }
    const { commands } = this.#parts.settings().settings.log
    return { sessions: begun.length, since, complete, commands, ...tally.answer() }
  }

  #court(settings: Settings): Court {
    const lan = networkTest(settings.settings.lanNetworks ?? this.#parts.shell.network.lan())
    const groups = new Map<string, Promise<readonly string[]>>()
    const groupsOf = (user: string) => {
      const known = groups.get(user) ?? this.#parts.shell.users.find(user).then((found) => found?.groups ?? [])
      groups.set(user, known)
      return known
    }
    return new Court({ settings, lan, groupsOf })
  }
}

interface Gathered {
  /** The events of each, newest first; the session that began last comes first. */
  readonly begun: readonly (readonly TrailRow[])[]
  readonly complete: boolean
  readonly since: number
}

const BEGINNINGS: ReadonlySet<string> = new Set(['session-opened', 'connection-refused'])

/** Verbs that are switched off anywhere: only their use matters. */
function verbsOff({ settings, domains }: Settings): readonly string[] {
  const off = [...settings.commands.disabled, ...domains.flatMap(({ commands }) => commands.disabled)]
  return [...new Set([...off, ...(settings.passiveOnly ? ['PORT', 'EPRT'] : [])])]
}

/** Counts judgements. */
class Tally {
  readonly #groups = new Map<string, ReplayGroup>()
  readonly #examples: { session: string; time: number; verdict: Verdict }[] = []
  #refused = 0
  #admitted = 0
  #untold = 0

  add(session: PastSession, { refused, at, untold }: Awaited<ReturnType<Court['judge']>>): void {
    const [first] = session
    if (untold) this.#untold++
    else if (first.event === 'connection-refused') {
      // Limits of connections depend on who else was there: only rules are judged again.
      if (!refused && first.rule?.startsWith('access.')) this.#admitted++
    } else if (refused && at) this.#add(session, refused, at)
  }

  #add(session: PastSession, verdict: Verdict, at: TrailRow): void {
    const [{ address, session: id }] = session
    const wasRefused = at.event === 'login-failed' && at.rule === verdict.rule
    if (wasRefused) return
    this.#refused++
    const user = session.findLast((row) => row.event === 'login')?.user ?? at.user
    const key = JSON.stringify([address, user, verdict.rule, verdict.detail])
    const known = this.#groups.get(key)
    const group = { address, ...(user !== undefined && { user }), count: (known?.count ?? 0) + 1, verdict }
    this.#groups.set(key, { ...group, first: known?.first ?? { session: id, time: at.time } })
    this.#examples.push({ session: id, time: at.time, verdict })
    if (this.#examples.length > EXAMPLES) this.#examples.shift()
  }

  answer() {
    const groups = [...this.#groups.values()].toSorted((one, other) => other.count - one.count).slice(0, GROUPS)
    const examples = this.#examples.toReversed()
    return { refused: this.#refused, admitted: this.#admitted, untold: this.#untold, groups, examples }
  }
}
