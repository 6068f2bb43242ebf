/** Reads the posted form of a domain, and carries out the buttons that change its tables without saving. */
import { editedHours, readHours } from '../accounts/hours-form.ts'
import { fields, values } from '../body.ts'
import type { WebContext } from '../context.ts'
import { LIMITS, TEXTS, TOGETHER, type DomainForm, type TypedListener } from './form.ts'

/** Listeners that a posted form may have; the schema refuses more. */
const MOST_LISTENERS = 20

/** The form as it was sent; rows in which nothing was typed are left out. */
export function readForm(ctx: WebContext): DomainForm {
  const sent = fields(ctx)
  const text = (name: string) => (sent[name] ?? '').replaceAll('\r\n', '\n')
  const texts = (prefix: string, names: readonly string[]) =>
    Object.fromEntries(names.map((name) => [name, text(`${prefix}.${name}`).trim()]))
  const [greeting = '', welcome = '', goodbye = ''] = TEXTS.map((name) => text(`texts.${name}`))
  return {
    name: text('name').trim(),
    enabled: sent['enabled'] === 'on',
    names: text('names'),
    listeners: readListeners(sent),
    certificate: text('certificate').trim(),
    texts: { greeting, welcome, goodbye },
    together: texts('together', TOGETHER),
    limits: texts('limits', LIMITS),
    hours: readHours(ctx, LIMITS),
    sharedHours: readHours(ctx, TOGETHER, 'sharedHours'),
    shown: sent['shown'] === 'some' ? 'some' : 'all',
    resources: values(ctx, 'resources'),
  }
}

function readListeners(sent: ReturnType<typeof fields>): readonly TypedListener[] {
  const rows: TypedListener[] = []
  for (let at = 0; at < MOST_LISTENERS && sent[`listeners.${at}.port`] !== undefined; at++) {
    const [address, port] = ['address', 'port'].map((name) => sent[`listeners.${at}.${name}`]?.trim() ?? '')
    const row = { address: address ?? '', port: port ?? '', implicitTls: sent[`listeners.${at}.implicitTls`] === 'on' }
    if (row.address !== '' || row.port !== '') rows.push(row)
  }
  return rows
}

/** The form after one of its buttons, `listeners.remove.1` or one of the hours; undefined for another button. */
export function edited(form: DomainForm, button: string): DomainForm | undefined {
  const at = /^listeners\.remove\.(\d{1,2})$/.exec(button)?.[1]
  if (at !== undefined) return { ...form, listeners: form.listeners.toSpliced(Number(at), 1) }
  if (button === 'listeners.add') return form
  const hours = editedHours(form.hours, button)
  if (hours) return { ...form, hours }
  const sharedHours = editedHours(form.sharedHours, button, 'sharedHours')
  return sharedHours && { ...form, sharedHours }
}
