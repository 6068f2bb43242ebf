/** Access control on a clock that tests move, without a file. */
import { AccessGate, type AccessPolicy } from '../../module/access/gate.ts'
import { Bans } from '../../module/access/bans.ts'
import { Hammering } from '../../module/access/hammering.ts'
import { RuleList } from '../../module/access/ip-rules.ts'
import { Names } from '../../module/access/names.ts'
import { hammering as hammeringSettings, type HammeringSettings } from '../../module/settings/access.ts'
import { fakeClock, type FakeClock } from './fake-clock.ts'
import { rules } from './rules.ts'

export interface Parts {
  readonly clock: FakeClock
  readonly bans: Bans
  readonly hammering: Hammering
  readonly gate: AccessGate
  /** Fails n times in a row. */
  readonly fail: (address: string, user: string, times?: number) => ReturnType<Hammering['failed']>
  /** Whether a connection from the address is admitted. */
  readonly open: (address: string, domain?: string) => boolean
}

interface Setting {
  readonly clock?: FakeClock
  readonly numbers?: Partial<HammeringSettings>
  readonly policy?: Partial<AccessPolicy>
  readonly names?: Names
  /** Automatic bans kept. */
  readonly most?: number
}

export const noRules: AccessPolicy = {
  server: new RuleList([]),
  domains: new Map(),
  groups: new Map(),
  users: new Map(),
}

export function lists(entries: Readonly<Record<string, readonly string[]>>): Map<string, RuleList> {
  return new Map(Object.entries(entries).map(([name, lines]) => [name, new RuleList(rules(...lines))]))
}

/** Addresses of 192.168.0.0/16 and fd00::/8 are the LAN. */
export function setUp({
  clock = fakeClock(),
  numbers = {},
  policy = {},
  names = new Names(),
  most,
}: Setting = {}): Parts {
  const settings = { ...hammeringSettings.parse({}), ...numbers }
  const spared: ConstructorParameters<typeof Bans>[0]['spared'] = (address) =>
    (!settings.banLan && /^(?:192\.168\.|fd)/.test(address.text)) || gate.exempt(address)
  const bans = new Bans({ clock, spared, ...(most === undefined ? {} : { most }) })
  const hammering = new Hammering({ clock, bans, settings, spared })
  const gate = new AccessGate({ clock, bans, names, policy: { ...noRules, ...policy } })
  return {
    clock,
    bans,
    hammering,
    gate,
    fail(address, user, times = 1) {
      let result = hammering.failed(address, user, 'default')
      for (let more = 1; more < times; more++) result = hammering.failed(address, user, 'default')
      return result
    },
    open(address, domain = 'default') {
      const verdict = gate.admit({ address }, domain)
      if (verdict instanceof Promise) throw new Error('the verdict waits')
      return verdict.allowed
    },
  }
}
