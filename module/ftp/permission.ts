/** Whether a session may use a command at all, before its argument is looked at: one decision for clients and for explanations. */
import type { Command } from './command.ts'
import { Refusal } from './reply.ts'
import type { Session } from './session.ts'
import { shutOut } from './stay.ts'
import { refusedBy } from './verdict.ts'
import { switchedOff } from './wording.ts'

/** Said to whom a change has shut out, whatever it was. */
export const NOT_ANY_MORE = 'This account is not allowed here any more.'

/** Refuses a command that is switched off, a session that may not go on, and what needs a login first. */
export function checkCommand(session: Session, verb: string, command: Command): void {
  if (session.options.disabled.has(verb)) {
    const level = session.shared.options().disabled.has(verb) ? 'server' : 'domain'
    throw Refusal.with(switchedOff(session, verb), refusedBy('command.disabled', level, verb))
  }
  const out = shutOut(session)
  if (out) throw new Refusal(421, NOT_ANY_MORE, out, 'close')
  if (command.needsLogin && !session.login) throw new Refusal(530, 'Log in with USER and PASS first.')
}

/** A session as far as protection asks. */
export interface Protected {
  readonly options: Pick<Session['options'], 'tls'>
  readonly control: { readonly secure: boolean }
  readonly client: { readonly address: string }
}

/** Refuses names and passwords in the clear where TLS is required (product section 2). */
export function requireTls(session: Protected): void {
  const { tls } = session.options
  if (!tls || tls.required === 'never' || session.control.secure || tls.exempt(session.client.address)) return
  const verdict = refusedBy('tls.required', 'server', tls.required)
  throw new Refusal(530, 'Encryption is required here: send AUTH TLS first.', verdict)
}

/** Refuses a data connection in the clear where TLS is required for data. */
export function requireDataTls(session: Session): void {
  const { tls } = session.options
  if (tls?.required !== 'data' || session.protection === 'private' || tls.exempt(session.client.address)) return
  const verdict = refusedBy('tls.required', 'server', 'data')
  throw new Refusal(521, 'Data connections must be protected: send PBSZ 0 and PROT P.', verdict)
}
