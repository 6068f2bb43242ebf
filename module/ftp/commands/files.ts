/** Commands on files: RFC 959 section 4.1.3, RFC 3659 sections 3 and 4, draft-somers-ftp-mfxx (MFMT, MFF). */
import { optionalPathname, pathname, wordAndPathname } from '../argument.ts'
import { FilesError } from '../backend.ts'
import { loggedIn, requireRight } from '../command.ts'
import { asciiSize } from '../data/digest.ts'
import { parseTimeVal, timeVal } from '../facts.ts'
import { resolvePathname } from '../pathname.ts'
import type { VirtualPath } from '../pathname.ts'
import { Refusal, reply } from '../reply.ts'
import type { Reply } from '../reply.ts'
import type { LoggedInSession } from '../session.ts'
import { refusedBy } from '../verdict.ts'

export const files = {
  DELE: loggedIn({
    argument: pathname,
    right: ['delete'],
    syntax: 'DELE <SP> pathname',
    help: 'Delete a file.',
    rfc: 'RFC 959 section 4.1.3',
    async run(session, path) {
      await session.login.account.files.remove(path)
      session.emit({ kind: 'changed', session: session.client, verb: 'DELE', path })
      return reply(250, 'File deleted.')
    },
  }),

  RNFR: loggedIn({
    argument: pathname,
    right: ['rename', 'renameDirectory'],
    syntax: 'RNFR <SP> pathname',
    help: 'Name the file or directory to be renamed.',
    rfc: 'RFC 959 section 4.1.3',
    keepsPending: true,
    async run(session, path) {
      delete session.pending.rename
      const { type } = await session.login.account.files.stat(path)
      requireRight(session, [type === 'file' ? 'rename' : 'renameDirectory'], path)
      session.pending.rename = path
      return reply(350, 'Send RNTO with the new name.')
    },
  }),

  RNTO: loggedIn({
    argument: pathname,
    syntax: 'RNTO <SP> pathname',
    help: 'Rename what RNFR named.',
    rfc: 'RFC 959 section 4.1.3',
    makesName: true,
    async run(session, to) {
      const path = session.take('rename')
      if (!path) throw new Refusal(503, 'Send RNFR first.')
      await session.login.account.files.rename(path, to)
      session.emit({ kind: 'changed', session: session.client, verb: 'RNTO', path, to })
      return reply(250, 'Renamed.')
    },
  }),

  SIZE: loggedIn({
    argument: pathname,
    syntax: 'SIZE <SP> pathname',
    help: 'Tell how many octets a transfer of the file would take.',
    rfc: 'RFC 3659 section 4',
    feature: 'SIZE',
    keepsPending: true,
    async run(session, path) {
      if (session.parameters.type === 'ascii') return reply(213, String(await sizeInAscii(session, path)))
      return reply(213, String((await fileAt(session, path)).size))
    },
  }),

  MDTM: loggedIn({
    argument: pathname,
    syntax: 'MDTM <SP> pathname | time <SP> pathname',
    help: 'Tell the time of the last change, UTC; or set it.',
    rfc: 'RFC 3659 section 3',
    feature: 'MDTM',
    keepsPending: true,
    run: (session, path) => modificationTime(session, path),
  }),

  MFMT: loggedIn({
    argument: wordAndPathname,
    syntax: 'MFMT <SP> time <SP> pathname',
    help: 'Set the time of the last change, UTC.',
    rfc: 'draft-somers-ftp-mfxx',
    feature: 'MFMT',
    async run(session, { first, rest }) {
      const path = resolvePathname(session.directory, rest)
      const time = await setModified(session, path, first)
      return reply(213, `Modify=${time}; ${rest}`)
    },
  }),

  MFF: loggedIn({
    argument: wordAndPathname,
    syntax: 'MFF <SP> fact=value;… <SP> pathname',
    help: 'Set facts of a file: Modify, UNIX.mode.',
    rfc: 'draft-somers-ftp-mfxx',
    feature: 'MFF Modify;UNIX.mode;',
    async run(session, { first, rest }) {
      const path = resolvePathname(session.directory, rest)
      if (!/^(?:[^=;]+=[^=;]*;)+$/.test(first)) throw new Refusal(501, 'Say fact=value; and the pathname.')
      const facts = first
        .slice(0, -1)
        .split(';')
        .map((fact) => fact.split('='))
      const unknown = facts.find(([name = '']) => !/^(modify|unix\.mode)$/i.test(name))
      if (unknown) throw new Refusal(504, 'Only Modify and UNIX.mode can be set.')
      for (const [name = '', value = ''] of facts) {
        if (/^modify$/i.test(name)) await setModified(session, path, value)
        else await setMode(session, path, value)
      }
      return reply(213, `${first} ${rest}`)
    },
  }),

  AVBL: loggedIn({
    argument: optionalPathname,
    syntax: 'AVBL [<SP> pathname]',
    help: 'Tell how many octets can still be stored.',
    rfc: 'draft-peterson-streamlined-ftp-command-extensions',
    feature: 'AVBL',
    async run(session, path) {
      return reply(213, String(await session.login.account.files.available(path)))
    },
  }),
}

/** Sets the permission bits, 3 or 4 octal digits. */
export async function setMode(session: LoggedInSession, path: VirtualPath, digits: string): Promise<void> {
  if (!/^0?[0-7]{3}$/.test(digits)) throw new Refusal(501, 'The mode is three octal digits.')
  await session.login.account.files.setMode(path, Number.parseInt(digits, 8))
  session.emit({ kind: 'changed', session: session.client, verb: 'SITE CHMOD', path })
}

/** Sets the time of the last change; answers it as it was given. */
export async function setModified(session: LoggedInSession, path: VirtualPath, time: string): Promise<string> {
  const value = parseTimeVal(time)
  if (value === undefined) throw new Refusal(501, 'The time must be a real one: YYYYMMDDHHMMSS.')
  await session.login.account.files.setModified(path, value)
  session.emit({ kind: 'changed', session: session.client, verb: 'MFMT', path })
  return time
}

async function fileAt(session: LoggedInSession, path: VirtualPath) {
  const entry = await session.login.account.files.stat(path)
  if (entry.type !== 'file') throw new Refusal(550, 'Not a plain file.', refusedBy('system.is-a-directory', 'system'))
  return entry
}

/** Counting the ends of lines takes a look at the whole file (RFC 3659 section 4): it happens on another thread. */
async function sizeInAscii(session: LoggedInSession, path: VirtualPath): Promise<number> {
  await fileAt(session, path)
  const file = await session.login.account.files.read(path)
  try {
    return await session.longWork((signal) => asciiSize(file, signal))
  } finally {
    await file.close()
  }
}

/** `MDTM 20260102150405 a.txt` sets the time, as many clients want it, unless a file is called so. */
async function modificationTime(session: LoggedInSession, path: VirtualPath): Promise<Reply> {
  try {
    return reply(213, timeVal((await fileAt(session, path)).modified))
  } catch (error) {
    const typed = path.slice(path.lastIndexOf('/', path.indexOf(' ')) + 1)
    const [, time, name] = /^([0-9]{14}) (.+)$/.exec(typed) ?? []
    const missing = error instanceof FilesError && error.kind === 'missing'
    if (!missing || time === undefined || name === undefined) throw error
    const modified = await setModified(session, resolvePathname(session.directory, name), time)
    return reply(213, `Modify=${modified}; ${name}`)
  }
}
