/** How many sessions one login may have, in all and from one address (product section 2). */
import type { Account } from './backend.ts'
import { Refusal, reply } from './reply.ts'
import type { Session } from './session.ts'
import { refusedBy } from './verdict.ts'

/** What a further session of an account meets: a refusal, or the place of an idle one that has to go for it; nothing where there is room. */
export interface LoginRoom {
  readonly over?: Refusal
  readonly instead?: Session
}

/** Decides about a further session by those there are now; ends nothing itself. */
export function loginRoom(session: Session, account: Pick<Account, 'name' | 'limits'>): LoginRoom {
  const { sessions = Infinity, sessionsPerHost = Infinity } = account.limits()
  if (sessions === Infinity && sessionsPerHost === Infinity) return {}
  const others = session.shared.census.ofLogin(account.name)
  const ofHost = [...others].filter((other) => other.client.address === session.client.address)
  const full = others.size >= sessions
  if (!full && ofHost.length < sessionsPerHost) return {}
  const instead = session.options.limits.replaceOldestIdle ? longestIdle(ofHost) : undefined
  if (instead) return { instead }
  const limit = full ? sessions : sessionsPerHost
  const rule = full ? 'limit.sessionsPerLogin' : 'limit.sessionsPerLoginAndHost'
  const where = full ? 'of this login' : 'of this login from your address'
  const verdict = refusedBy(rule, 'user', String(limit))
  return { over: new Refusal(421, `Too many sessions ${where} (limit ${limit}).`, verdict, 'close') }
}

/** The refusal that a further session of this account meets, if any. May end its longest idle session instead. */
export function overLoginLimit(session: Session, account: Account): Refusal | undefined {
  const { over, instead } = loginRoom(session, account)
  if (instead) {
    session.shared.end(instead, 'replaced', reply(421, 'Replaced by a new session of the same login.'))
  }
  return over
}

/** Cameras leave sessions behind when they lose their power: the newcomer is the same camera. */
function longestIdle(candidates: readonly Session[]): Session | undefined {
  return candidates
    .filter((other) => !other.transfer)
    .reduce<Session | undefined>(
      (first, each) => (first && first.lastActivity <= each.lastActivity ? first : each),
      undefined,
    )
}
