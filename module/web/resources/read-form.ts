/** Reads the posted form of a resource, and carries out the buttons that change its tables without saving. */
import { READ_RIGHTS } from '../../resources/rights.ts'
import { fields, values } from '../body.ts'
import type { Fields } from '../body.ts'
import type { WebContext } from '../context.ts'
import type { ExceptionForm, ResourceForm, RightsRow, RightsTable } from './form.ts'
import { tableOf } from './form.ts'

/** Rows of one table; the schema refuses more. */
const MAXIMUM = 1000

/** The form as it was sent. */
export function readForm(ctx: WebContext): ResourceForm {
  const sent = fields(ctx)
  const text = (name: string) => sent[name]?.trim() ?? ''
  const lines = (name: string) => (sent[name] ?? '').replaceAll('\r\n', '\n')
  return {
    name: sent['name'] ?? '',
    description: lines('description'),
    root: text('root'),
    folder: text('folder'),
    makeFolder: sent['makeFolder'] === 'on',
    enabled: sent['enabled'] === 'on',
    rights: readTable(ctx, sent, 'rights'),
    exceptions: indices(sent, 'exceptions', 'path').map((at) => ({
      path: text(`exceptions.${at}.path`),
      rights: readTable(ctx, sent, `exceptions.${at}.rights`),
    })),
    addException: text('exceptions.add.path'),
    guests: { profile: text('guests.profile'), from: text('guests.from'), networks: lines('guests.networks') },
    options: {
      atomicUploads: sent['options.atomicUploads'] === 'on',
      partialUploads: text('options.partialUploads'),
      durable: sent['options.durable'] === 'on',
      maximumFileBytes: text('options.maximumFileBytes'),
      maximumBytes: text('options.maximumBytes'),
      stopAtDiskPercent: text('options.stopAtDiskPercent'),
      hiddenNames: lines('options.hiddenNames'),
      refusedNames: lines('options.refusedNames'),
    },
  }
}

function readTable(ctx: WebContext, sent: Fields, prefix: string): RightsTable {
  return {
    rows: indices(sent, prefix, 'name').map((at) => ({
      kind: sent[`${prefix}.${at}.kind`] === 'group' ? 'group' : 'user',
      name: sent[`${prefix}.${at}.name`] ?? '',
      level: sent[`${prefix}.${at}.level`] ?? '',
      rights: new Set(values(ctx, `${prefix}.${at}.right`)),
    })),
    addKind: sent[`${prefix}.add.kind`] ?? 'user',
    addName: sent[`${prefix}.add.name`]?.trim() ?? '',
  }
}

function indices(sent: Fields, prefix: string, field: string): readonly number[] {
  const found: number[] = []
  while (found.length <= MAXIMUM && sent[`${prefix}.${found.length}.${field}`] !== undefined) found.push(found.length)
  return found
}

/** What a typed name means, the wanted kind first; undefined when nobody and no group is called so. */
export type KindOf = (name: string, wanted: RightsRow['kind']) => RightsRow['kind'] | undefined

/** The form with what was typed into the lines for adding taken into its tables; an unknown name stays in its line. */
export function withAdded(form: ResourceForm, kindOf: KindOf): ResourceForm {
  const added = (table: RightsTable) => addRow(table, kindOf)
  const exceptions: ExceptionForm[] = form.exceptions.map(({ path, rights }) => ({ path, rights: added(rights) }))
  if (form.addException !== '') exceptions.push({ path: form.addException, rights: tableOf([]) })
  return { ...form, rights: added(form.rights), exceptions, addException: '' }
}

function addRow(table: RightsTable, kindOf: KindOf): RightsTable {
  const name = table.addName
  const kind = name === '' ? undefined : kindOf(name, table.addKind === 'group' ? 'group' : 'user')
  const there = table.rows.some((row) => row.kind === kind && row.name === name)
  if (kind === undefined || there) return table
  return { ...tableOf([...table.rows, { kind, name, level: 'read', rights: READ_RIGHTS }]), addKind: kind }
}

/** The form without a row: `rights.3`, `exceptions.1` or `exceptions.1.rights.0`. */
export function without(form: ResourceForm, place: string): ResourceForm {
  const [, at, inner] = /^exceptions\.(\d+)(?:\.rights\.(\d+))?$/.exec(place) ?? []
  if (at === undefined) {
    const row = /^rights\.(\d+)$/.exec(place)?.[1]
    return row === undefined ? form : { ...form, rights: withoutRow(form.rights, Number(row)) }
  }
  if (inner === undefined) return { ...form, exceptions: form.exceptions.filter((_, index) => index !== Number(at)) }
  const exceptions = form.exceptions.map((exception, index) =>
    index === Number(at) ? { ...exception, rights: withoutRow(exception.rights, Number(inner)) } : exception,
  )
  return { ...form, exceptions }
}

function withoutRow(table: RightsTable, row: number): RightsTable {
  return { ...table, rows: table.rows.filter((_, index) => index !== row) }
}
