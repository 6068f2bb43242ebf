/** The verdict of refusals that no rule of an administrator decided but the protocol, or the state of the session, itself. */
import type { ReplyCode } from './reply.ts'
import { refusedBy } from './verdict.ts'
import type { Level, Verdict } from './verdict.ts'

/** RFC 959 section 4.2.2, RFC 2228 section 5, RFC 2428 section 3: what each negative code says of the command alone. */
const RULES: Partial<Record<ReplyCode, readonly [rule: string, level: Level]>> = {
  421: ['session.ended', 'session'],
  425: ['data.connection', 'session'],
  426: ['data.aborted', 'session'],
  431: ['tls.certificate', 'server'],
  450: ['system.busy', 'system'],
  451: ['system.fault', 'system'],
  500: ['command.unknown', 'system'],
  501: ['command.syntax', 'session'],
  502: ['command.unknown', 'system'],
  503: ['command.sequence', 'session'],
  504: ['command.parameter', 'system'],
  522: ['data.protocol', 'session'],
  530: ['login.needed', 'session'],
  533: ['tls.protection', 'session'],
  534: ['tls.protection', 'session'],
  536: ['tls.protection', 'session'],
}

/** Why a reply of this code refuses where nothing else decided. */
export function protocolVerdict(code: ReplyCode): Verdict {
  const [rule, level] = RULES[code] ?? ['command.refused', 'system']
  return refusedBy(rule, level)
}
