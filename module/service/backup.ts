/** Backups: what is stored as one JSON document without secrets, and the change that a backup stands for. */
import { parsedJson, UnreadableFile } from '../settings/durable-file.ts'
import { differences, type Difference } from '../settings/differences.ts'
import { patchBetween } from '../settings/merge.ts'
import { migrated, MIGRATIONS, versionAfter } from '../settings/migrations.ts'
import { checked, SettingsError } from '../settings/problems.ts'
import { settings as schema, type Settings } from '../settings/schema.ts'
import type { ApplianceShell } from '../shell.ts'

/** Bytes of a backup that is read. */
export const LARGEST_BACKUP = 2_000_000

const FORMAT = 'ftp-module-backup'

/** The parts of what is stored that a backup holds; whether the server runs, and tokens, are not among them. */
const PARTS = ['settings', 'accounts', 'domains', 'resources'] as const
/** Backups of modules that had none are complete without them. */
const LATER: readonly string[] = ['domains']
type Content = Pick<Settings, (typeof PARTS)[number]>

export interface Backup extends Content {
  readonly format: typeof FORMAT
  /** Of the settings, as in the settings file. */
  readonly version: number
  /** Which product wrote it, for people. */
  readonly product: { readonly name: string; readonly version: string }
  /** When it was written, ISO 8601. */
  readonly time: string
}

/** A backup that was read and found good, beside what is stored now. */
export interface Restoration {
  readonly product: Backup['product']
  /** Milliseconds since 1970; undefined where the backup does not say. */
  readonly time: number | undefined
  readonly differences: readonly Difference[]
  /** For `change`: makes what is stored what the backup holds. */
  readonly patch: unknown
}

/** Everything that a restore needs, as it is stored now. */
export function backupOf(stored: Settings, product: ApplianceShell['product'], now = new Date()): Backup {
  const { name, version } = product
  return {
    format: FORMAT,
    version: versionAfter(MIGRATIONS),
    product: { name, version },
    time: now.toISOString(),
    ...contentOf(stored),
  }
}

/**
 * Reads a backup and says what restoring it would change; changes nothing. Throws `SettingsError` for what is broken, cut off, too
 * large, written by something else or by a newer module, with every problem named.
 */
export function restorationOf(text: string, stored: Settings): Restoration {
  if (Buffer.byteLength(text) > LARGEST_BACKUP) refuse('', `must be at most ${LARGEST_BACKUP / 1e6} MB large`)
  const { format, product, time, ...document } = parsed(text)
  if (format !== FORMAT) refuse('format', `must be "${FORMAT}": this is no backup of this module`)
  const content = migrated(document)
  const strange = Object.keys(content).filter((name) => !PARTS.some((part) => part === name))
  const missing = PARTS.filter((part) => content[part] === undefined && !LATER.includes(part))
  const problems = [
    ...strange.map((path) => ({ path, text: 'is not a known part of a backup' })),
    ...missing.map((path) => ({ path, text: 'must be there: the backup is not complete' })),
  ]
  if (problems.length > 0) throw new SettingsError(problems)
  const wanted = contentOf(checked(schema, content))
  const present = contentOf(stored)
  return {
    product: productOf(product),
    time: typeof time === 'string' && Number.isFinite(Date.parse(time)) ? Date.parse(time) : undefined,
    differences: differences(present, wanted),
    patch: patchBetween(present, wanted),
  }
}

function contentOf({ settings, accounts, domains, resources }: Settings): Content {
  return { settings, accounts, domains, resources }
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  let value: unknown
  try {
    // Editors of Windows begin files with a byte order mark.
    value = parsedJson(text.replace(/^\ufeff/, ''))
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error
    refuse('', error.message)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) refuse('', 'must be a JSON object')
  return Object.fromEntries(Object.entries(value))
}

function productOf(product: unknown): Backup['product'] {
  const text = (name: string) => {
    const value: unknown = typeof product === 'object' && product !== null ? Reflect.get(product, name) : undefined
    return typeof value === 'string' ? value.slice(0, 100) : '?'
  }
  return { name: text('name'), version: text('version') }
}

function refuse(path: string, text: string): never {
  throw new SettingsError([{ path, text }])
}
