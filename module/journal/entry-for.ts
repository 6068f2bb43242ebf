/** Which event of the engine becomes which entry of the log: one table. */
import type { Client } from '../ftp/backend.ts'
import type { CloseReason, FtpEvent, TransferEnd } from '../ftp/events.ts'
import type { Verdict } from '../ftp/verdict.ts'
import type { Kind, NewEntry } from './entry.ts'

type EventKind = FtpEvent['kind']
type EventOf<Name extends EventKind> = Extract<FtpEvent, { kind: Name }>
/** What an event says beyond who it was; absent = no entry. */
type Said = Omit<NewEntry, 'event' | 'session' | 'address'> | undefined

const say = (kind: Kind, text: string, rest: Partial<NewEntry> = {}): NonNullable<Said> => ({ ...rest, kind, text })

const ENTRIES: { readonly [Name in EventKind]: (event: EventOf<Name>) => Said } = {
  'session-opened': ({ session, domain, secure }) =>
    say('message', `Connected from ${end(session.address, session.port)} to ${localEnd(session)}${tls(secure)}.`, {
      domain,
    }),
  'connection-refused': ({ session, domain, verdict }) =>
    say('warning', `Connection refused at ${localEnd(session)}: ${because(verdict)}.`, { domain, verdict }),
  secured: ({ protocol, cipher }) => say('message', `The control connection is secured: ${protocol}, ${cipher}.`),
  'domain-chosen': ({ domain }) => say('message', `Chose the domain ${domain}.`, { domain }),
  command: ({ verb, text }) => say('message', `> ${withoutSecret(verb, text)}`),
  reply: ({ code, lines, verdict }) =>
    say(code >= 400 ? 'warning' : 'message', `< ${code} ${shortened(lines)}`, verdict && { verdict }),
  login: ({ user, guest, verdict }) =>
    say('status', guest ? 'Logged in as a guest.' : 'Logged in.', { user, ...(verdict && { verdict }) }),
  'login-failed': ({ user, verdict }) =>
    say('warning', `Login as ${user} refused: ${because(verdict)}.`, { user, verdict }),
  logout: ({ user }) => say('message', 'Logged out.', { user }),
  'client-named': ({ name }) => say('message', `The client program is ${name}.`),
  // The command and its reply say it.
  directory: () => undefined,
  refused: ({ verb, path, verdict }) =>
    say('warning', `${verb} ${path === undefined ? '' : `${path} `}refused: ${because(verdict)}.`, {
      verdict,
      ...(path === undefined ? {} : { path }),
    }),
  expelled: ({ user, verdict }) =>
    say('warning', `May not stay: ${because(verdict)}.`, { verdict, ...(user === undefined ? {} : { user }) }),
  'transfer-started': ({ transfer: { direction, path, offset, secure } }) =>
    direction === 'listing'
      ? undefined
      : say(
          'message',
          `Began to ${STARTED[direction]} ${path}${offset > 0 ? ` at byte ${offset}` : ''}${tls(secure)}.`,
          {
            path,
          },
        ),
  'transfer-progress': () => undefined,
  'transfer-ended': ({ transfer }) => transferEnded(transfer),
  changed: ({ verb, path, to }) =>
    say('status', to === undefined ? `${CHANGED[verb] ?? `Changed (${verb})`} ${path}.` : `Renamed ${path} to ${to}.`, {
      path,
    }),
  message: ({ text }) => say('message', `Says: ${text}`),
  'messages-sent': ({ texts }) => say('message', `Is told: ${shortened(texts)}`),
  'session-closed': ({ reason, user, seconds, verdict }) =>
    say(CLOSED[reason][0], `${CLOSED[reason][1]} after ${duration(seconds)}.`, {
      seconds,
      ...(user === undefined ? {} : { user }),
      ...(verdict && { verdict }),
    }),
  fault: ({ error }) =>
    say('error', `Fault: ${error instanceof Error ? `${error.name}: ${error.message}` : 'unknown'}.`),
}

const STARTED = { download: 'send', upload: 'receive' } as const
const ENDED = { download: 'Sent', upload: 'Received', listing: 'Listed' } as const
const RESULT = { complete: '', aborted: ' Aborted.', failed: ' Failed.' } as const

const CHANGED: Readonly<Record<string, string>> = {
  DELE: 'Deleted',
  MKD: 'Made the directory',
  XMKD: 'Made the directory',
  RMD: 'Removed the directory',
  XRMD: 'Removed the directory',
  MFMT: 'Set the time of',
  MDTM: 'Set the time of',
  'SITE UTIME': 'Set the time of',
  'SITE CHMOD': 'Set the mode of',
}

const CLOSED: Readonly<Record<CloseReason, readonly [Kind, string]>> = {
  quit: ['message', 'The client said goodbye'],
  lost: ['message', 'The client went away'],
  'login-timeout': ['warning', 'Closed: no login in time'],
  'idle-timeout': ['message', 'Closed: idle too long'],
  'session-timeout': ['message', 'Closed: the session lasted too long'],
  stalled: ['warning', 'Closed: the client does not read its replies'],
  'login-failures': ['warning', 'Closed: too many failed logins'],
  flood: ['warning', 'Closed: too many lines that are no commands'],
  replaced: ['warning', 'Closed: replaced by a new session of the same login and host'],
  account: ['warning', 'Closed: not allowed here any more'],
  kicked: ['warning', 'Closed by an administrator'],
  tls: ['warning', 'Closed: the TLS handshake failed'],
  shutdown: ['message', 'Closed: the server stops'],
  fault: ['error', 'Closed because of a fault'],
}

/** The entry that says what happened; undefined for events that are not logged. */
export function entryFor(event: FtpEvent): NewEntry | undefined {
  const said = saidOf(event)
  if (!said) return undefined
  const { session } = event
  const who = session && { session: session.id, address: session.address }
  return { ...said, ...who, event: event.kind }
}

function saidOf<Name extends EventKind>(event: EventOf<Name>): Said {
  // The table maps each kind to a function of just that kind; TypeScript loses the pairing.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return (ENTRIES[event.kind] as (one: EventOf<Name>) => Said)(event)
}

function transferEnded({ direction, verb, path, bytes, seconds, result }: TransferEnd): Said {
  const kind =
    result === 'failed' ? 'error' : result === 'aborted' ? 'warning' : direction === 'listing' ? 'message' : 'status'
  const what = `${ENDED[direction]} ${path} (${verb}): ${bytes} bytes in ${seconds.toFixed(3)} s.${RESULT[result]}`
  return say(kind, what, { path, bytes, seconds, result })
}

function because({ rule, detail }: Verdict): string {
  return detail === undefined ? rule : `${rule} (${detail})`
}

// The engine has masked it already; a log that outlives everything does not rely on that.
function withoutSecret(verb: string, text: string): string {
  return ['PASS', 'ACCT'].includes(verb.toUpperCase()) ? `${verb} ****` : text
}

/** A reply of many lines on one. */
function shortened(lines: readonly string[]): string {
  const shown = lines.slice(0, 20).map((line) => line.trim())
  return lines.length > shown.length ? `${shown.join(' | ')} | …` : shown.join(' | ')
}

function end(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}

function localEnd(session: Client): string {
  return end(session.localAddress, session.localPort)
}

function tls(secure: boolean): string {
  return secure ? ' over TLS' : ''
}

function duration(seconds: number): string {
  return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`
}
