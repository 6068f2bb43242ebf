/** The commands of a level as the page shows and changes them: switches and own texts, by the engine's own table. */
import { commandTable, FAMILIES } from '../../ftp/commands/table.ts'
import { ACTIVE_MODE, switchedOff } from '../../settings/passive-only.ts'
import { mergePatch } from '../../settings/merge.ts'
import type { Settings } from '../../settings/schema.ts'
import { patchLevel, type Level } from './level.ts'
import type { Values } from './values.ts'

export type Switch = 'on' | 'off' | 'inherit'

export const switchName = (verb: string) => `switch.${verb}`
export const textName = (verb: string) => `text.${verb}`

const VERBS = [...commandTable.keys()]

/** The names of all inputs. */
export const COMMAND_NAMES: readonly string[] = VERBS.flatMap((verb) => [switchName(verb), textName(verb)])

/** What is stored, by the names of the inputs. */
export function commandValues(settings: Settings, level: Level): Values {
  const { texts } = level?.commands ?? settings.settings.commands
  return new Map(
    VERBS.flatMap((verb) => [
      [switchName(verb), switchOf(settings, level, verb)],
      [textName(verb), Object.hasOwn(texts, verb) ? (texts[verb] ?? '') : ''],
    ]),
  )
}

/** Whether a command is on for the server, or what a domain says of it. */
export function switchOf({ settings }: Settings, level: Level, verb: string): Switch {
  if (!level) return switchedOff(settings).has(verb) ? 'off' : 'on'
  const { disabled, enabled } = level.commands
  return disabled.includes(verb) ? 'off' : enabled.includes(verb) ? 'on' : 'inherit'
}

/** A merge patch that brings what was touched to the settings, and nothing else. */
export function commandPatch(stored: Settings, level: Level, changed: Values): object {
  const switches = VERBS.flatMap((verb) => entry(verb, changed.get(switchName(verb))))
  const texts = Object.fromEntries(
    VERBS.flatMap((verb) => entry(verb, changed.get(textName(verb)))).map(([verb, text]) => [verb, text || null]),
  )
  if (!level) {
    const commands = { ...(Object.keys(texts).length > 0 && { texts }) }
    if (switches.length === 0) return { settings: { commands } }
    const off = new Set(switchedOff(stored.settings))
    for (const [verb, to] of switches) if (to === 'off') off.add(verb)
    for (const [verb, to] of switches) if (to !== 'off') off.delete(verb)
    const passiveOnly = ACTIVE_MODE.every((verb) => off.has(verb))
    return { settings: { passiveOnly, commands: { ...commands, disabled: inOrder(off) } } }
  }
  return patchLevel(stored, level, 'commands', (commands) => {
    const said = new Map(switches)
    const of = (wanted: Switch, before: readonly string[]) =>
      VERBS.filter((verb) => (said.get(verb) ?? (before.includes(verb) ? wanted : '')) === wanted)
    return {
      disabled: of('off', commands.disabled),
      enabled: of('on', commands.enabled),
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- texts on both sides; the schema looks at the result
      texts: mergePatch(commands.texts, texts) as Record<string, string>,
    }
  })
}

/** The switches that allow, or no longer demand, passive mode alone. */
export function passiveOnlyValues(values: Values, to: 'on' | 'off'): Values {
  return new Map([...values, ...ACTIVE_MODE.map((verb): [string, string] => [switchName(verb), to])])
}

/** The family of each command, in the order of the table. */
export const FAMILY_OF: ReadonlyMap<string, string> = new Map(
  Object.entries(FAMILIES).flatMap(([family, commands]) => Object.keys(commands).map((verb) => [verb, family])),
)

function entry(verb: string, value: string | undefined): [string, string][] {
  return value === undefined ? [] : [[verb, value]]
}

const inOrder = (off: ReadonlySet<string>) => VERBS.filter((verb) => off.has(verb))
