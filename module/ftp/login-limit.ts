/** How many sessions one login may have, in all and from one address (product section 2). */
import type { Account } from './backend.ts'
import { Refusal, reply } from './reply.ts'
import type { Session } from './session.ts'
import { refusedBy } from './verdict.ts'

/** The refusal that a further session of this account meets, if any. May end its longest idle session instead. */
export function overLoginLimit(session: Session, account: Account): Refusal | undefined {
  const { sessions = Infinity, sessionsPerHost = Infinity } = account.limits()
  if (sessions === Infinity && sessionsPerHost === Infinity) return undefined
  const others = session.shared.census.ofLogin(account.name)
  const ofHost = [...others].filter((other) => other.client.address === session.client.address)
  const full = others.size >= sessions
  if (!full && ofHost.length < sessionsPerHost) return undefined
  if (session.options.limits.replaceOldestIdle && replaceIdle(session, ofHost)) return undefined
  const limit = full ? sessions : sessionsPerHost
  const rule = full ? 'limit.sessionsPerLogin' : 'limit.sessionsPerLoginAndHost'
  const where = full ? 'of this login' : 'of this login from your address'
  return new Refusal(
    421,
    `Too many sessions ${where} (limit ${limit}).`,
    refusedBy(rule, 'user', String(limit)),
    'close',
  )
}

/** Cameras leave sessions behind when they lose their power: the newcomer is the same camera. */
function replaceIdle(session: Session, candidates: readonly Session[]): boolean {
  const idle = candidates
    .filter((other) => !other.transfer)
    .reduce<Session | undefined>(
      (first, each) => (first && first.lastActivity <= each.lastActivity ? first : each),
      undefined,
    )
  if (!idle) return false
  session.shared.end(idle, 'replaced', reply(421, 'Replaced by a new session of the same login.'))
  return true
}
