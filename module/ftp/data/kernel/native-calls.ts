/** All calls of libc and OpenSSL together, for connections that may come under TLS: none where one of them is missing. */
import { libc } from './libc.ts'
import type { Libc } from './libc.ts'
import { openssl } from './openssl.ts'
import type { Openssl } from './openssl.ts'
import { sockets } from './sockets.ts'
import type { Sockets } from './sockets.ts'

export interface NativeCalls {
  readonly calls: Libc
  readonly net: Sockets
  readonly tls: Openssl
}

let known: NativeCalls | undefined | false = false

export function nativeCalls(): NativeCalls | undefined {
  if (known === false) {
    const [calls, net, tls] = [libc(), sockets(), openssl()]
    known = calls && net && tls ? { calls, net, tls } : undefined
  }
  return known
}
