/** The texts of a level as the page shows and changes them: greeting, welcome, goodbye and the replies by their codes. */
import { STANDARD_TEXTS } from '../../ftp/standard-texts.ts'
import { mergePatch } from '../../settings/merge.ts'
import { replyCode } from '../../settings/reply-codes.ts'
import type { Settings } from '../../settings/schema.ts'
import { patchLevel, type Level } from './level.ts'
import type { Values } from './values.ts'

export const TEXTS = ['greeting', 'welcome', 'goodbye'] as const
export type TextName = (typeof TEXTS)[number]

export const replyName = (code: number | string) => `reply.${code}`

/** Codes in a table: those that are heard, and those that somebody has given a text. */
export function codesOf(settings: Settings, level: Level): readonly number[] {
  const { replies } = level?.messages ?? settings.settings.messages
  const own = Object.keys(replies).flatMap((text) => replyCode(text) ?? [])
  return [...new Set([...STANDARD_TEXTS.keys(), ...own])].toSorted((a, b) => a - b)
}

/** The names of all inputs. */
export function messageNames(settings: Settings, level: Level): readonly string[] {
  return [...TEXTS, ...codesOf(settings, level).map(replyName)]
}

/** What is stored, by the names of the inputs; a domain's empty text stands for the server's. */
export function messageValues(settings: Settings, level: Level): Values {
  const messages = level?.messages ?? settings.settings.messages
  const { replies } = messages
  return new Map([
    ...TEXTS.map((name): [string, string] => [name, messages[name] ?? '']),
    ...codesOf(settings, level).map((code): [string, string] => [replyName(code), replies[String(code)] ?? '']),
  ])
}

/** A merge patch that brings what was touched to the settings, and nothing else. */
export function messagePatch(stored: Settings, level: Level, changed: Values): object {
  const replies = Object.fromEntries(
    [...changed].flatMap(([name, text]) => (name.startsWith('reply.') ? [[name.slice(6), text || null]] : [])),
  )
  const texts = TEXTS.flatMap((name): [TextName, string][] => {
    const text = changed.get(name)
    return text === undefined ? [] : [[name, text]]
  })
  const own = Object.keys(replies).length > 0 ? { replies } : {}
  if (!level) return { settings: { messages: { ...Object.fromEntries(texts), ...own } } }
  const inherited = Object.fromEntries(texts.map(([name, text]) => [name, text || null]))
  return patchLevel(
    stored,
    level,
    'messages',
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- texts on both sides; the schema looks at the result
    (messages) => mergePatch(messages, { ...inherited, ...own }) as typeof messages,
  )
}
