/**
 * The one routine of every transfer (RFC 959 section 5.4): what it came to, and the reply for that. Nothing else in the
 * engine touches a data connection.
 */
import type { TransferResult } from '../events.ts'
import { refusalFor } from '../refusal-for.ts'
import { refusal, reply } from '../reply.ts'
import type { Reply } from '../reply.ts'
import type { AbortReason, LoggedInSession } from '../session.ts'
import { Aborted } from './aborted.ts'
import { ConnectFailed } from './endpoint.ts'
import { DataLost } from './mover.ts'
import type { Transfer } from './transfer-kinds.ts'
import { Run } from './transfer-run.ts'
import { refusedBy } from '../verdict.ts'

/** Octets of a file that a connection takes up at once. */
const SHORT = 64 * 1024

const ABORTED: Record<AbortReason, string> = {
  client: 'Transfer aborted.',
  administrator: 'Transfer aborted by the administrator.',
  lost: 'The control connection was lost.',
  stall: 'Transfer aborted: no data moved for too long.',
  shutdown: 'Transfer aborted: the server stops.',
}

/** Runs a transfer to its final reply; `mark` sends the 150. Never throws. */
export async function runTransfer(
  session: LoggedInSession,
  transfer: Transfer,
  mark: (reply: Reply) => void,
): Promise<Reply> {
  const endpoint = session.data
  session.data = undefined
  if (!endpoint) return reply(425, 'Send PASV, EPSV, PORT or EPRT first.')
  const run = new Run(session, transfer, endpoint, (answer) => mark(short(session, run) ? { ...answer, soon: true } : answer))
  if (session.aborting === 'wanted') {
    session.aborting = 'done'
    run.abort('client')
  }
  try {
    const final = transfer.direction === 'send' ? await run.send(transfer) : await run.receive(transfer)
    return run.end('complete', final)
  } catch (error) {
    const { result, final } = failure(session, transfer, error)
    return run.end(result, final)
  } finally {
    endpoint.close()
    session.transfer = undefined
  }
}

/** Whether the transfer is over in moments: the file is in the network's hands at once, and nobody waits for the mark. */
function short(session: LoggedInSession, { size = Infinity }: Run): boolean {
  // A client under TLS begins its handshake when it has the mark.
  return session.protection === 'clear' && size <= SHORT
}

function failure(session: LoggedInSession, transfer: Transfer, error: unknown): { result: TransferResult; final: Reply } {
  if (error instanceof Aborted) {
    const verdict = refusedBy('data.aborted', 'session', error.reason)
    return { result: 'aborted', final: refusal(426, ABORTED[error.reason], undefined, verdict) }
  }
  if (error instanceof DataLost) return { result: 'aborted', final: reply(426, error.message) }
  if (error instanceof ConnectFailed) return { result: 'failed', final: reply(425, error.message) }
  const refused = refusalFor(error, transfer.direction === 'receive')
  if (!refused) {
    session.emit({ kind: 'fault', session: session.client, error })
    return { result: 'failed', final: reply(451, 'The transfer failed on this side.') }
  }
  const { verdict } = refused
  const { verb, path } = transfer
  if (refused.ruled) session.emit({ kind: 'refused', session: session.client, verb, path, verdict })
  return { result: 'failed', final: refused.reply }
}
