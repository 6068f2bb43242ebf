/** What is allowed and yet worth a word: settings that work and may surprise. */
import type { Warning } from '../shell.ts'
import { portCount, portRange } from './port-range.ts'
import type { Settings } from './schema.ts'
import { UNLIMITED } from './values.ts'
import { wordWarnings } from './word-warnings.ts'

/** For the start page and the log. */
export function settingsWarnings({ settings, domains, resources }: Settings): readonly Warning[] {
  const warnings: Warning[] = []
  const { connections } = settings.limits
  const range = portRange(settings.passivePorts)
  const places = range ? portCount(range) : Infinity
  if (connections === UNLIMITED ? places < Infinity : places < connections) {
    const text = `The passive ports allow ${places} transfers at once, fewer than the ${connections} connections.`
    const code = connections === UNLIMITED ? 'passive-range-unlimited' : 'passive-range'
    warnings.push({ code, values: { places, connections }, text })
  }
  if (settings.tls.policy === 'off' || settings.tls.policy === 'optional') {
    warnings.push({ code: 'clear-logins', values: {}, text: 'Passwords may be sent without encryption.' })
  }
  for (const { name, enabled, guests } of resources) {
    if (enabled && (guests.profile === 'dropBox' || guests.profile === 'readWrite')) {
      warnings.push({ code: 'guests-write', values: { name }, text: `Guests may write to "${name}".` })
    }
  }
  return [...warnings, ...domainWarnings(domains, resources), ...wordWarnings({ settings, domains })]
}

/** What a domain names and nobody has. */
function domainWarnings(domains: Settings['domains'], resources: Settings['resources']): readonly Warning[] {
  const known = new Set(resources.map(({ name }) => name))
  return domains.flatMap(({ name: domain, resources: shown }) => {
    const missing = shown === 'all' ? [] : shown.filter((name) => !known.has(name))
    return missing.map((resource) => ({
      code: 'domain-resource',
      values: { name: resource, domain },
      text: `The domain "${domain}" shows a resource "${resource}" that does not exist.`,
    }))
  })
}
