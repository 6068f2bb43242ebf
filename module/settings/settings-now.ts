/** The settings with the limits of server and domains as their hours want them at a time: what the engine is given. */
import { localTime, saidNow } from './hours.ts'
import type { Hours, LocalTime } from './hours.ts'
import { machineZone } from './inheritance.ts'
import type { When } from './inheritance.ts'
import type { Settings } from './schema.ts'
import type { Limit } from './values.ts'

/** Limits of logins are asked for when they are needed; these are what sessions share. */
export function settingsNow(stored: Settings, when: Omit<When, 'domain'> = {}): Settings {
  const { settings, domains } = stored
  const now = localTime(when.at ?? Date.now(), when.timeZone ?? machineZone())
  return {
    ...stored,
    settings: { ...settings, limits: limitsNow(settings.limits, now) },
    domains: domains.map((domain) => ({ ...domain, together: limitsNow(domain.together, now) })),
  }
}

interface WithHours {
  readonly hours: readonly (Hours & { readonly limits: Readonly<Record<string, Limit | undefined>> })[]
}

function limitsNow<Limits extends WithHours>(limits: Limits, now: LocalTime): Limits {
  const named = new Set(limits.hours.flatMap((row) => Object.keys(row.limits)))
  const changed = [...named].flatMap((name) => {
    const said = saidNow<string, Limit>({}, limits.hours, name, now)
    return said ? [[name, said.value] as const] : []
  })
  return changed.length === 0 ? limits : { ...limits, ...Object.fromEntries(changed) }
}
