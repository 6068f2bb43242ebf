/** What is allowed and yet worth a word: settings that work and may surprise. */
import { portCount, portRange } from './port-range.ts'
import type { Settings } from './schema.ts'
import { UNLIMITED } from './values.ts'

/** One sentence each, for the start page and the log. */
export function settingsWarnings({ settings, resources }: Settings): readonly string[] {
  const warnings: string[] = []
  const range = portRange(settings.passivePorts)
  const { connections } = settings.limits
  if (range && portCount(range) < (connections === UNLIMITED ? Infinity : connections)) {
    const places = portCount(range)
    warnings.push(`The passive ports allow ${places} transfers at once, fewer than the ${connections} connections.`)
  }
  for (const { name, enabled, guests } of resources) {
    if (enabled && (guests.profile === 'dropBox' || guests.profile === 'readWrite')) {
      warnings.push(`Guests may write to "${name}".`)
    }
  }
  return warnings
}
