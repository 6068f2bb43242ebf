/** The limits of one account, as the engine wants them. */
import type { AccountLimits, SpeedLimit } from '../ftp/backend.ts'
import { orInfinity, speed } from '../settings/engine-options.ts'
import type { Member, Policy } from '../settings/inheritance.ts'
import { effectiveLimits, sharedSpeed } from '../settings/inheritance.ts'
import { UNLIMITED } from '../settings/values.ts'

const SPEEDS = { download: 'downloadBytesPerSecond', upload: 'uploadBytesPerSecond' } as const
type Direction = keyof typeof SPEEDS

/** The limits of a user as they are now. The speeds of the whole server are the engine's own. */
export function userLimits(policy: Policy, member: Member): AccountLimits {
  const limits = effectiveLimits(policy, member)
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

/** The limits that all guests share. */
export function guestLimits({ settings: { guests } }: Policy): AccountLimits {
  return {
    sessions: orInfinity(guests.sessions),
    sessionsPerHost: orInfinity(guests.sessionsPerHost),
    download: speed('guest:download', guests.downloadBytesPerSecond),
    upload: speed('guest:upload', guests.uploadBytesPerSecond),
  }
}
