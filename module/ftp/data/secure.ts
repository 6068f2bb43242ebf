/** Protected data connections (RFC 4217 section 7): the handshake after the mark, and proof that an upload ended cleanly. */
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { Refusal } from '../reply.ts'
import { seenDomain } from '../session.ts'
import type { Session } from '../session.ts'
import { SessionTls, handshake } from '../tls.ts'
import { refusedBy } from '../verdict.ts'
import { TlsTap } from './close-notify.ts'
import { WAITING } from './endpoint.ts'

export interface SecureConnection {
  readonly connection: TLSSocket
  /** Whether the client said that it sent everything: close_notify behind this many octets of plain text. */
  closedCleanly(octets: number): boolean
}

/** Does the handshake of a data connection; refuses with 522 when it fails or does not resume a session that has to be. */
export async function secureData(
  session: Session,
  raw: Socket,
  direction: 'send' | 'receive',
  signal: AbortSignal,
): Promise<SecureConnection> {
  const { tls, timeouts } = session.options
  const own = session.control.context
  if (!tls || !own) throw new Refusal(522, 'There is no TLS on this server any more.')
  const context = tls.sessionReuse === 'off' ? new SessionTls().contextFor(tls, seenDomain(session)) : own()
  // Only what is received needs watching, and watching costs.
  const tap = direction === 'receive' ? new TlsTap(raw) : undefined
  let connection: TLSSocket
  try {
    connection = await handshake(tap ?? raw, { context, patience: timeouts.handshake * 1000, signal, waiting: WAITING })
  } catch (error) {
    if (signal.aborted) throw signal.reason
    const verdict = refusedBy('tls.handshake', 'session', error instanceof Error ? error.message : '')
    throw new Refusal(522, 'The TLS handshake of the data connection failed.', verdict)
  }
  if (tls.sessionReuse === 'require' && !connection.isSessionReused()) {
    connection.destroy()
    raw.destroy()
    const verdict = refusedBy('tls.sessionReuse', 'server', 'require')
    throw new Refusal(522, 'The data connection must resume the TLS session of the control connection.', verdict)
  }
  const hashOctets = connection.getCipher().standardName.endsWith('SHA384') ? 48 : 32
  return { connection, closedCleanly: (octets) => tap?.closedCleanly(octets, hashOctets + 4) ?? true }
}
