/** Ending a session for more than now: with a ban, a deny rule or a disabled account. All of what was asked for, or nothing. */
import { parseAddress } from '../access/address.ts'
import { withBlock } from '../access/block.ts'
import type { BanRow, Bans } from '../access/bans.ts'
import type { SessionRow } from '../activity/session-record.ts'
import type { FtpServer } from '../ftp/server.ts'
import type { FtpService } from '../service.ts'
import { DEFAULT_DOMAIN } from '../settings/domain.ts'
import { mergePatch } from '../settings/merge.ts'
import { rulesAt, rulesPatch, SERVER_RULES } from '../settings/rule-lists.ts'
import type { Settings } from '../settings/schema.ts'
import type { AuditEntry } from '../shell.ts'
import { ChangedMeanwhile } from './changes.ts'

/** Minutes of the longest ban: thirty days. What should last longer is a rule. */
export const LONGEST_BAN = 30 * 24 * 60

export interface Kick {
  /** Told to the client before the cut; one line. */
  readonly message?: string
  /** Whether the other sessions of the address end as well. */
  readonly others?: boolean
  /** Minutes for which the address is banned, 1 to {@link LONGEST_BAN}. */
  readonly ban?: number
  /** Whether a deny rule for the address is put before all others. */
  readonly block?: boolean
  /** Where ban and rule hold: everywhere, or in the domain of the session. */
  readonly scope?: 'server' | 'domain'
  readonly disableAccount?: boolean
}

export interface Kicker {
  /** For the log. */
  readonly name: string
  /** Where the administrator himself comes from, if that is known. */
  readonly address?: string | undefined
  /** What was typed to show that banning or blocking the own address is meant: the address. */
  readonly confirm?: string | undefined
}

export interface KickOutcome {
  readonly address: string
  /** Sessions that were ended, this one included. */
  readonly sessions: number
  readonly banned: boolean
  readonly blocked: boolean
  /** The account that was disabled. */
  readonly disabled?: string
}

/** Why nothing was done. */
export type KickProblem = 'gone' | 'own-address' | 'no-account' | 'default-domain' | 'too-many-bans' | 'changed'

const PROBLEMS: Readonly<Record<KickProblem, string>> = {
  gone: 'There is no such session any more.',
  'own-address': 'This is your own address. To ban or block it all the same, confirm with the address.',
  'no-account': 'Nobody is logged in whose account could be disabled.',
  'default-domain': 'The default domain has no rules of its own: block the address on the whole server.',
  'too-many-bans': 'Too many bans are in force; lift one or block the address.',
  changed: 'The settings are being changed by others all the time.',
}

/** Thrown when nothing was done. */
export class KickRefused extends Error {
  override readonly name = 'KickRefused'
  readonly problem: KickProblem
  constructor(problem: KickProblem) {
    super(PROBLEMS[problem])
    this.problem = problem
  }
}

export interface KickParts {
  readonly service: Pick<FtpService, 'activity' | 'access' | 'settings' | 'revision' | 'change'>
  /** The engine while it runs. */
  readonly engine: () => Pick<FtpServer, 'disconnect' | 'abortTransfer'> | undefined
  readonly audit: (entry: AuditEntry) => void
}

/**
 * Does everything that was asked for and then ends the session. Throws {@link KickRefused}, or `SettingsError` where the
 * settings cannot be stored; then nothing has changed.
 */
export async function kick(parts: KickParts, id: string, order: Kick, by: Kicker): Promise<KickOutcome> {
  const row = parts.service.activity.details(id)?.row
  if (!row || row.ended) throw new KickRefused('gone')
  check(row, order, by)
  const takeBack = ban(parts, row, order, by)
  try {
    await changeSettings(parts, row, order, by)
  } catch (error) {
    takeBack()
    throw error
  }
  const others = order.others ? parts.service.activity.othersOf(row.address, id) : []
  const ended = [row, ...others].filter((one) => parts.engine()?.disconnect(one.id, order.message))
  record(parts, row, order, by, ended.length)
  return {
    address: row.address,
    sessions: ended.length,
    banned: order.ban !== undefined,
    blocked: order.block === true,
    ...(order.disableAccount && row.user !== undefined ? { disabled: row.user } : {}),
  }
}

/** Whether banning or blocking this address would keep the administrator out himself. */
export function isOwn(address: string, own: string | undefined): boolean {
  return own !== undefined && parseAddress(own)?.text === parseAddress(address)?.text
}

function check(row: SessionRow, { ban: minutes, block, scope, disableAccount }: Kick, by: Kicker): void {
  const keepsOut = minutes !== undefined || block === true
  if (keepsOut && isOwn(row.address, by.address) && !isOwn(row.address, by.confirm?.trim())) {
    throw new KickRefused('own-address')
  }
  if (block && scope === 'domain' && row.domain === DEFAULT_DOMAIN) throw new KickRefused('default-domain')
  if (disableAccount && (row.user === undefined || row.guest)) throw new KickRefused('no-account')
}

/** Bans the address; answers what takes that back. */
function ban(parts: KickParts, row: SessionRow, { ban: minutes, scope }: Kick, { name }: Kicker): () => void {
  if (minutes === undefined) return () => undefined
  const { bans } = parts.service.access
  const before = new Map(bans.rows().map((one) => [one.id, one]))
  const domain = scope === 'domain' ? { domain: row.domain } : {}
  try {
    const given = bans.banMask({ mask: row.address, minutes, by: name, ...domain })
    return () => restore(bans, given, before.get(given.id))
  } catch (error) {
    throw error instanceof RangeError ? new KickRefused('too-many-bans') : error
  }
}

function restore(bans: Bans, given: BanRow, before: BanRow | undefined): void {
  bans.lift(given.id)
  if (!before) return
  const { subject, expiresIn, by = '', note = '', domain } = before
  bans.banMask({ mask: subject, minutes: expiresIn / 60, by, note, ...(domain === undefined ? {} : { domain }) })
}

/** Rule and account in one change, made again when somebody else was faster. */
async function changeSettings(parts: KickParts, row: SessionRow, order: Kick, by: Kicker): Promise<void> {
  if (!order.block && !order.disableAccount) return
  for (let attempt = 1; attempt <= 5; attempt++) {
    const revision = parts.service.revision()
    try {
      await parts.service.change(patchOf(parts.service.settings(), row, order, by), by.name, { revision })
      return
    } catch (error) {
      if (!(error instanceof ChangedMeanwhile)) throw error
    }
  }
  throw new KickRefused('changed')
}

function patchOf(settings: Settings, row: SessionRow, { block, scope, disableAccount }: Kick, by: Kicker): object {
  const place = scope === 'domain' ? ({ level: 'domain', name: row.domain } as const) : SERVER_RULES
  const rules = rulesAt(settings, place)
  if (block && !rules) throw new KickRefused('gone')
  const who = row.user === undefined ? '' : `${row.user}, `
  const note = `${who}blocked by ${by.name}`.replaceAll(/\p{Cc}/gu, ' ').slice(0, 200)
  const blocked = block && rules ? rulesPatch(settings, place, withBlock(rules, row.address, note)) : {}
  if (!disableAccount || row.user === undefined) return blocked
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- an object merged into an object
  return mergePatch(blocked, { accounts: { users: { [row.user]: { ftp: false } } } }) as object
}

function record(parts: KickParts, row: SessionRow, order: Kick, { name: by }: Kicker, sessions: number): void {
  const where = order.scope === 'domain' ? ` in the domain ${row.domain}` : ''
  const more = sessions > 1 ? `, and ${sessions - 1} more of this address` : ''
  const told = order.message === undefined ? '' : ` Told: ${order.message}`
  const who = row.user ?? 'nobody logged in'
  const text = `Session ${row.id} (${who}, ${row.address})${more}.${told}`
  parts.audit({ level: 'notice', event: 'session.disconnected', text, by })
  if (order.ban !== undefined) {
    const banned = `${row.address} is banned for ${order.ban} min${where}.`
    parts.audit({ level: 'notice', event: 'access.banned', text: banned, by })
  }
}
