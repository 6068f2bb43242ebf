/** The `$Name` variables of the administrator's texts: the one table of them, from which replies, checks and pages derive. */
import type { Session } from './session.ts'
import { timeZone } from './time-zone.ts'

export const VARIABLE_GROUPS = ['session', 'transfers', 'server', 'reply'] as const

export interface Variable {
  readonly group: (typeof VARIABLE_GROUPS)[number]
  /** What a preview shows in its place. */
  readonly sample: string
  /** As it is now; empty where there is nothing to tell yet. It is made printable and cut short before it is sent. */
  value(session: Session, reply: StandardReply): string | number
}

/** The reply that a text stands for, as the engine would have worded it. */
export interface StandardReply {
  readonly text: string
}

const session = (sample: string, value: Variable['value']): Variable => ({ group: 'session', sample, value })
const transfers = (sample: string, value: Variable['value']): Variable => ({ group: 'transfers', sample, value })
const server = (sample: string, value: Variable['value']): Variable => ({ group: 'server', sample, value })
const reply = (sample: string, value: Variable['value']): Variable => ({ group: 'reply', sample, value })

/** Every variable by its name, which is case-sensitive. None tells a version or a password. */
export const VARIABLES: ReadonlyMap<string, Variable> = new Map(
  Object.entries({
    Name: session('anna', ({ login, user = '' }) => login?.account.name ?? user),
    IP: session('192.168.1.20', ({ client }) => client.address),
    Client: session('FileZilla', ({ clientName }) => clientName),
    Dir: session('/Scans', ({ directory }) => directory),
    Protocol: session('TLSv1.3', ({ control }) => (control.secure ? (control.protocol ?? 'TLS') : 'FTP')),
    SessionID: session('3f2a', ({ client }) => client.id),
    SessionSeconds: session('125', ({ opened }) => Math.floor((performance.now() - opened) / 1000)),
    IdleTimeout: session('600', (of) => number(of.login?.account.limits().idleSeconds ?? of.options.timeouts.idle)),
    UserSessions: session('1', ({ login, shared }) => (login ? shared.census.ofLogin(login.account.name).size : 0)),
    HostSessions: session('2', ({ client, shared }) => shared.census.ofHost(client.address).size),

    FilesUp: transfers('3', ({ totals }) => totals.filesUp),
    FilesDown: transfers('7', ({ totals }) => totals.filesDown),
    BytesUp: transfers('1048576', ({ totals }) => totals.bytesUp),
    BytesDown: transfers('7340032', ({ totals }) => totals.bytesDown),

    ServerName: server('FTP server', ({ options }) => options.serverName ?? 'FTP server'),
    Domain: server('ftp.example.com', ({ domain }) => domain.names[0] ?? domain.id),
    LocalIP: server('192.168.1.1', ({ client }) => client.localAddress),
    Port: server('21', ({ client }) => client.localPort),
    Date: server('2026-12-31', ({ options }) => localTime(options.listing.timeZone).slice(0, 10)),
    Time: server('23:59:00', ({ options }) => localTime(options.listing.timeZone).slice(11, 19)),
    Sessions: server('12', ({ shared }) => shared.census.size),
    SessionsMax: server('100', ({ options }) => number(options.limits.sessions)),

    Command: reply('PORT', ({ lastVerb }) => lastVerb),
    Text: reply('Command not implemented.', (_session, { text }) => text),
  }),
)

const number = (value: number) => (value === Infinity ? 'unlimited' : value)

function localTime(zone: string): string {
  const now = Date.now()
  return new Date(now + timeZone(zone).offset(now)).toISOString()
}
