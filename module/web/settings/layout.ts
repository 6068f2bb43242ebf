/** Which setting stands on which page of the tab "Settings", and in which group; a new one of a known kind finds its place. */
import { serverSettings } from '../../settings/schema.ts'
import type { ApplianceShell } from '../../shell.ts'
import type { FormField } from '../form/field.ts'
import { formFields, withChoices } from '../form/field.ts'

export interface Group {
  /** The key of its heading, `settings.groups.<id>`. */
  readonly id: string
  /** Paths of its fields, in this order; what matches several groups belongs to the first. */
  readonly paths: readonly RegExp[]
}

export interface SettingsPage {
  /** The key of its name, `settings.pages.<id>`. */
  readonly id: string
  /** Below the base path. */
  readonly path: string
  readonly groups: readonly Group[]
  /** The tab it belongs to; absent = the settings. */
  readonly tab?: 'access'
}

/** The pages that are forms. */
export const SETTINGS_PAGES: readonly SettingsPage[] = [
  formPage('connection', '/settings', {
    control: [/^port$/, /^address$/, /^firewall\.control$/, /^listeners$/],
    passive: [/^passivePorts$/, /^firewall\.passive$/, /^passiveOnly$/],
    zones: [/^firewall\./],
    external: [/^externalAddress/],
    lan: [/^lanNetworks$/],
  }),
  formPage('limits', '/settings/limits', {
    sessions: [/^limits\.(?:connection|session|replace)/],
    speeds: [/^limits\.(?!hours$)/],
    timeouts: [/^timeouts\./],
  }),
  formPage('encryption', '/settings/encryption', {
    tls: [/^tls\.(?!certificate$)/],
    certificate: [/^tls\.certificate$/],
  }),
  formPage('transfers', '/settings/transfers', {
    listing: [/^listing\./],
    compression: [/^compression\./],
  }),
  formPage('accounts', '/settings/accounts', { logins: [/^logins\./], guests: [/^guests\./] }),
  {
    ...formPage('hammering', '/access/hammering', {
      hammering: [/^access\.hammering\./],
      denied: [/^access\.tellDenied$/],
    }),
    tab: 'access',
  },
  formPage('log', '/settings/log', { keeping: [/^log\.(?!syslog)/], syslog: [/^log\.syslog\./] }),
]

/** Entries of the navigation inside the tab, in their order. */
export const SETTINGS_NAVIGATION: readonly Pick<SettingsPage, 'id' | 'path'>[] = [
  ...SETTINGS_PAGES.filter(({ tab }) => tab === undefined).flatMap((page) =>
    page.id === 'transfers'
      ? [{ id: 'commands', path: '/settings/commands' }, { id: 'messages', path: '/settings/messages' }, page]
      : [page],
  ),
  { id: 'backup', path: '/settings/backup' },
  { id: 'tokens', path: '/settings/api-tokens' },
]

/** Settings that have a page of their own, some in another tab. */
export const ELSEWHERE = /^(?:access\.rules|limits\.hours|commands\.\w+|messages\.\w+)$/

/** Every setting of the server as a field. */
export const SETTINGS_FIELDS: readonly FormField[] = formFields(serverSettings)

export interface FilledGroup {
  readonly id: string
  readonly fields: readonly FormField[]
}

/** The groups of a page with their fields, without those that the shell has no use for. */
export async function groupsOf(
  page: SettingsPage,
  shell: Pick<ApplianceShell, 'firewall'>,
): Promise<readonly FilledGroup[]> {
  const zones = new Map((await shell.firewall?.zones())?.map(({ id, label }) => [id, label] as const))
  const groups = page.groups.map(({ id }) => ({ id, fields: fieldsOf(page, id) }))
  return groups
    .map(({ id, fields }) => ({ id, fields: fields.flatMap((field) => fitting(field, shell, zones)) }))
    .filter(({ fields }) => fields.length > 0)
}

/** The fields of one group, whatever the shell. */
export function fieldsOf(page: SettingsPage, group: string): readonly FormField[] {
  const { paths = [] } = page.groups.find(({ id }) => id === group) ?? {}
  const place = (field: FormField) => paths.findIndex((pattern) => pattern.test(field.path))
  return SETTINGS_FIELDS.filter((field) => place(field) >= 0 && groupOf(page, field) === group).toSorted(
    (a, b) => place(a) - place(b),
  )
}

function fitting(
  field: FormField,
  shell: Pick<ApplianceShell, 'firewall'>,
  zones: ReadonlyMap<string, string>,
): readonly FormField[] {
  if (!field.path.startsWith('firewall.')) return [field]
  if (!shell.firewall) return []
  if (field.path !== 'firewall.zones') return [field]
  return zones.size > 0 ? [withChoices(field, zones)] : []
}

function groupOf({ groups }: SettingsPage, { path }: FormField): string | undefined {
  return groups.find(({ paths }) => paths.some((pattern) => pattern.test(path)))?.id
}

function formPage(id: string, path: string, groups: Readonly<Record<string, readonly RegExp[]>>): SettingsPage {
  return { id, path, groups: Object.entries(groups).map(([group, paths]) => ({ id: group, paths })) }
}
