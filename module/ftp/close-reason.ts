/** Why a reply that closes the connection was given, as observers are told. */
import type { CloseReason } from './events.ts'
import type { Line } from './line.ts'
import type { Reply } from './reply.ts'

export function reasonFor(line: Line, answer: Reply): CloseReason {
  if (line.verb === 'QUIT') return 'quit'
  if (line.verb === 'PASS') return 'login-failures'
  return line.command && answer.code === 421 ? 'account' : 'flood'
}
