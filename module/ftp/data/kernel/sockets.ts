/**
 * TCP sockets on bare descriptors, through koffi: what a data connection for one small file takes, without the stream that Node
 * puts around each. IPv4 and IPv6 of 64-bit Linux.
 */
import { closeSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Socket } from 'node:net'
import { constants } from 'node:os'
import type { SocketConstructorOpts } from 'node:net'
import ipaddr from 'ipaddr.js'
import { canonicalAddress, familyOf } from '../../address.ts'
import { attempting, libc } from './libc.ts'

const AF_INET = 2
const AF_INET6 = 10
const SOCK_STREAM = 1
const SOCK_NONBLOCK = 0o4000
const SOCK_CLOEXEC = 0o2000000
const SOL_SOCKET = 1
const SO_REUSEADDR = 2
const IPPROTO_IPV6 = 41
const IPV6_V6ONLY = 26
const { ECONNABORTED } = constants.errno
const MSG_DONTWAIT = 0x40
const MSG_NOSIGNAL = 0x4000
const MSG_MORE = 0x8000

/** Octets of a `sockaddr_in`, and of a `sockaddr_in6`. */
const IPV4_LENGTH = 16
const IPV6_LENGTH = 28
/** Local addresses whose octets are remembered; a machine has few. */
const KNOWN = 64

/** A connection that has been taken; the descriptor is the taker's to close. */
export interface Accepted {
  readonly fd: number
  /** Canonical, see `address.ts`. */
  readonly address: string
}

export interface Sockets {
  /** A listener on a port; 0 stands for any that is free. Throws a `CallFailed`. */
  listen(address: string, port: number, backlog: number): number
  /** The port that a socket has here. */
  portOf(socket: number): number
  /** A connection that waits, if one does. */
  accept(listener: number): Accepted | undefined
  /** Octets that the network took; undefined while it takes none. `more`: they leave with what follows at once, the end mostly. */
  send(socket: number, octets: Uint8Array, more?: boolean): number | undefined
  /** Octets that had come, 0 behind the client's end; undefined while there are none. */
  receive(socket: number, into: Uint8Array): number | undefined
}

let known: Sockets | undefined | false = false

/** The calls, or undefined where the kernel cannot be asked; see {@link libc}. */
export function sockets(): Sockets | undefined {
  if (known === false) known = libc() && bound()
  return known
}

/** The descriptor as a connection of Node that nobody has read from; it is Node's to close from here on. */
export function streamOver(fd: number, highWaterMark: number): Socket {
  const options: SocketConstructorOpts & Record<string, unknown> = {
    fd,
    // What a listener of Node with `pauseOnConnect` gives to the connections it makes.
    pauseOnCreate: true,
    readableHighWaterMark: highWaterMark,
    writableHighWaterMark: highWaterMark,
  }
  return new Socket(options).setNoDelay(true)
}

function bound(): Sockets {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the package's own type; it is there, since `libc` is
  const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi').default
  const library = koffi.load(null)
  const socket = library.func('int socket(int family, int kind, int protocol)')
  const setsockopt = library.func('int setsockopt(int fd, int level, int name, void *value, uint32_t length)')
  const bind = library.func('int bind(int fd, void *address, uint32_t length)')
  const listen = library.func('int listen(int fd, int backlog)')
  const getsockname = library.func('int getsockname(int fd, void *address, void *length)')
  const accept4 = library.func('int accept4(int fd, void *address, void *length, int flags)')
  const send = library.func('int64_t send(int fd, void *octets, size_t length, int flags)')
  const recv = library.func('int64_t recv(int fd, void *octets, size_t length, int flags)')
  const addresses = new Map<string, Buffer>()
  const peer = Buffer.alloc(IPV6_LENGTH)
  const length = new Uint32Array(1)
  const on = new Int32Array([1])
  const attempt = attempting(() => koffi.errno())
  const addressOf = (text: string, port: number): Buffer => {
    let address = addresses.get(text)
    if (!address) {
      if (addresses.size >= KNOWN) addresses.clear()
      addresses.set(text, (address = octetsOf(text)))
    }
    address.writeUInt16BE(port, 2)
    return address
  }

  return {
    listen(address, port, backlog) {
      const here = addressOf(address, port)
      const six = here.length === IPV6_LENGTH
      const fd = attempt('socket', () => socket(six ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) ?? -1
      try {
        attempt('setsockopt', () => setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, on, 4))
        if (six) attempt('setsockopt', () => setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, on, 4))
        attempt('bind', () => bind(fd, here, here.length))
        attempt('listen', () => listen(fd, backlog))
        return fd
      } catch (error) {
        closeSync(fd)
        throw error
      }
    },
    portOf(fd) {
      length[0] = IPV6_LENGTH
      attempt('getsockname', () => getsockname(fd, peer, length))
      return peer.readUInt16BE(2)
    },
    accept(listener) {
      length[0] = IPV6_LENGTH
      const fd = attempt('accept4', () => {
        for (;;) {
          const taken: unknown = accept4(listener, peer, length, SOCK_NONBLOCK | SOCK_CLOEXEC)
          // One that has gone already is none. Only here: elsewhere that is the end of a connection in use.
          if (taken !== -1 || koffi.errno() !== ECONNABORTED) return taken
        }
      })
      return fd === undefined ? undefined : { fd, address: textOf(peer) }
    },
    send(fd, octets, more) {
      const flags = MSG_DONTWAIT | MSG_NOSIGNAL | (more ? MSG_MORE : 0)
      return attempt('send', () => send(fd, octets, octets.length, flags))
    },
    receive: (fd, into) => attempt('recv', () => recv(fd, into, into.length, MSG_DONTWAIT)),
  }
}

/** A `sockaddr` without its port. */
function octetsOf(address: string): Buffer {
  const six = familyOf(address) === 6
  const octets = Buffer.alloc(six ? IPV6_LENGTH : IPV4_LENGTH)
  octets.writeUInt16LE(six ? AF_INET6 : AF_INET, 0)
  octets.set(ipaddr.parse(address).toByteArray(), six ? 8 : 4)
  return octets
}

/** The IPv4 address that was asked for last: most data connections come from where the one before came from. */
let [number, text] = [0, '0.0.0.0']

/** The address in a `sockaddr`. */
function textOf(octets: Buffer): string {
  if (octets.readUInt16LE(0) === AF_INET) {
    if (octets.readUInt32BE(4) !== number) {
      number = octets.readUInt32BE(4)
      text = `${octets[4]}.${octets[5]}.${octets[6]}.${octets[7]}`
    }
    return text
  }
  const groups = Array.from({ length: 8 }, (_, at) => octets.readUInt16BE(8 + 2 * at).toString(16))
  return canonicalAddress(groups.join(':'))
}
