/** The rows of the table of commands: what the engine's table says, in the language of the page, and what is chosen. */
import { commandTable } from '../../ftp/commands/table.ts'
import { STANDARD_TEXTS } from '../../ftp/standard-texts.ts'
import type { Settings } from '../../settings/schema.ts'
import { hasText, type Translate } from '../locale.ts'
import { FAMILY_OF, switchName, switchOf, textName, type Switch } from './commands.ts'
import type { Level } from './level.ts'
import type { Values } from './values.ts'

export interface CommandRow {
  readonly verb: string
  readonly syntax: string
  readonly about: string
  /** What clients lose when it is off; empty where that is plain. */
  readonly lost: string
  readonly rfc: string
  /** Why it is always on; empty where it has a switch. */
  readonly essential: string
  readonly switch: Switch
  /** Whether it is on for the server. */
  readonly server: 'on' | 'off'
  readonly switchName: string
  readonly textName: string
  readonly text: string
  /** What a client reads where there is no own text. */
  readonly otherwise: string
  readonly error: string
}

export interface CommandFamily {
  readonly name: string
  readonly rows: readonly CommandRow[]
}

export interface Filter {
  readonly words: string
  readonly show: (typeof SHOWN)[number]
}

export const SHOWN = ['all', 'off', 'own'] as const

/** The commands that fit the filter, by families. */
export function commandFamilies(
  t: Translate,
  settings: Settings,
  level: Level,
  shown: { readonly values: Values; readonly errors: ReadonlyMap<string, string>; readonly filter: Filter },
): readonly CommandFamily[] {
  const rows = [...commandTable.keys()].map((verb) => rowOf(t, settings, level, shown, verb))
  const wanted = rows.filter((row) => fits(t, row, level, shown.filter))
  return [...Map.groupBy(wanted, ({ verb }) => FAMILY_OF.get(verb) ?? '')].map(([family, members]) => ({
    name: t(`settings.commands.families.${family}`),
    rows: members,
  }))
}

function rowOf(
  t: Translate,
  settings: Settings,
  level: Level,
  { values, errors }: { readonly values: Values; readonly errors: ReadonlyMap<string, string> },
  verb: string,
): CommandRow {
  const command = commandTable.get(verb)
  const key = verb.replace(' ', '_')
  const lost = `settings.commands.lost.${key}`
  const chosen = values.get(switchName(verb))
  return {
    verb,
    syntax: command?.syntax.replaceAll('<SP> ', '') ?? '',
    about: t(`settings.commands.about.${key}`),
    lost: hasText(lost) ? t(lost) : '',
    rfc: definedIn(t, command?.rfc ?? ''),
    essential: command?.essential ? t(`settings.commands.essential.${command.essential}`) : '',
    switch: chosen === 'on' || chosen === 'inherit' ? chosen : 'off',
    server: switchOf(settings, undefined, verb) === 'off' ? 'off' : 'on',
    switchName: switchName(verb),
    textName: textName(verb),
    text: values.get(textName(verb)) ?? '',
    otherwise: otherwise(settings, level, verb),
    error: errors.get(textName(verb)) ?? '',
  }
}

/** A domain has the server's text of the command; then comes the text of 502. */
function otherwise({ settings: { commands, messages } }: Settings, level: Level, verb: string): string {
  const server = level && Object.hasOwn(commands.texts, verb) ? commands.texts[verb] : undefined
  return server ?? level?.messages.replies['502'] ?? messages.replies['502'] ?? STANDARD_TEXTS.get(502) ?? ''
}

function definedIn(t: Translate, rfc: string): string {
  if (rfc === 'not standardised') return t('settings.commands.standard')
  const [, draft] = /^draft-(.*)$/.exec(rfc) ?? []
  return draft === undefined ? rfc.replace(' section ', ', ') : t('settings.commands.draft', { name: draft })
}

function fits(t: Translate, row: CommandRow, level: Level, { words, show }: Filter): boolean {
  const off = row.switch === 'off' || (level !== undefined && row.switch === 'inherit' && row.server === 'off')
  if ((show === 'off' && !off) || (show === 'own' && row.text === '')) return false
  const family = t(`settings.commands.families.${FAMILY_OF.get(row.verb) ?? ''}`)
  const text = [row.verb, row.syntax, row.about, row.rfc, family].join(' ').toLowerCase()
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word))
}
