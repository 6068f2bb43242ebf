/** How a command is declared: one object from which dispatch, login check, argument, right, HELP, FEAT and the README derive. */
import { optionalPathname, pathname } from './argument.ts'
import type { Right } from './backend.ts'
import type { Transfer } from './data/transfer-kinds.ts'
import { ROOT, parentOf } from './pathname.ts'
import type { VirtualPath } from './pathname.ts'
import { Refusal } from './reply.ts'
import type { Reply } from './reply.ts'
import type { LoggedInSession, Session } from './session.ts'

/** What a command comes to: an answer, or a transfer that gives the answer at its end. */
export type Outcome = Reply | Transfer

/** Makes the argument of the text behind the verb; refuses it with 501. */
export type Parser<Argument> = (text: string, session: Session) => Argument

interface Description {
  /** As HELP shows it: `RETR <SP> pathname`. */
  readonly syntax: string
  /** One sentence. */
  readonly help: string
  /** Where it is defined: `RFC 959 section 4.1.1`. */
  readonly rfc: string
  /** Cannot be switched off: nobody could log in or leave, or the encryption has a switch of its own. */
  readonly essential?: 'login' | 'encryption'
  /** Its line in FEAT (RFC 2389); a function answers undefined where it does not apply now. */
  readonly feature?: string | ((session: Session) => string | undefined)
  /** May be answered while a transfer runs (RFC 1123 section 4.1.3.3). */
  readonly duringTransfer?: true
  /** Leaves REST, RNFR and ALLO in force for the command behind it. */
  readonly keepsPending?: true
  /** Makes the name it is given: what is wrong with the name is 553 and not 550. */
  readonly makesName?: true
  /** Its argument is never shown. */
  readonly secret?: true
}

interface OpenDefinition<Argument> extends Description {
  readonly argument: Parser<Argument>
  run(session: Session, argument: Argument): Outcome | Promise<Outcome>
}

interface LoggedInDefinition<Argument> extends Description {
  readonly argument: Parser<Argument>
  /** At least one of these must hold at the path that is the argument. */
  readonly right?: Argument extends VirtualPath ? readonly Right[] : never
  run(session: LoggedInSession, argument: Argument): Outcome | Promise<Outcome>
}

export interface Command extends Description {
  readonly needsLogin: boolean
  /** Its argument is a pathname, and nothing else. */
  readonly takesPath: boolean
  readonly right?: readonly Right[]
  answer(session: Session, text: string): Outcome | Promise<Outcome>
}

/** Verb to command; sub-commands stand under both words: `SITE CHMOD`, `OPTS MLST`. */
export type CommandTable = ReadonlyMap<string, Command>

/** A command allowed before the login. */
export function open<Argument>(definition: OpenDefinition<Argument>): Command {
  return {
    ...definition,
    needsLogin: false,
    takesPath: takesPath(definition.argument),
    answer: (session, text) => definition.run(session, definition.argument(text, session)),
  }
}

/** A command for those who have logged in. */
export function loggedIn<Argument>(definition: LoggedInDefinition<Argument>): Command {
  const { right, ...rest } = definition
  return {
    ...rest,
    ...(right && { right }),
    needsLogin: true,
    takesPath: takesPath(definition.argument),
    answer(session, text) {
      if (!isLoggedIn(session)) throw new Refusal(530, 'Log in with USER and PASS first.')
      const argument = definition.argument(text, session)
      if (right && typeof argument === 'string') requireRight(session, right, asPath(argument))
      return definition.run(session, argument)
    },
  }
}

function takesPath(argument: unknown): boolean {
  return argument === pathname || argument === optionalPathname
}

/** Refuses with 550 unless one of the rights holds; what is hidden is refused with the words a missing name would get. */
export function requireRight(session: LoggedInSession, rights: readonly Right[], path: VirtualPath): void {
  const { files } = session.login.account
  const verdict = files.may(rights, path)
  if (verdict.allowed) return
  // A missing name is refused by the right of the directory it would be in, before anybody looks for it.
  let seen = verdict
  for (let above = path; seen.hidden && above !== ROOT;) {
    above = parentOf(above)
    seen = files.may(rights, above)
  }
  throw new Refusal(550, seen.allowed ? 'No such file or directory.' : 'Permission denied.', verdict)
}

export function isLoggedIn(session: Session): session is LoggedInSession {
  return session.login !== undefined
}

// A definition can only name a right where its argument is a path: see LoggedInDefinition.
// oxlint-disable-next-line typescript/no-unsafe-type-assertion
const asPath = (argument: string): VirtualPath => argument as VirtualPath

export function isTransfer(outcome: Outcome): outcome is Transfer {
  return 'direction' in outcome
}
