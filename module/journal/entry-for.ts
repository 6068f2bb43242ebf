/** Which event of the engine becomes which entry of the log: one table. */
import type { Client } from '../ftp/backend.ts'
import type { CloseReason, FtpEvent, TransferEnd } from '../ftp/events.ts'
import type { Verdict } from '../ftp/verdict.ts'
import type { Kind, NewEntry } from './entry.ts'
import type { Who } from './session-context.ts'

type EventKind = FtpEvent['kind']
type EventOf<Name extends EventKind> = Extract<FtpEvent, { kind: Name }>
type Writable<Type> = { -readonly [Field in keyof Type]: Type[Field] }
/** What an event says beyond who it was: a new object that becomes the entry; absent = no entry. */
type Said = Writable<Omit<NewEntry, 'event' | 'session' | 'address'>> | undefined

const say = (kind: Kind, text: string, verdict?: Verdict): NonNullable<Said> =>
  verdict ? { kind, text, verdict } : { kind, text }

const ENTRIES: { readonly [Name in EventKind]: (event: EventOf<Name>) => Said } = {
  'session-opened': ({ session, domain, secure }) => ({
    kind: 'message',
    text: `Connected from ${end(session.address, session.port)} to ${localEnd(session)}${tls(secure)}.`,
    domain,
  }),
  'connection-refused': ({ session, domain, verdict }) => ({
    kind: 'warning',
    text: `Connection refused at ${localEnd(session)}: ${because(verdict)}.`,
    domain,
    verdict,
  }),
  secured: ({ protocol, cipher }) => say('message', `The control connection is secured: ${protocol}, ${cipher}.`),
  'domain-chosen': ({ domain }) => ({ kind: 'message', text: `Chose the domain ${domain}.`, domain }),
  command: ({ verb, text }) => say('message', `> ${withoutSecret(verb, text)}`),
  reply: ({ code, lines, verdict }) =>
    say(code >= 400 ? 'warning' : 'message', `< ${code} ${shortened(lines)}`, verdict),
  login: ({ user, guest, verdict }) => ({
    ...say('status', guest ? 'Logged in as a guest.' : 'Logged in.', verdict),
    user,
  }),
  'login-failed': ({ user, verdict }) => ({
    kind: 'warning',
    text: `Login as ${user} refused: ${because(verdict)}.`,
    user,
    verdict,
  }),
  logout: ({ user }) => ({ kind: 'message', text: 'Logged out.', user }),
  'client-named': ({ name }) => say('message', `The client program is ${name}.`),
  // The command and its reply say it.
  directory: () => undefined,
  refused: ({ verb, path, verdict }) => {
    const text = `${verb} ${path === undefined ? '' : `${path} `}refused: ${because(verdict)}.`
    return path === undefined ? say('warning', text, verdict) : { kind: 'warning', text, path, verdict }
  },
  expelled: ({ user, verdict }) => {
    const said = say('warning', `May not stay: ${because(verdict)}.`, verdict)
    return user === undefined ? said : { ...said, user }
  },
  'transfer-started': ({ transfer: { direction, path, offset, secure } }) => {
    if (direction === 'listing') return undefined
    const from = offset > 0 ? ` at byte ${offset}` : ''
    return { kind: 'message', text: `Began to ${STARTED[direction]} ${path}${from}${tls(secure)}.`, path }
  },
  'transfer-progress': () => undefined,
  'transfer-ended': ({ transfer }) => transferEnded(transfer),
  changed: ({ verb, path, to }) => ({
    kind: 'status',
    text: to === undefined ? `${CHANGED[verb] ?? `Changed (${verb})`} ${path}.` : `Renamed ${path} to ${to}.`,
    path,
  }),
  message: ({ text }) => say('message', `Says: ${text}`),
  'messages-sent': ({ texts }) => say('message', `Is told: ${shortened(texts)}`),
  'session-closed': ({ reason, user, seconds, verdict }) => ({
    ...say(CLOSED[reason][0], `${CLOSED[reason][1]} after ${duration(seconds)}.`, verdict),
    ...(user === undefined ? {} : { user }),
    seconds,
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

const NOBODY: Who = {}

/** The entry that says what happened, and to whom; undefined for events that are not logged. */
export function entryFor(event: FtpEvent, { user, domain }: Who = NOBODY): NewEntry | undefined {
  const said = saidOf(event)
  if (!said) return undefined
  // What was said becomes the entry: this runs for every command.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const entry = said as Writable<NewEntry>
  entry.event = event.kind
  if (event.session) {
    entry.session = event.session.id
    entry.address = event.session.address
  }
  if (user !== undefined) entry.user ??= user
  if (domain !== undefined) entry.domain ??= domain
  return entry
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
  return { kind, text: what, path, bytes, seconds, result }
}

function because({ rule, detail }: Verdict): string {
  return detail === undefined ? rule : `${rule} (${detail})`
}

const SECRET = /^(?:PASS|ACCT)$/i

// The engine has masked it already; a log that outlives everything does not rely on that.
function withoutSecret(verb: string, text: string): string {
  return SECRET.test(verb) ? `${verb} ****` : text
}

/** A reply of many lines on one. */
function shortened(lines: readonly string[]): string {
  const [only] = lines
  if (only !== undefined && lines.length === 1) return only.trim()
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
