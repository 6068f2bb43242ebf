/** Listings: RFC 959 section 4.1.3 (LIST, NLST), RFC 3659 section 7 (MLST, MLSD). */
import { listArgument } from '../arguments-of-list.ts'
import { optionalPathname, optionalWord } from '../argument.ts'
import { FilesError } from '../backend.ts'
import type { Entry } from '../backend.ts'
import { loggedIn } from '../command.ts'
import { linesOf, openListing } from '../data/listing.ts'
import type { ListingRequest } from '../data/listing.ts'
import type { SendTransfer, Source } from '../data/transfer-kinds.ts'
import { FACTS, factLine } from '../facts.ts'
import type { ListingForm } from '../listing-form.ts'
import { nameOf, parentOf, resolvePathname } from '../pathname.ts'
import type { VirtualPath } from '../pathname.ts'
import { Refusal, multiline } from '../reply.ts'
import type { LoggedInSession, Session } from '../session.ts'

export const listings = {
  LIST: loggedIn({
    argument: optionalWord,
    syntax: 'LIST [<SP> -options] [<SP> pathname]',
    help: 'List a directory, as ls -l does.',
    rfc: 'RFC 959 section 4.1.3',
    async run(session, text) {
      const target = await targetOf(session, text)
      const now = Date.now()
      const { timeZone } = session.options.listing
      return listing(session, 'LIST', target, { kind: 'long', now, timeZone })
    },
  }),

  NLST: loggedIn({
    argument: optionalWord,
    syntax: 'NLST [<SP> -options] [<SP> pathname]',
    help: 'List the names in a directory.',
    rfc: 'RFC 959 section 4.1.3',
    async run(session, text) {
      const target = await targetOf(session, text)
      // Names as they can be used in RETR from here.
      return listing(session, 'NLST', target, { kind: 'names', prefix: target.prefix })
    },
  }),

  MLSD: loggedIn({
    argument: optionalPathname,
    syntax: 'MLSD [<SP> pathname]',
    help: 'List a directory with facts, for programs.',
    rfc: 'RFC 3659 section 7',
    run(session, path): SendTransfer {
      const { facts } = session.parameters
      const form = { kind: 'facts', facts } as const
      const { files } = session.login.account
      const open = async () => {
        try {
          return await openListing({ files, path, form })
        } catch (error) {
          if (error instanceof FilesError && error.kind === 'not-a-directory')
            throw new Refusal(501, 'Not a directory.')
          throw error
        }
      }
      return { direction: 'send', kind: 'listing', verb: 'MLSD', path, offset: 0, open }
    },
  }),

  MLST: loggedIn({
    argument: optionalPathname,
    syntax: 'MLST [<SP> pathname]',
    help: 'Tell the facts of one file or directory.',
    rfc: 'RFC 3659 section 7',
    feature: (session) => `MLST ${FACTS.map((fact) => `${fact}${chosen(session, fact)};`).join('')}`,
    async run(session, path) {
      const entry = await session.login.account.files.stat(path)
      return multiline(250, 'Facts:', [factLine({ ...entry, name: path }, session.parameters.facts)], 'End.')
    },
  }),
}

interface Target {
  readonly path: VirtualPath
  readonly recursive: boolean
  readonly pattern?: string
  /** What stands before each name of NLST. */
  readonly prefix: string
  /** The entry, if the path is no directory. */
  readonly file?: Entry
}

/** What `LIST -la two words` means: options as ls has them, and one path; but a file that is called so comes first. */
export async function targetOf(session: LoggedInSession, text: string): Promise<Target> {
  const { options, pathname } = listArgument(text)
  if (options !== '') {
    const literal = await named(session, text, false).catch(() => undefined)
    if (literal) return literal
  }
  return lookUp(session, pathname ?? '', options.includes('R') && session.options.listing.recursive)
}

/** The file or directory of exactly that name. */
async function named(session: LoggedInSession, typed: string, recursive: boolean): Promise<Target> {
  const path = resolvePathname(session.directory, typed)
  const entry = await session.login.account.files.stat(path)
  if (entry.type === 'directory') return { path, recursive, prefix: typed === '' ? '' : typed.replace(/\/*$/, '/') }
  return { path, recursive, prefix: before(typed), file: entry }
}

async function lookUp(session: LoggedInSession, typed: string, recursive: boolean): Promise<Target> {
  try {
    return await named(session, typed, recursive)
  } catch (error) {
    // `LIST *.txt`: only the last part may be a pattern, and only where no file is called so.
    const path = resolvePathname(session.directory, typed)
    const missing = error instanceof FilesError && error.kind === 'missing'
    if (!missing || !/[*?]/.test(nameOf(path))) throw error
    return { path: parentOf(path), recursive, prefix: before(typed), pattern: nameOf(path) }
  }
}

/** The typed path without its last part. */
function before(typed: string): string {
  return typed.slice(0, typed.lastIndexOf('/') + 1)
}

function listing(session: LoggedInSession, verb: string, from: Target, form: ListingForm): SendTransfer {
  const { path, file, pattern, recursive } = from
  const { depth, entries } = session.options.listing
  const request: ListingRequest = {
    files: session.login.account.files,
    path,
    form,
    ...(pattern !== undefined && { pattern }),
    ...(recursive && { recursion: { depth, entries } }),
  }
  const open = async (): Promise<Source> => (file ? { chunks: linesOf([file], form) } : openListing(request))
  return { direction: 'send', kind: 'listing', verb, path, offset: 0, open }
}

function chosen(session: Session, fact: (typeof FACTS)[number]): string {
  return session.parameters.facts.has(fact) ? '*' : ''
}
