/** Puts right what earlier versions let people store and this one does not: it is said, and no reason not to start. */
import { commandTable } from '../ftp/commands/table.ts'
import type { Warning } from '../shell.ts'

export interface Repaired {
  readonly document: Readonly<Record<string, unknown>>
  readonly notices: readonly Warning[]
}

/** The stored document with no command switched off that cannot be, or that this server does not have. */
export function repaired(document: Readonly<Record<string, unknown>>): Repaired {
  const settings = document['settings']
  const domains = document['domains']
  const gone = new Set<string>()
  const whole = {
    ...document,
    ...(isRecord(settings) && { settings: withCommands(settings, gone) }),
    ...(Array.isArray(domains) && {
      domains: domains.map((domain: unknown) => (isRecord(domain) ? withCommands(domain, gone) : domain)),
    }),
  }
  if (gone.size === 0) return { document, notices: [] }
  const verbs = [...gone].join(', ')
  const text = `These commands cannot be switched off, the settings no longer say so: ${verbs}.`
  return { document: whole, notices: [{ code: 'settings-repaired', values: { verbs }, text }] }
}

type Part = Readonly<Record<string, unknown>>

function withCommands(part: Part, gone: Set<string>): Part {
  const { commands } = part
  if (!isRecord(commands)) return part
  const { disabled, texts } = commands
  const keep = (verb: unknown, possible: boolean) => {
    if (typeof verb === 'string' && !possible) gone.add(verb)
    return typeof verb !== 'string' || possible
  }
  return {
    ...part,
    commands: {
      ...commands,
      ...(Array.isArray(disabled) && { disabled: disabled.filter((verb) => keep(verb, switchable(verb))) }),
      ...(isRecord(texts) && {
        texts: Object.fromEntries(Object.entries(texts).filter(([verb]) => keep(verb, commandTable.has(verb)))),
      }),
    },
  }
}

const switchable = (verb: unknown) =>
  typeof verb === 'string' && commandTable.has(verb) && commandTable.get(verb)?.essential === undefined

function isRecord(value: unknown): value is Part {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
