/** Protected data connections (RFC 4217 section 7): the handshake after the mark, and proof that an upload ended cleanly. */
import type { Socket } from 'node:net'
import type { CipherNameAndProtocol, TLSSocket } from 'node:tls'
import { Refusal } from '../reply.ts'
import { seenDomain } from '../domain-choice.ts'
import type { Session } from '../session.ts'
import { SessionTls, handshake } from '../tls.ts'
import type { LazyContext } from '../tls.ts'
import { refusedBy } from '../verdict.ts'
import type { Signal } from './aborted.ts'
import { TlsTap } from './close-notify.ts'
import { WAITING } from './endpoint.ts'
import type { Protection } from './kernel/messages.ts'

export interface SecureConnection {
  readonly connection: TLSSocket
  /** Whether the client said that it sent everything: close_notify behind this many octets of plain text. */
  readonly closedCleanly: (octets: number) => boolean
}

export interface DataProtection {
  readonly context: LazyContext
  readonly protection: Protection
}

/** What the session's data connections are protected with; refuses with 522 where there is no TLS any more. */
export function dataProtection(session: Session): DataProtection {
  const { tls, timeouts } = session.options
  const own = session.control.context
  if (!tls || !own) throw new Refusal(522, 'There is no TLS on this server any more.')
  const context = tls.sessionReuse === 'off' ? new SessionTls().contextFor(tls, seenDomain(session)) : own()
  const { settings } = context
  const patience = timeouts.handshake * 1000
  const mustResume = tls.sessionReuse === 'require'
  return { context, protection: { settings, patience, mustResume, strictEnd: tls.strictEnd } }
}

/** Does the handshake of a data connection; refuses with 522 when it fails or does not resume a session that has to be. */
export async function secureData(
  { context, protection }: DataProtection,
  raw: Socket,
  direction: 'send' | 'receive',
  signal: Signal,
): Promise<SecureConnection> {
  // Only what is received needs watching, and watching costs.
  const tap = direction === 'receive' ? new TlsTap(raw) : undefined
  let connection: TLSSocket
  try {
    const { patience } = protection
    connection = await handshake(tap ?? raw, { context, patience, signal, waiting: WAITING })
  } catch (error) {
    if (signal.aborted) throw signal.reason
    throw handshakeFailed(error instanceof Error ? error.message : '')
  }
  if (protection.mustResume && !connection.isSessionReused()) {
    connection.destroy()
    raw.destroy()
    throw notResumed()
  }
  // Node has no cipher any more where the connection broke right behind the handshake.
  const cipher: CipherNameAndProtocol | null = connection.getCipher()
  const hashOctets = cipher?.standardName.endsWith('SHA384') ? 48 : 32
  return { connection, closedCleanly: (octets) => tap?.closedCleanly(octets, hashOctets + 4) ?? true }
}

/** `why`: in the words of the library. */
export function handshakeFailed(why: string): Refusal {
  const verdict = refusedBy('tls.handshake', 'session', why)
  return new Refusal(522, 'The TLS handshake of the data connection failed.', verdict)
}

export function notResumed(): Refusal {
  const verdict = refusedBy('tls.sessionReuse', 'server', 'require')
  return new Refusal(522, 'The data connection must resume the TLS session of the control connection.', verdict)
}
