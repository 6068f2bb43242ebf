/** The calls of libc that Node lacks, through koffi; absent where koffi or Linux is. Offsets and sizes are 64 bits wide. */
import { createRequire } from 'node:module'
import { constants } from 'node:os'

/** Names of the errors that Node's own table numbers. */
const NAMES = new Map(Object.entries(constants.errno).map(([name, number]) => [number, name]))

const F_DUPFD_CLOEXEC = 1030
const F_SETPIPE_SZ = 1031
const FIONREAD = 0x541b
const MSG_PEEK = 2
const MSG_DONTWAIT = 0x40
const O_CLOEXEC = 0o2000000
const SPLICE_F_MOVE = 1
const SHUT_WR = 1
const SHUT_RDWR = 2
const POSIX_FADV_SEQUENTIAL = 2

/** A call failed; the name of its errno. */
export class CallFailed extends Error {
  readonly code: string
  constructor(call: string, errno: number) {
    const code = NAMES.get(errno) ?? `errno ${errno}`
    super(`${call}: ${code}`)
    this.name = 'CallFailed'
    this.code = code
  }
}

/** What is waited for. */
export type Ready = 'readable' | 'writable' | 'both'

const POLLED = { readable: { readable: true }, writable: { writable: true }, both: { readable: true, writable: true } } as const

export interface Polled {
  close(): void
}

export interface Libc {
  /** A second descriptor for the same open file or socket. */
  duplicate(fd: number): number
  /** Ends a connection for every descriptor it has, in every thread. */
  shutdown(socket: number): void
  /** Says the end; the other side may go on. */
  sayEnd(socket: number): void
  /** The file will be read from front to back. */
  readAhead(file: number): void
  /** Copies from a file to a socket; undefined when the socket takes nothing now, 0 at the end of the file. */
  sendFile(socket: number, file: number, from: number, octets: number): number | undefined
  /** Octets that have arrived; 0 also stands for the end or a broken connection. */
  arrived(socket: number): number
  /** Reads what is there, or only looks at it; undefined when nothing is, 0 behind the client's end. */
  read(socket: number, octets: Uint8Array, peek: boolean): number | undefined
  /** Both ends of a new pipe that holds up to `octets`. */
  pipe(octets: number): readonly [from: number, to: number]
  /** Moves what has arrived into a pipe; undefined when nothing has. */
  fromSocket(socket: number, pipe: number, octets: number): number | undefined
  /** Moves from a pipe into a file. */
  toFile(pipe: number, file: number, at: number, octets: number): number
  /**
   * Calls back whenever the socket can be written or read, until closed; what the callback throws must not get out. Not 0: the
   * connection is broken, and there will be no further call. One for each socket; to be kept, or it ends by itself.
   */
  watch(socket: number, ready: Ready, changed: (status: number) => void): Polled
}

let known: Libc | undefined | false = false

/** The calls, or undefined: another system than 64-bit Linux, no koffi, or FTP_MODULE_MOVER=stream. */
export function libc(): Libc | undefined {
  if (known === false) known = process.env['FTP_MODULE_MOVER'] === 'stream' ? undefined : load()
  return known
}

function load(): Libc | undefined {
  if (process.platform !== 'linux' || !['x64', 'arm64'].includes(process.arch)) return undefined
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the package's own type; required so that it may be missing
    const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi').default
    return bound(koffi)
  } catch {
    return undefined
  }
}

/** Makes calls of libc: their result, undefined when nothing can be done now. Throws a {@link CallFailed}. */
export function attempting(lastErrno: () => number): (call: string, act: () => unknown) => number | undefined {
  const { EAGAIN, EINTR } = constants.errno
  return (call, act) => {
    for (;;) {
      const result = Number(act())
      if (result >= 0) return result
      const errno = lastErrno()
      if (errno === EAGAIN) return undefined
      if (errno !== EINTR) throw new CallFailed(call, errno)
    }
  }
}

function bound(koffi: typeof import('koffi').default): Libc {
  const lib = koffi.load(null)
  const fcntl = lib.func('int fcntl(int fd, int command, ...)')
  const shutdown = lib.func('int shutdown(int fd, int how)')
  const fadvise = lib.func('int posix_fadvise(int fd, int64_t from, int64_t octets, int advice)')
  const sendfile = lib.func('int64_t sendfile(int socket, int file, void *from, size_t octets)')
  const ioctl = lib.func('int ioctl(int fd, unsigned long request, ...)')
  const recv = lib.func('int64_t recv(int fd, void *octets, size_t length, int flags)')
  const pipe2 = lib.func('int pipe2(void *fds, int flags)')
  const splice = lib.func('int64_t splice(int from, void *fromAt, int to, void *toAt, size_t octets, unsigned int flags)')
  const offset = new BigInt64Array(1)
  const count = new Int32Array(2)
  const { EAGAIN } = constants.errno

  const attempt = attempting(() => koffi.errno())
  const done = (call: string, act: () => unknown): number => {
    const result = attempt(call, act)
    if (result === undefined) throw new CallFailed(call, EAGAIN)
    return result
  }

  return {
    duplicate: (fd) => done('fcntl', () => fcntl(fd, F_DUPFD_CLOEXEC, 'int', 0)),
    shutdown: (socket) => void shutdown(socket, SHUT_RDWR),
    sayEnd: (socket) => void shutdown(socket, SHUT_WR),
    readAhead: (file) => void fadvise(file, 0, 0, POSIX_FADV_SEQUENTIAL),
    sendFile(socket, file, from, octets) {
      offset[0] = BigInt(from)
      return attempt('sendfile', () => sendfile(socket, file, offset, octets))
    },
    arrived(socket) {
      done('ioctl', () => ioctl(socket, FIONREAD, 'void *', count))
      return count[0] ?? 0
    },
    read: (socket, octets, peek) =>
      attempt('recv', () => recv(socket, octets, octets.length, MSG_DONTWAIT | (peek ? MSG_PEEK : 0))),
    pipe(octets) {
      done('pipe2', () => pipe2(count, O_CLOEXEC))
      const ends = [count[0] ?? -1, count[1] ?? -1] as const
      // A smaller one also works: users who are not root have a bound on them.
      fcntl(ends[1], F_SETPIPE_SZ, 'int', octets)
      return ends
    },
    fromSocket: (socket, pipe, octets) =>
      attempt('splice', () => splice(socket, null, pipe, null, octets, SPLICE_F_MOVE | 2)),
    toFile(pipe, file, at, octets) {
      offset[0] = BigInt(at)
      return done('splice', () => splice(pipe, null, file, offset, octets, SPLICE_F_MOVE))
    },
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- its types leave out the first argument, the status
    watch: (socket, ready, changed) => koffi.node.poll(socket, POLLED[ready], changed as (status: unknown) => void),
  }
}
