/** The limits of one account, as the engine wants them. */
import type { AccountLimits, SpeedLimit } from '../ftp/backend.ts'
import { orInfinity, speed } from '../settings/limit-options.ts'
import type { EffectiveLimits, Member, Policy, When } from '../settings/inheritance.ts'
import { effectiveLimits, sharedSpeed } from '../settings/inheritance.ts'
import { UNLIMITED } from '../settings/values.ts'

const SPEEDS = { download: 'downloadBytesPerSecond', upload: 'uploadBytesPerSecond' } as const
type Direction = keyof typeof SPEEDS

/** The limits of a user as they are at a time. The speeds of the whole server are the engine's own. */
export function userLimits(policy: Policy, member: Member, when?: When): AccountLimits {
  return engineLimits(effectiveLimits(policy, member, when), policy, member)
}

function engineLimits(limits: EffectiveLimits, policy: Policy, member: Member): AccountLimits {
  const speeds = (direction: Direction): readonly SpeedLimit[] => {
    const group = sharedSpeed(policy, member, SPEEDS[direction])
    return [
      ...speed(`group:${group?.from}:${direction}`, group?.value ?? UNLIMITED),
      ...speed(`user:${member.name}:${direction}`, limits[SPEEDS[direction]].value),
    ]
  }
  return {
    sessions: orInfinity(limits.sessions.value),
    sessionsPerHost: orInfinity(limits.sessionsPerHost.value),
    idleSeconds: orInfinity(limits.idleSeconds.value),
    sessionSeconds: orInfinity(limits.sessionSeconds.value),
    download: speeds('download'),
    upload: speeds('upload'),
  }
}

/** What the limits of a user depend on, each as it is now. */
export interface LimitSources {
  policy(): Policy
  member(): Member
  /** Id of the domain that the user is logged in to. */
  readonly domain: string
  /** Milliseconds since 1970. */
  now(): number
  timeZone(): string
}

const MINUTE = 60_000

interface Known {
  readonly policy: Policy
  readonly domain: string
  readonly minute: number
  readonly effective: EffectiveLimits
  readonly engine: AccountLimits
}

/** What was worked out last, for all sessions of a user. */
const known = new WeakMap<Member, Known>()

/**
 * The limits of one logged-in user. They are asked for with every command and every piece of a transfer, so they are worked out
 * only when the settings or the user's groups are other ones, or a new minute may have begun another hour.
 */
export class LimitsNow {
  readonly #sources: LimitSources

  constructor(sources: LimitSources) {
    this.#sources = sources
  }

  get effective(): EffectiveLimits {
    return this.#current().effective
  }

  get engine(): AccountLimits {
    return this.#current().engine
  }

  #current(): Known {
    const { domain } = this.#sources
    const [policy, member, at] = [this.#sources.policy(), this.#sources.member(), this.#sources.now()]
    const minute = Math.floor(at / MINUTE)
    const before = known.get(member)
    if (before?.policy === policy && before.domain === domain && before.minute === minute) return before
    const effective = effectiveLimits(policy, member, { domain, at, timeZone: this.#sources.timeZone() })
    const now = { policy, domain, minute, effective, engine: engineLimits(effective, policy, member) }
    known.set(member, now)
    return now
  }
}

/** The limits that all guests share. */
export function guestLimits({ settings: { guests } }: Policy): AccountLimits {
  return {
    sessions: orInfinity(guests.sessions),
    sessionsPerHost: orInfinity(guests.sessionsPerHost),
    download: speed('guest:download', guests.downloadBytesPerSecond),
    upload: speed('guest:upload', guests.uploadBytesPerSecond),
  }
}
