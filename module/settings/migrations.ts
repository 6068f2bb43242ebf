/** Brings documents of earlier versions to the present one, step by step. */
import { SettingsError } from './problems.ts'

/** Makes a document of version n+1 out of one of version n; must not change its argument. */
export type Migration = (document: Readonly<Record<string, unknown>>) => Record<string, unknown>

/** Version 1 is the first there was: entry n of the list leads from version n+1 to n+2. */
export const MIGRATIONS: readonly Migration[] = []

/** The version this code reads and writes, for a list of migrations and the version its first entry starts from. */
export const versionAfter = (migrations: readonly Migration[], first = 1): number => first + migrations.length

/**
 * The document in the present version, without its `version`. Refuses what is no document, has no version, or was written by a newer
 * module: reading it anyway would lose what this one does not know.
 */
export function migrated(document: unknown, migrations = MIGRATIONS, first = 1): Record<string, unknown> {
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    throw new SettingsError([{ path: '', text: 'must be a JSON object' }])
  }
  const present = versionAfter(migrations, first)
  const { version, ...content }: Record<string, unknown> = { ...document }
  if (typeof version !== 'number' || !Number.isInteger(version) || version < first || version > present) {
    const text = `must be a version from ${first} to ${present}; a newer one was written by a newer module`
    throw new SettingsError([{ path: 'version', text, got: JSON.stringify(version) ?? 'nothing' }])
  }
  return migrations.slice(version - first).reduce((older, migration) => migration(older), content)
}
