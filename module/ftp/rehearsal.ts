/**
 * What a client would meet, rule by rule: the engine's own decisions asked in a session that nobody has. Files must be ones that
 * change nothing (`Files` of an embedder for this purpose); connections, counters and other sessions are left alone.
 */
import { placeFor } from './admission.ts'
import type { Account, Client } from './backend.ts'
import { isLoggedIn, isTransfer } from './command.ts'
import type { Command } from './command.ts'
import { closeSource } from './data/opening.ts'
import { protocolVerdict } from './protocol-verdict.ts'
import { FAMILIES } from './commands/table.ts'
import { parseLine } from './line.ts'
import { loginRoom } from './login-limit.ts'
import { resolvePathname, ROOT } from './pathname.ts'
import { checkCommand, requireDataTls, requireTls } from './permission.ts'
import { refusalFor } from './refusal-for.ts'
import { Refusal } from './reply.ts'
import { Session } from './session.ts'
import type { LoggedInSession, Shared } from './session.ts'
import { allowedBy } from './verdict.ts'
import type { Verdict } from './verdict.ts'

/** Where a client comes from and how. */
export interface Scene {
  readonly address: string
  /** Id of the domain. */
  readonly domain: string
  readonly secure: boolean
}

/** One decision on the way; those behind a refusal are not asked any more. */
export interface RehearsedStep {
  readonly stage: 'connection' | 'tls' | 'sessions' | 'command' | 'right' | 'deed'
  readonly verdict: Verdict
}

/** Commands that are carried out on files that change nothing; of all others only what comes before their argument is asked. */
const REHEARSED: ReadonlySet<Command> = new Set(
  [FAMILIES['directories'], FAMILIES['listings'], FAMILIES['transfers'], FAMILIES['files']].flatMap((family) =>
    // RNTO alone is no question: it needs the RNFR before it.
    Object.entries(family ?? {}).flatMap(([verb, command]) =>
      (command.takesPath || verb === 'LIST' || verb === 'NLST') && verb !== 'RNTO' ? [command] : [],
    ),
  ),
)

export class Rehearsal {
  readonly #session: Session
  readonly #shared: Shared

  constructor(shared: Shared, { address, domain, secure }: Scene) {
    const client: Client = { id: 'rehearsal', address, port: 0, localAddress: address, localPort: 0, since: 0 }
    this.#shared = { ...shared, emit: () => undefined, end: () => undefined }
    this.#session = new Session(client, this.#shared, shared.domains().of(domain).id)
    this.#session.control.secure = secure
    if (secure) this.#session.protection = 'private'
    // Counting the ends of lines of a whole file is nothing that a question needs.
    this.#session.parameters.type = 'image'
  }

  /** The way from the connection to the name: room, and whether the name may be said in the clear. */
  arrive(): RehearsedStep[] {
    const session = this.#session
    const { over } = placeFor(this.#shared, session.domain, session.client)
    if (over) return [{ stage: 'connection', verdict: over.verdict }]
    return [
      { stage: 'connection', verdict: allowedBy('limit.sessions', 'server') },
      { stage: 'tls', verdict: verdictOf(() => this.#protect()) ?? allowedBy('tls.required', 'server') },
    ]
  }

  /** What somebody who has proved who he is meets, up to the end of a command line; nothing of it is done. `bytes`: the size of an upload. */
  async use(account: Account, line: string, bytes?: number): Promise<RehearsedStep[]> {
    const session = this.#session
    const { over } = loginRoom(session, account)
    if (over) return [{ stage: 'sessions', verdict: over.verdict }]
    session.login = { account, directory: ROOT }
    if (bytes !== undefined) session.pending.allocate = bytes
    const steps: RehearsedStep[] = [{ stage: 'sessions', verdict: allowedBy('limit.sessionsPerLogin', 'user') }]
    if (line !== '') steps.push(...(await this.#command(line)))
    session.login = undefined
    return steps
  }

  #protect(): void {
    const session = this.#session
    if (!session.control.secure) return requireTls(session)
    if (!session.options.tls) void parseLine('AUTH TLS', session.shared.table).command?.answer(session, 'TLS')
  }

  async #command(text: string): Promise<RehearsedStep[]> {
    const session = this.#session
    const { verb, argument, command } = parseLine(text, session.shared.table)
    if (!command) return [{ stage: 'command', verdict: protocolVerdict(500) }]
    const refused = verdictOf(() => checkCommand(session, verb, command))
    if (refused) return [{ stage: 'command', verdict: refused }]
    const steps: RehearsedStep[] = [{ stage: 'command', verdict: allowedBy('command.enabled', 'server', verb) }]
    if (!isLoggedIn(session)) return steps
    if (command.right && command.takesPath) {
      const verdict =
        verdictOf(() => resolvePathname(ROOT, argument)) ??
        session.login.account.files.may(command.right, resolvePathname(ROOT, argument))
      steps.push({ stage: 'right', verdict })
      if (!verdict.allowed) return steps
    }
    if (!REHEARSED.has(command)) return steps
    const failed = await this.#deed(session, command, argument)
    return [...steps, { stage: 'deed', verdict: failed ?? allowedBy('command.done', 'system', verb) }]
  }

  /** Carries the command out; a transfer is opened and closed again before its first octet. */
  async #deed(session: LoggedInSession, command: Command, argument: string): Promise<Verdict | undefined> {
    try {
      const outcome = await command.answer(session, argument)
      if (!isTransfer(outcome))
        return outcome.code >= 400 ? (outcome.verdict ?? protocolVerdict(outcome.code)) : undefined
      requireDataTls(session)
      if (outcome.direction === 'send') await closeSource(await outcome.open())
      else await (await outcome.open()).abandon()
      return undefined
    } catch (error) {
      return refusedWith(error)
    }
  }
}

function verdictOf(work: () => unknown): Verdict | undefined {
  try {
    work()
    return undefined
  } catch (error) {
    return refusedWith(error)
  }
}

function refusedWith(error: unknown): Verdict {
  const refusal = error instanceof Refusal ? error : refusalFor(error, false)
  if (!refusal) throw error
  return refusal.verdict
}
