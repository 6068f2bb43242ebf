/** Digests of files, computed on another thread: draft-bryan-ftpext-hash, and the X commands older clients know. */
import { pathname, word } from '../argument.ts'
import { FilesError } from '../backend.ts'
import { loggedIn } from '../command.ts'
import type { Command } from '../command.ts'
import { ALGORITHMS, digest } from '../data/digest.ts'
import type { HashAlgorithm } from '../data/digest.ts'
import { resolvePathname } from '../pathname.ts'
import type { VirtualPath } from '../pathname.ts'
import { Refusal, reply } from '../reply.ts'
import type { LoggedInSession } from '../session.ts'

/** First octet, and the one behind the last. */
interface Range {
  readonly from: number
  readonly to: number
}

export const digests = {
  HASH: loggedIn({
    argument: pathname,
    right: ['download'],
    syntax: 'HASH <SP> pathname',
    help: 'Tell the digest of a file, or of the octets named by RANG.',
    rfc: 'draft-bryan-ftpext-hash',
    feature: (session) =>
      `HASH ${ALGORITHMS.map((each) => (each === session.parameters.hash ? `${each}*` : each)).join(';')}`,
    async run(session, path) {
      const algorithm = session.parameters.hash
      const { value, from, to } = await digestOf(session, path, algorithm, session.take('range'))
      return reply(213, `${algorithm} ${from}-${Math.max(from, to - 1)} ${value} ${path}`)
    },
  }),

  XCRC: older('XCRC', 'CRC32'),
  XMD5: older('XMD5', 'MD5'),
  XSHA: older('XSHA', 'SHA-1'),
  XSHA1: older('XSHA1', 'SHA-1'),
  XSHA256: older('XSHA256', 'SHA-256'),
  XSHA512: older('XSHA512', 'SHA-512'),
}

function older(verb: string, algorithm: HashAlgorithm): Command {
  return loggedIn({
    argument: word,
    syntax: `${verb} <SP> pathname [<SP> start [<SP> end]]`,
    help: `Tell the ${algorithm} of a file, or of the octets from start up to end.`,
    rfc: 'not standardised',
    feature: verb,
    async run(session, text) {
      const { path, range } = await parse(session, text)
      const { value } = await digestOf(session, path, algorithm, range)
      return reply(250, value.toUpperCase())
    },
  })
}

async function digestOf(
  session: LoggedInSession,
  path: VirtualPath,
  algorithm: HashAlgorithm,
  range: Range | undefined,
): Promise<Range & { value: string }> {
  const file = await open(session, path)
  try {
    const from = range?.from ?? 0
    const to = Math.min(range?.to ?? file.size, file.size)
    if (from > to) throw new Refusal(501, 'The range lies beyond the end of the file.')
    return { from, to, value: await session.longWork((signal) => digest(algorithm, file, from, to, signal)) }
  } finally {
    await file.close()
  }
}

async function open(session: LoggedInSession, path: VirtualPath) {
  try {
    return await session.login.account.files.read(path)
  } catch (error) {
    if (error instanceof FilesError && error.kind === 'is-a-directory')
      throw new Refusal(553, 'Not a plain file.', error.verdict)
    throw error
  }
}

/** `name`, `name 0 100`, `"name" 0 100`; a file whose whole name ends in numbers comes first. */
async function parse(session: LoggedInSession, text: string): Promise<{ path: VirtualPath; range?: Range }> {
  const quoted = /^"(.+)"((?: [0-9]{1,15}){0,2})$/.exec(text)
  const numbered = /^(.+?)((?: [0-9]{1,15}){1,2})$/.exec(text)
  const [, name, numbers] = quoted ?? (numbered && !(await exists(session, text)) ? numbered : ['', text, ''])
  const path = resolvePathname(session.directory, name ?? text)
  if (!numbers) return { path }
  const [from = 0, to = Infinity] = numbers.trim().split(' ').map(Number)
  return { path, range: { from, to } }
}

function exists(session: LoggedInSession, name: string): Promise<boolean> {
  return session.login.account.files.stat(resolvePathname(session.directory, name)).then(
    () => true,
    () => false,
  )
}
