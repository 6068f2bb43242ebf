/** Applies a factory preset to a machine on which nothing is stored yet. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Preset } from '../../settings/preset.ts'
import { hashPassword } from './password-hash.ts'
import type { ShellFile } from './shell-file.ts'
import type { UserStore } from './user-store.ts'

export interface FactoryParts {
  readonly users: UserStore
  readonly shellFile: ShellFile
  /** Path of the storage root. */
  readonly storage: string
}

/**
 * Makes the people, the web address and the folders of a preset. The module stores the settings after that: a start that is cut
 * off before then begins anew, and all of this can be done twice.
 */
export async function applyPreset(preset: Preset, parts: FactoryParts): Promise<void> {
  const { administrator, web, users, groups, resources } = preset
  await parts.users.put(users, groups)
  const first = administrator && {
    name: administrator.name,
    password: await hashPassword(administrator.password),
    permission: 'manage' as const,
  }
  await parts.shellFile.edit((before) => ({
    web: web ?? before.web,
    ...(first ? { administrators: [first] } : {}),
  }))
  for (const { folder } of resources) {
    // Private folders are made when their users log in, below one that has to be there.
    const names = folder.split('/')
    const own = names.findIndex((name) => name.includes('%USER%'))
    const there = own === -1 ? names : names.slice(0, own)
    await mkdir(join(parts.storage, ...there), { recursive: true, mode: 0o700 })
  }
}
