/** "Passive only" and the commands of active mode are one setting, whichever way it was said (Serv-U: "Require passive"). */

/** The commands that make the server connect to clients. */
export const ACTIVE_MODE: readonly string[] = ['PORT', 'EPRT']

interface Said {
  passiveOnly: boolean
  commands: { disabled: string[]; texts: Record<string, string> }
}

/** Both commands switched off one by one are "passive only"; where that is set, the list need not name them. */
export function inStep<Settings extends Said>(settings: Settings): Settings {
  const { passiveOnly, commands } = settings
  const off = passiveOnly || ACTIVE_MODE.every((verb) => commands.disabled.includes(verb))
  if (!off) return settings
  const disabled = commands.disabled.filter((verb) => !ACTIVE_MODE.includes(verb))
  return { ...settings, passiveOnly: true, commands: { ...commands, disabled } }
}

/** Every command that the server has switched off. */
export function switchedOff({ passiveOnly, commands }: Readonly<Said>): ReadonlySet<string> {
  return new Set([...commands.disabled, ...(passiveOnly ? ACTIVE_MODE : [])])
}
