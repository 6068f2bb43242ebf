/** Transfers of files: RFC 959 section 4.1.3, RFC 3659 section 5 (REST), draft-bryan-ftp-range (RANG). */
import { nothing, octets, optionalPathname, pathname } from '../argument.ts'
import type { Download, UploadRequest } from '../backend.ts'
import { loggedIn } from '../command.ts'
import type { ReceiveTransfer, SendTransfer } from '../data/transfer-kinds.ts'
import { childOf, nameOf } from '../pathname.ts'
import type { VirtualPath } from '../pathname.ts'
import { Refusal, reply } from '../reply.ts'
import type { LoggedInSession } from '../session.ts'
import { refusedBy } from '../verdict.ts'

const BEYOND = 'The restart offset lies beyond the end of the file.'
const STORE = ['upload', 'overwrite', 'append'] as const

export const transfers = {
  RETR: loggedIn({
    argument: pathname,
    right: ['download'],
    syntax: 'RETR <SP> pathname',
    help: 'Retrieve a file.',
    rfc: 'RFC 959 section 4.1.3',
    run(session, path): SendTransfer {
      const range = session.take('range')
      const offset = restartOffset(session) || (range?.from ?? 0)
      const { files } = session.login.account
      return {
        direction: 'send',
        kind: 'download',
        verb: 'RETR',
        path,
        offset,
        async open() {
          const file = await files.read(path)
          if (offset <= file.size) return { file: range ? upTo(file, range.to) : file }
          await file.close()
          throw new Refusal(554, BEYOND, refusedBy('restart.offset', 'session', String(offset)))
        },
      }
    },
  }),

  STOR: loggedIn({
    argument: pathname,
    right: STORE,
    syntax: 'STOR <SP> pathname',
    help: 'Store a file.',
    rfc: 'RFC 959 section 4.1.3',
    run(session, path) {
      const offset = restartOffset(session)
      return receive(session, 'STOR', path, offset > 0 ? { mode: 'restart', offset } : { mode: 'replace' })
    },
  }),

  APPE: loggedIn({
    argument: pathname,
    right: STORE,
    syntax: 'APPE <SP> pathname',
    help: 'Append to a file, or make it.',
    rfc: 'RFC 959 section 4.1.3',
    run(session, path) {
      const offset = restartOffset(session)
      return receive(session, 'APPE', path, offset > 0 ? { mode: 'restart', offset } : { mode: 'append' })
    },
  }),

  STOU: loggedIn({
    argument: optionalPathname,
    syntax: 'STOU [<SP> pathname]',
    help: 'Store a file under a new name.',
    rfc: 'RFC 959 section 4.1.3',
    run(session, path) {
      if (session.take('restart')) throw new Refusal(504, 'A new file cannot be restarted.')
      const hint = path === session.directory ? childOf(path, 'upload') : path
      return {
        ...receive(session, 'STOU', hint, { mode: 'unique' }),
        // RFC 1123 section 4.1.2.9: the name is told in exactly this form.
        mark: (upload) => `FILE: ${nameOf(upload.path)}`,
      }
    },
  }),

  REST: loggedIn({
    argument: octets,
    syntax: 'REST <SP> octets',
    help: 'Begin the next transfer at an offset.',
    rfc: 'RFC 3659 section 5',
    feature: 'REST STREAM',
    keepsPending: true,
    run(session, offset) {
      delete session.pending.range
      if (offset > 0) session.pending.restart = offset
      else delete session.pending.restart
      return reply(350, `The next transfer begins at ${offset}.`)
    },
  }),

  RANG: loggedIn({
    argument: octetRange,
    syntax: 'RANG <SP> first <SP> last',
    help: 'Limit the next RETR or HASH to these octets; 1 0 takes it back.',
    rfc: 'draft-bryan-ftp-range',
    feature: 'RANG STREAM',
    keepsPending: true,
    run(session, range) {
      delete session.pending.restart
      if (range) session.pending.range = range
      else delete session.pending.range
      return reply(350, 'The next command takes this range.')
    },
  }),

  ALLO: loggedIn({
    argument: (text) => octets(/^([0-9]+)(?: R [0-9]+)?$/i.exec(text)?.[1] ?? text),
    syntax: 'ALLO <SP> octets [<SP> R <SP> octets]',
    help: 'Announce the size of the next upload.',
    rfc: 'RFC 959 section 4.1.3',
    keepsPending: true,
    run(session, size) {
      session.pending.allocate = size
      // 202 makes some cameras ask for ever: 200 for all (field notes).
      return reply(200, 'Noted.')
    },
  }),

  ABOR: loggedIn({
    argument: nothing,
    syntax: 'ABOR',
    help: 'Abort the running transfer.',
    rfc: 'RFC 959 section 4.1.3',
    run(session) {
      // The transfer itself was cut when the line arrived, and has answered 426 before this.
      if (session.aborting === 'done') return reply(226, 'Transfer aborted.')
      session.closeData()
      return reply(225, 'No transfer to abort.')
    },
  }),
}

function receive(session: LoggedInSession, verb: string, path: VirtualPath, request: UploadRequest): ReceiveTransfer {
  if (session.take('range')) throw new Refusal(504, 'A range cannot be stored.')
  const expectedBytes = session.take('allocate')
  const { files } = session.login.account
  return {
    direction: 'receive',
    verb,
    path,
    open: () => files.write(path, expectedBytes === undefined ? request : { ...request, expectedBytes }),
  }
}

/** The offset of REST. In ASCII type it would have to count octets that are not in the file: refused (RFC 3659 section 5.3). */
function restartOffset(session: LoggedInSession): number {
  const offset = session.take('restart') ?? 0
  if (offset > 0 && session.parameters.type === 'ascii') throw new Refusal(504, 'Restart needs TYPE I.')
  return offset
}

function octetRange(text: string): { from: number; to: number } | undefined {
  const [first, last, ...more] = text.split(' ')
  if (first === undefined || last === undefined || more.length > 0) throw new Refusal(501, 'Two numbers are expected.')
  const from = octets(first)
  const to = octets(last) + 1
  if (from === 1 && to === 1) return undefined
  if (from >= to) throw new Refusal(501, 'The first octet lies behind the last.')
  return { from, to }
}

/** The file as if it ended earlier. It has no descriptor: whoever reads that would not see the end. */
function upTo(file: Download, end: number): Download {
  const size = Math.min(file.size, end)
  return {
    size,
    modified: file.modified,
    read: (buffer, position) => file.read(buffer.subarray(0, Math.max(0, size - position)), position),
    close: () => file.close(),
  }
}
