/** The rows of the list of domains: by which names and listeners each is reached, and what it has of its own. */
import type { SessionView } from '../../ftp/session-view.ts'
import { controlPorts, type PortUse } from '../../settings/connection.ts'
import { DEFAULT_DOMAIN, type Domain } from '../../settings/domain.ts'
import type { Settings } from '../../settings/schema.ts'
import type { WebContext } from '../context.ts'
import { domainPath } from './links.ts'

export interface DomainRow {
  readonly id: string
  readonly name: string
  /** The form; that of the server itself for the default domain. */
  readonly path: string
  readonly server: boolean
  readonly enabled: boolean
  readonly names: readonly string[]
  /** `:: port 990, TLS from the start`. */
  readonly listeners: readonly string[]
  readonly own: readonly string[]
  readonly sessions: string
}

/** The server itself first, then the domains in their order. */
export function domainRows(
  ctx: WebContext,
  settings: Settings,
  sessions: readonly SessionView[],
): readonly DomainRow[] {
  const { t, formats } = ctx.state
  const count = (id: string) => formats.number(sessions.filter(({ domain }) => domain === id).length)
  const uses = controlPorts(settings)
  const server: DomainRow = {
    id: DEFAULT_DOMAIN,
    name: t('domains.server'),
    path: '/settings',
    server: true,
    enabled: true,
    names: [],
    listeners: uses.filter(({ domain }) => domain === undefined).map((use) => listenerText(ctx, use)),
    own: [],
    sessions: count(DEFAULT_DOMAIN),
  }
  return [server, ...settings.domains.map((domain) => ({ ...row(ctx, domain), sessions: count(domain.id) }))]
}

/** Those in whose names a search is found. */
export function found(rows: readonly DomainRow[], search: string): readonly DomainRow[] {
  const wanted = search.trim().toLowerCase()
  return rows.filter(({ name, names }) => [name, ...names].some((text) => text.toLowerCase().includes(wanted)))
}

function row(ctx: WebContext, domain: Domain): Omit<DomainRow, 'sessions'> {
  const { id, name, enabled, names, listeners } = domain
  return {
    id,
    name,
    path: domainPath(id),
    server: false,
    enabled,
    names,
    listeners: listeners.map((one) => listenerText(ctx, one)),
    own: ownLines(ctx, domain),
  }
}

function listenerText(
  { state: { t } }: WebContext,
  { address, port, implicitTls }: Pick<PortUse, 'address' | 'port' | 'implicitTls'>,
): string {
  const values = { address, port: port === 0 ? t('domains.anyPort') : t('domains.port', { port }) }
  return t(implicitTls ? 'domains.listenerTls' : 'domains.listener', values)
}

/** What a domain has otherwise than the server, in a few words. */
function ownLines(ctx: WebContext, domain: Domain): readonly string[] {
  const { t } = ctx.state
  const { certificate, resources } = domain
  return [
    ...(certificate === undefined ? [] : [t('domains.own.certificate')]),
    ...(resources === 'all' ? [] : [t('domains.own.resources', { count: resources.length })]),
    ...keptLines(ctx, domain),
  ]
}

/** What pages beside the form keep for a domain alone, in a few words. */
export function keptLines({ state: { t } }: WebContext, { access, commands, messages }: Domain): readonly string[] {
  const counts = {
    rules: access.rules.length,
    commands: commands.disabled.length + commands.enabled.length,
    replies: Object.keys(messages.replies).length,
  }
  return Object.entries(counts).flatMap(([what, count]) => (count === 0 ? [] : [t(`domains.own.${what}`, { count })]))
}
