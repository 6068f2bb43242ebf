/** "Why?": what would happen to a client, decision by decision, made by the very code that decides for real ones. No password is asked. */
import type { GateStep } from '../access/gate.ts'
import { parseAddress } from '../access/address.ts'
import type { Rehearsal, RehearsedStep } from '../ftp/rehearsal.ts'
import { allowedBy, refusedBy } from '../ftp/verdict.ts'
import type { Verdict } from '../ftp/verdict.ts'
import { DEFAULT_DOMAIN } from '../settings/domain.ts'
import type { Settings } from '../settings/schema.ts'
import { GUEST_NAMES } from '../settings/values.ts'
import type { DirectoryUser, Directory, ServiceStatus } from '../shell.ts'
import type { Entrance } from './entrance.ts'

export interface WhyQuestion {
  /** An IPv4 or IPv6 address. */
  readonly address: string
  /** As clients type it; absent = only whether the address gets as far as a login. */
  readonly user?: string
  /** Id of the domain; absent = the server itself. */
  readonly domain?: string
  /** A verb such as `STOR`; absent = only the login. */
  readonly command?: string
  /** What follows the verb, mostly a path. */
  readonly path?: string
  /** Whether the client uses TLS, for data as well. */
  readonly secure?: boolean
  /** Octets of an upload, where its size matters. */
  readonly bytes?: number
  /** Stands for now where hours, dates of accounts and ends of rules decide; milliseconds since 1970. */
  readonly at?: number
}

export type WhyStage = 'service' | 'rules' | 'login' | RehearsedStep['stage']

/** One decision. The last one of an answer is the one that decides. */
export interface WhyStep {
  readonly stage: WhyStage
  readonly verdict: Verdict
  /** Whose rule list said it: a domain (its id), a group or a user. */
  readonly owner?: string
  /** Which rule of that list, from 0. */
  readonly index?: number
}

export interface WhyAnswer {
  /** In canonical form. */
  readonly address: string
  readonly domain: string
  /** As the shell knows the user that was asked about; absent for guests and for names nobody has. */
  readonly user?: Pick<DirectoryUser, 'name' | 'groups'>
  readonly guest: boolean
  readonly allowed: boolean
  readonly steps: readonly WhyStep[]
}

interface WhyParts {
  readonly users: Pick<Directory, 'find'>
  settings(): Settings
  status(): ServiceStatus
  entrance(): Pick<Entrance, 'control' | 'foresee'>
  /** The engine that runs; undefined while the service is off. */
  rehearsal(scene: { address: string; domain: string; secure: boolean }): Rehearsal | undefined
}

export class Why {
  readonly #parts: WhyParts

  constructor(parts: WhyParts) {
    this.#parts = parts
  }

  /** The way that a client would go, up to what stops it or to its end. Throws a RangeError for an address or a domain that is none. */
  async ask(question: WhyQuestion): Promise<WhyAnswer> {
    const address = parseAddress(question.address)?.text
    if (address === undefined) throw new RangeError('address')
    const { domain = DEFAULT_DOMAIN, user = '' } = question
    if (
      domain !== DEFAULT_DOMAIN &&
      !this.#parts.settings().domains.some(({ id, enabled }) => id === domain && enabled)
    ) {
      throw new RangeError('domain')
    }
    const known = user === '' ? undefined : await this.#parts.users.find(user)
    const steps: WhyStep[] = []
    // Each asks only where everything before it has let the client pass.
    for await (const step of this.#way({ ...question, address, domain, user })) {
      steps.push(step)
      if (!step.verdict.allowed) break
    }
    return {
      address,
      domain,
      ...(known && { user: { name: known.name, groups: known.groups } }),
      guest: GUEST_NAMES.includes(user.toLowerCase()),
      allowed: steps.every(({ verdict }) => verdict.allowed),
      steps,
    }
  }

  async *#way(question: WhyQuestion & { address: string; domain: string; user: string }): AsyncGenerator<WhyStep> {
    const { address, domain, user, secure = false, at } = question
    const rehearsal = this.#parts.rehearsal({ address, domain, secure })
    yield { stage: 'service', verdict: serviceVerdict(this.#parts.status(), rehearsal !== undefined) }
    if (!rehearsal) return
    const entrance = this.#parts.entrance()
    yield* (await entrance.control.gate.explain(address, { domain }, at)).map(ruleStep)
    yield* rehearsal.arrive()
    if (user === '') return
    const { steps, answer } = await entrance.foresee({
      client: { address },
      domain,
      user,
      ...(at !== undefined && { at }),
    })
    // Server and domain have spoken at the connection; only what they say otherwise by now is new.
    yield* steps.filter(({ level, verdict }) => level === 'group' || level === 'user' || !verdict.allowed).map(ruleStep)
    if (!answer) return
    if ('refused' in answer) yield { stage: 'login', verdict: answer.refused }
    else yield* this.#inside(rehearsal, answer.account, question)
  }

  async *#inside(
    rehearsal: Rehearsal,
    account: Parameters<Rehearsal['use']>[0],
    { command = '', path = '', bytes }: WhyQuestion,
  ): AsyncGenerator<WhyStep> {
    try {
      yield { stage: 'login', verdict: account.standing() }
      const line = path === '' ? command : `${command} ${path}`
      yield* await rehearsal.use(account, command === '' ? '' : line, bytes)
    } finally {
      account.release?.()
    }
  }
}

function serviceVerdict({ state }: ServiceStatus, running: boolean): Verdict {
  return (running ? allowedBy : refusedBy)('service.state', 'server', state)
}

function ruleStep({ verdict, owner, index }: GateStep): WhyStep {
  return { stage: 'rules', verdict, ...(owner !== undefined && { owner }), ...(index !== undefined && { index }) }
}
