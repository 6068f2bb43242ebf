/** What is odd in texts and commands and yet possible: variables that are none, and nothing left to transfer with. */
import { unknownVariables } from '../ftp/template.ts'
import type { Warning } from '../shell.ts'
import { switchedOff } from './passive-only.ts'
import type { Settings } from './schema.ts'

/** Texts of the server or of a domain. */
interface Worded {
  readonly messages: {
    readonly greeting?: string | undefined
    readonly welcome?: string | undefined
    readonly goodbye?: string | undefined
    readonly replies: Readonly<Record<string, string>>
  }
  readonly commands: { readonly texts: Readonly<Record<string, string>> }
}

const DATA_CONNECTIONS = ['PASV', 'EPSV', 'PORT', 'EPRT']

export function wordWarnings({ settings, domains }: Pick<Settings, 'settings' | 'domains'>): readonly Warning[] {
  const variables = new Set([settings, ...domains].flatMap(textsOf).flatMap(unknownVariables))
  const unknown = [...variables].map((variable) => ({
    code: 'unknown-variable',
    values: { name: `$${variable}` },
    text: `There is no variable $${variable}: clients read it as it is typed.`,
  }))
  const off = switchedOff(settings)
  if (!DATA_CONNECTIONS.every((verb) => off.has(verb))) return unknown
  const verbs = DATA_CONNECTIONS.join(', ')
  const text = `No client can transfer anything: ${verbs} are switched off.`
  return [{ code: 'no-data-commands', values: { verbs }, text }, ...unknown]
}

function textsOf({ messages: { replies, ...messages }, commands }: Worded): readonly string[] {
  return [messages, replies, commands.texts].flatMap((part) => Object.values(part)).filter((text) => text !== undefined)
}
