/** The rule lists of all levels as administrators edit them: a list at a time, guarded against shutting out who edits it. */
import { createHash } from 'node:crypto'
import { parseAddress } from '../access/address.ts'
import { dangersOf, type Danger } from '../access/danger.ts'
import type { FtpService } from '../service.ts'
import { accessRules, type AccessRule } from '../settings/access.ts'
import { mergePatch } from '../settings/merge.ts'
import { checked, SettingsError } from '../settings/problems.ts'
import { rulePlaces, rulesAt, rulesPatch, type RulePlace } from '../settings/rule-lists.ts'
import { settings as schema, type Settings } from '../settings/schema.ts'
import type { ApplianceShell, AuditEntry } from '../shell.ts'
import { ChangedMeanwhile } from './changes.ts'
import { maskProblems, ruleProblems } from './entrance.ts'
import { Probation, type RulesBefore, type Timing, type Trial } from './probation.ts'

/** Who edits, and from where. */
export interface Editor {
  readonly name: string
  /** Absent where it is not known. */
  readonly address?: string | undefined
}

export interface RulesChange {
  readonly place: RulePlace
  readonly rules: readonly AccessRule[]
  readonly editor: Editor
  /** The list that the change was made from; absent = whatever it is. */
  readonly revision?: string | undefined
  /** What the editor typed to show that shutting out is meant: the word of the {@link LockOut}. */
  readonly confirm?: string | undefined
  /** Puts the list back by itself unless it is confirmed, also where nothing is dangerous. */
  readonly trial?: boolean | undefined
}

/** A list before and after a change. */
interface ChangedList {
  readonly place: RulePlace
  readonly before: readonly AccessRule[]
  readonly after: readonly AccessRule[]
}

/** A danger with the list that holds it; a ban has none. */
export interface PlacedDanger extends Danger {
  readonly place?: RulePlace
}

/** Thrown when rules would shut out the editor's own address, or everybody, and it was not said that this is meant. */
export class LockOut extends Error {
  override readonly name = 'LockOut'
  readonly dangers: readonly PlacedDanger[]
  /** To be typed: the editor's address, else the name that the list belongs to. */
  readonly word: string
  constructor(dangers: readonly PlacedDanger[], word: string) {
    const whom = dangers.some(({ kind }) => kind === 'everybody') ? 'everybody' : `your own address ${word}`
    super(`These rules would shut out ${whom}. To apply them all the same, confirm with "${word}".`)
    this.dangers = dangers
    this.word = word
  }
}

export interface RulesParts {
  readonly service: Pick<FtpService, 'settings' | 'change' | 'revision' | 'access'>
  readonly shell: Pick<ApplianceShell, 'users' | 'paths'>
  readonly audit: (entry: AuditEntry) => void
  readonly fault: (error: unknown) => void
  readonly changed: () => void
  readonly timing?: Timing | undefined
}

export class Rules {
  readonly #parts: RulesParts
  readonly #probation: Probation

  constructor(parts: RulesParts) {
    this.#parts = parts
    this.#probation = new Probation({
      ...parts,
      stateFolder: parts.shell.paths.state,
      revert: (before) => this.#restore(before),
    })
  }

  /** Puts back what was on trial when the process before ended. */
  load(): Promise<void> {
    return this.#probation.load()
  }

  close(): void {
    this.#probation.close()
  }

  /** What is on trial now. */
  get trial(): Trial | undefined {
    return this.#probation.current
  }

  /** Keeps what is on trial; false when nothing is. */
  confirm(by: string): Promise<boolean> {
    return this.#probation.confirm(by)
  }

  /** Puts back what is on trial; false when nothing is. */
  undo(by: string): Promise<boolean> {
    return this.#probation.undo(by)
  }

  /** The rules of a place with the name of their state; undefined for a place that is not there. */
  list(place: RulePlace): { readonly rules: readonly AccessRule[]; readonly revision: string } | undefined {
    const rules = rulesAt(this.#parts.service.settings(), place)
    return rules && { rules, revision: revisionOf(rules) }
  }

  /**
   * Changes a list, in force at once. Rejects with `SettingsError` for rules that are not possible, `ChangedMeanwhile` where
   * somebody else was faster, `LockOut` where it would shut out the editor or everybody; then nothing has changed.
   */
  async save({ place, rules, editor, revision, confirm, trial }: RulesChange): Promise<void> {
    const current = this.#parts.service.settings()
    const stand = this.#parts.service.revision()
    const before = rulesAt(current, place)
    if (!before || (revision !== undefined && revision !== revisionOf(before))) throw new ChangedMeanwhile([])
    const problems = maskProblems('rules', checked(accessRules, rules))
    if (problems.length > 0) throw new SettingsError(problems)
    const lists = [{ place, before, after: rules }]
    await this.#apply(lists, rulesPatch(current, place, rules), { editor, confirm, trial, revision: stand })
  }

  /**
   * Changes settings by a merge patch, as the service does, with the same care for the rules in it. One word answers for all
   * lists. Rules of a domain that there was not before shut out nobody who came in until now.
   */
  async change(patch: unknown, { editor, confirm, revision }: Omit<RulesChange, 'place' | 'rules'>): Promise<Settings> {
    const { service } = this.#parts
    const current = service.settings()
    // What does not name rules leaves them, or takes them away, which opens and shuts nobody out.
    const next = JSON.stringify(patch ?? null).includes('"rules"')
      ? checked(schema, mergePatch(current, patch))
      : current
    const problems = ruleProblems(next)
    if (problems.length > 0) throw new SettingsError(problems)
    const lists = rulePlaces(next).flatMap((place) => {
      const [before, after = []] = [rulesAt(current, place), rulesAt(next, place)]
      return !before || revisionOf(before) === revisionOf(after) ? [] : [{ place, before, after }]
    })
    return this.#apply(lists, patch, { editor, confirm, revision })
  }

  async #apply(
    lists: readonly ChangedList[],
    patch: unknown,
    { editor, confirm, revision, trial = false }: Omit<RulesChange, 'place' | 'rules'>,
  ): Promise<Settings> {
    const takeBack: (() => Promise<void>)[] = []
    const lockOuts = await Promise.all(lists.map((list) => this.#lockOut(list, editor)))
    const lockOut = whole(lockOuts.filter((one) => one !== undefined))
    if (lockOut && confirm?.trim() !== lockOut.word) throw lockOut
    const dangerous = lists.filter((_, at) => trial || lockOuts[at] !== undefined)
    try {
      for (const { place, before } of dangerous) {
        takeBack.unshift(await this.#probation.begin({ place, rules: before }, editor.name))
      }
      return await this.#parts.service.change(patch, editor.name, { revision })
    } catch (error) {
      for (const undo of takeBack) await undo()
      throw error
    }
  }

  async #lockOut({ place, before, after }: ChangedList, editor: Editor): Promise<LockOut | undefined> {
    const concerned = await this.#concerns(place, editor.name)
    const address = concerned ? parseAddress(editor.address ?? '')?.text : undefined
    const names = this.#parts.service.access.names.lookup()
    const dangers = await dangersOf({ before, after, address, now: Date.now(), names })
    const placed = dangers.map((danger) => ({ ...danger, place }))
    return placed.length > 0 ? new LockOut(placed, (address ?? place.name) || place.level) : undefined
  }

  /** Whether the rules of a place would be asked about the editor's own FTP sessions. */
  async #concerns({ level, name }: RulePlace, editor: string): Promise<boolean> {
    if (level === 'server' || level === 'domain') return true
    if (level === 'user') return name === editor
    const user = await this.#parts.shell.users.find(editor).catch(() => undefined)
    return user?.groups.includes(name) ?? false
  }

  /** Puts lists back, one change for all of them. */
  async #restore(before: readonly RulesBefore[]): Promise<void> {
    for (const { place, rules } of before) {
      const { service } = this.#parts
      const now = rulesAt(service.settings(), place)
      // A domain may be gone meanwhile.
      if (now && revisionOf(now) !== revisionOf(rules)) {
        const revision = service.revision()
        await service.change(rulesPatch(service.settings(), place, rules), 'system', { revision })
      }
    }
  }
}

/** What several lists do together; the own address is the word wherever it is among them. */
function whole(lockOuts: readonly LockOut[]): LockOut | undefined {
  const dangers = lockOuts.flatMap((one) => one.dangers)
  const own = lockOuts.find((one) => one.dangers.some(({ kind }) => kind === 'self')) ?? lockOuts[0]
  return own && new LockOut(dangers, own.word)
}

/** Names the state of a list; the same rules have the same name. */
function revisionOf(rules: readonly AccessRule[]): string {
  const known = revisions.get(rules)
  if (known !== undefined) return known
  const made = createHash('sha256').update(JSON.stringify(rules)).digest('base64url').slice(0, 16)
  revisions.set(rules, made)
  return made
}

const revisions = new WeakMap<readonly AccessRule[], string>()
