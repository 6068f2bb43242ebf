/** Who is asking: RFC 959 section 4.1.1, RFC 7151 (HOST). */
import { setTimeout as pause } from 'node:timers/promises'
import { nothing, optionalWord, word } from '../argument.ts'
import type { Account } from '../backend.ts'
import { open } from '../command.ts'
import { enterDomain } from '../domain-choice.ts'
import type { Domain } from '../domains.ts'
import { hostname } from '../hostname.ts'
import type { Hostname } from '../hostname.ts'
import { overLoginLimit } from '../login-limit.ts'
import { BOUNDS } from '../options.ts'
import { ROOT } from '../pathname.ts'
import type { VirtualPath } from '../pathname.ts'
import { requireTls } from '../permission.ts'
import { printable } from '../printable.ts'
import { refusal, Refusal, reply } from '../reply.ts'
import type { Reply } from '../reply.ts'
import type { Session } from '../session.ts'
import { refusedBy } from '../verdict.ts'
import * as wording from '../wording.ts'
import type { Verdict } from '../verdict.ts'

/** While the password was being checked; nobody reads it. */
const GONE = new Refusal(421, 'The client has gone.')

export const access = {
  USER: open({
    argument: word,
    syntax: 'USER <SP> user-name',
    help: 'Say who you are.',
    rfc: 'RFC 959 section 4.1.1',
    essential: 'login',
    run(session, name) {
      requireTls(session)
      if (session.login) session.reset()
      session.user = name.slice(0, BOUNDS.user)
      // The same words for every name: nobody learns which exist (RFC 2577 section 7).
      return reply(331, 'Password required.')
    },
  }),

  PASS: open({
    argument: optionalWord,
    syntax: 'PASS <SP> password',
    help: 'Prove it.',
    rfc: 'RFC 959 section 4.1.1',
    essential: 'login',
    secret: true,
    async run(session, password) {
      const { user } = session
      if (user === undefined) throw new Refusal(503, 'Send USER first.')
      requireTls(session)
      session.user = undefined
      const answer = await ask(session, user, password)
      if ('refused' in answer) return await failed(session, user, answer.refused)
      return welcome(session, answer.account)
    },
  }),

  ACCT: open({
    argument: optionalWord,
    syntax: 'ACCT <SP> account-information',
    help: 'Not needed here.',
    rfc: 'RFC 959 section 4.1.1',
    secret: true,
    run: () => reply(202, 'No account information is needed.'),
  }),

  REIN: open({
    argument: nothing,
    syntax: 'REIN',
    help: 'Log out and begin anew.',
    rfc: 'RFC 959 section 4.1.1',
    run(session) {
      session.reset()
      session.resetProtection()
      session.moveTo(session.shared.domains().of(session.home))
      return reply(220, 'Ready for a new user.')
    },
  }),

  QUIT: open({
    argument: nothing,
    syntax: 'QUIT',
    help: 'End the session.',
    rfc: 'RFC 959 section 4.1.1',
    essential: 'login',
    run: (session) => wording.goodbye(session),
  }),

  HOST: open({
    argument: hostname,
    syntax: 'HOST <SP> hostname',
    help: 'Name the virtual host you want to reach.',
    rfc: 'RFC 7151 section 3',
    feature: 'HOST',
    async run(session, host) {
      if (session.login) throw new Refusal(503, 'Send HOST before you log in.')
      const { serverName } = session.control
      if (serverName !== undefined && serverName !== host.text) {
        throw new Refusal(504, 'HOST must be the name that was used for TLS.')
      }
      const domain = hosted(session, host)
      if (!domain) throw new Refusal(504, 'This host is not known here.')
      await enterDomain(session, domain)
      session.user = undefined
      return domain.own?.greeting ? wording.greeting(session) : reply(220, 'Host accepted.')
    },
  }),
}

/** The domain that the argument of HOST means; our own address stands for what its listener serves. */
function hosted({ shared, listener, client }: Session, { text, literal }: Hostname): Domain | undefined {
  if (!literal) return shared.domains().named(text, listener)
  return text === client.localAddress ? shared.domains().of(listener) : undefined
}

function ask(session: Session, user: string, password: string) {
  const { client, domainId, control, shared } = session
  if (password.length > BOUNDS.password) return { refused: refusedBy('login.password', 'system', 'too long') }
  return shared.backend.accounts.login({ client, domain: domainId, user, password, secure: control.secure })
}

async function failed(session: Session, user: string, verdict: Verdict): Promise<Reply> {
  const failures = ++session.failedLogins
  session.emit({ kind: 'login-failed', session: session.client, user: printable(user), verdict })
  const { attempts, failureDelay } = session.options.login
  // Guessing gets slower with every failure.
  await pause(failureDelay * 2 ** Math.min(failures - 1, 4))
  if (failures < attempts) return refusal(530, 'Login incorrect.', undefined, verdict)
  return refusal(421, 'Too many failed logins.', 'close', refusedBy('login.attempts', 'server', String(attempts)))
}

async function welcome(session: Session, account: Account): Promise<Reply> {
  const directory = await homeOf(account)
  const over = session.ended ? GONE : overLoginLimit(session, account)
  if (over) {
    account.release?.()
    throw over
  }
  session.enter(account, directory)
  session.emit({ kind: 'login', session: session.client, user: account.name, guest: account.guest })
  const answer = wording.welcome(session)
  // The account's own times hold from here on; they may be over already.
  session.clock?.check()
  return answer
}

async function homeOf({ files, home }: Account): Promise<VirtualPath> {
  if (home === undefined) return ROOT
  return files.enter(home).then(
    () => home,
    () => ROOT,
  )
}
