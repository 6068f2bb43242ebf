/** Bans given and lifted by administrators: for a time in the ban layer, for good as a deny rule. */
import type { BanRow } from '../access/bans.ts'
import { withBlock } from '../access/block.ts'
import { parseAddress } from '../access/address.ts'
import { parseMask } from '../access/ip-rule.ts'
import { holds } from '../access/mask.ts'
import type { FtpService } from '../service.ts'
import { DEFAULT_DOMAIN } from '../settings/domain.ts'
import { SettingsError } from '../settings/problems.ts'
import { SERVER_RULES, type RulePlace } from '../settings/rule-lists.ts'
import type { AuditEntry } from '../shell.ts'
import { LONGEST_BAN } from './kick.ts'
import { LockOut, type Editor } from './rules.ts'

export interface BanOrder {
  /** A mask of addresses; for good also one of names. */
  readonly mask: string
  /** 1 to {@link LONGEST_BAN}; absent = for good, which is a deny rule. */
  readonly minutes?: number | undefined
  /** Id of a domain; absent = the whole server. */
  readonly domain?: string | undefined
  readonly note?: string
}

export interface BlocksParts {
  readonly service: Pick<FtpService, 'access' | 'rules' | 'settings'>
  readonly audit: (entry: AuditEntry) => void
}

export class Blocks {
  readonly #parts: BlocksParts

  constructor(parts: BlocksParts) {
    this.#parts = parts
  }

  /**
   * Keeps addresses out. Rejects with `SettingsError` for what is no mask or no time, with `LockOut` where the editor's own
   * address is among them and `confirm` does not name it; then nothing has changed.
   */
  async ban(order: BanOrder, editor: Editor, confirm?: string): Promise<void> {
    const { mask, minutes, domain, note = '' } = order
    if (domain !== undefined && !this.#known(domain)) throw problem('domain', 'must be the id of a domain', domain)
    if (minutes === undefined) return this.#forGood(order, editor, confirm)
    if (!Number.isInteger(minutes) || minutes < 1 || minutes > LONGEST_BAN) {
      throw problem('minutes', `must be a whole number from 1 to ${LONGEST_BAN}`, String(minutes))
    }
    const parsed = parseMask(mask)
    if ('problem' in parsed) throw problem('mask', parsed.problem.message, mask)
    const own = parseAddress(editor.address ?? '')
    const self = own && parsed.mask.kind === 'addresses' && holds(parsed.mask, own)
    if (self && confirm?.trim() !== own.text) throw new LockOut([{ kind: 'self' }], own.text)
    try {
      const { service, audit } = this.#parts
      const row = service.access.bans.banMask({ mask, minutes, by: editor.name, note, ...(domain ? { domain } : {}) })
      const where = domain === undefined ? '' : ` in the domain ${domain}`
      const text = `${row.subject} is banned for ${minutes} min${where}.`
      audit({ level: 'notice', event: 'access.banned', text, by: editor.name })
    } catch (error) {
      if (error instanceof RangeError) throw problem('mask', error.message, mask)
      throw error
    }
  }

  /** Ends a ban; undefined where there is none of this id. */
  lift(id: string, by: string): BanRow | undefined {
    const row = this.#parts.service.access.hammering.lift(id)
    if (row)
      this.#parts.audit({ level: 'notice', event: 'access.lifted', text: `${row.subject} may come in again.`, by })
    return row
  }

  /** Ends every ban that is in force; answers how many there were. */
  liftAll(by: string): number {
    const { access } = this.#parts.service
    const rows = access.bans.rows()
    for (const { id } of rows) access.hammering.lift(id)
    if (rows.length > 0) {
      const text = `All ${rows.length} bans are lifted.`
      this.#parts.audit({ level: 'notice', event: 'access.lifted', text, by })
    }
    return rows.length
  }

  async #forGood({ mask, domain, note = '' }: BanOrder, editor: Editor, confirm: string | undefined): Promise<void> {
    const { rules } = this.#parts.service
    const place: RulePlace = domain === undefined ? SERVER_RULES : { level: 'domain', name: domain }
    const { rules: before = [], revision } = rules.list(place) ?? {}
    await rules.save({ place, rules: withBlock(before, mask.trim(), note), editor, revision, confirm })
  }

  #known(domain: string): boolean {
    return domain !== DEFAULT_DOMAIN && this.#parts.service.settings().domains.some(({ id }) => id === domain)
  }
}

function problem(path: string, text: string, got: string): SettingsError {
  return new SettingsError([{ path, text, got: JSON.stringify(got).slice(0, 80) }])
}
