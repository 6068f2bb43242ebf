/** Directories: RFC 959 sections 4.1.1 and 4.1.3 and appendix II, RFC 775 (the X forms). */
import { nothing, pathname } from '../argument.ts'
import { loggedIn } from '../command.ts'
import { parentOf, quoted } from '../pathname.ts'
import type { VirtualPath } from '../pathname.ts'
import { reply } from '../reply.ts'
import type { Reply, ReplyCode } from '../reply.ts'
import type { LoggedInSession } from '../session.ts'

const plain = {
  CWD: loggedIn({
    argument: pathname,
    syntax: 'CWD <SP> pathname',
    help: 'Change the working directory.',
    rfc: 'RFC 959 section 4.1.1',
    feature: 'TVFS',
    run: (session, path) => change(session, path, 250),
  }),

  CDUP: loggedIn({
    argument: nothing,
    syntax: 'CDUP',
    help: 'Change to the parent directory.',
    rfc: 'RFC 959 section 4.1.1',
    run: (session) => change(session, parentOf(session.directory), 200),
  }),

  PWD: loggedIn({
    argument: nothing,
    syntax: 'PWD',
    help: 'Tell the working directory.',
    rfc: 'RFC 959 section 4.1.3',
    run: (session) => reply(257, `${quoted(session.directory)} is the working directory.`),
  }),

  MKD: loggedIn({
    argument: pathname,
    right: ['createDirectory'],
    syntax: 'MKD <SP> pathname',
    help: 'Make a directory.',
    rfc: 'RFC 959 section 4.1.3',
    async run(session, path) {
      await session.login.account.files.makeDirectory(path)
      session.emit({ kind: 'changed', session: session.client, verb: 'MKD', path })
      return reply(257, `${quoted(path)} made.`)
    },
  }),

  RMD: loggedIn({
    argument: pathname,
    right: ['removeDirectory'],
    syntax: 'RMD <SP> pathname',
    help: 'Remove an empty directory.',
    rfc: 'RFC 959 section 4.1.3',
    async run(session, path) {
      await session.login.account.files.removeDirectory(path)
      session.emit({ kind: 'changed', session: session.client, verb: 'RMD', path })
      return reply(250, 'Directory removed.')
    },
  }),
}

export const directories = {
  ...plain,
  XCWD: plain.CWD,
  XCUP: plain.CDUP,
  XPWD: plain.PWD,
  XMKD: plain.MKD,
  XRMD: plain.RMD,
}

async function change(session: LoggedInSession, path: VirtualPath, code: ReplyCode): Promise<Reply> {
  await session.login.account.files.enter(path)
  session.login.directory = path
  session.emit({ kind: 'directory', session: session.client, path })
  return reply(code, `The working directory is ${quoted(path)}.`)
}
