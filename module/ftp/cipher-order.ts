/** The order of the TLS suites: in front what this processor seals quickest. */
import { constants, createCipheriv } from 'node:crypto'
import tls from 'node:tls'

/** What a TLS context is told of its suites. */
export interface Suites {
  /** In the words of OpenSSL, the first choice first; those of TLS 1.3 and of TLS 1.2 do not mind each other. */
  readonly ciphers: string
  readonly secureOptions: number
}

// SHA-256 has instructions of its own where SHA-384 mostly has none, and with 128 bits AES takes 10 rounds instead of 14.
const AES_128 = ['TLS_AES_128_GCM_SHA256', 'ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES128-GCM-SHA256']
const AES_256 = ['TLS_AES_256_GCM_SHA384', 'ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-RSA-AES256-GCM-SHA384']
const CHACHA20 = ['TLS_CHACHA20_POLY1305_SHA256', 'ECDHE-ECDSA-CHACHA20-POLY1305', 'ECDHE-RSA-CHACHA20-POLY1305']

/** Records that each cipher seals: a few are enough when they take so many milliseconds. */
const [FEW, MANY, ENOUGH] = [3, 8, 4]

let measured: Suites | undefined

/**
 * For the contexts made from now on: our order, or a list that somebody has set (`--tls-cipher-list`) as it is. The first call
 * takes a few milliseconds at most. To be asked on the main thread only: another one, busy, could find another order.
 */
export function suites(): Suites {
  const listed = tls.DEFAULT_CIPHERS
  if (listed !== constants.defaultCoreCipherList) return { ciphers: listed, secureOptions: 0 }
  return (measured ??= ordered(aesIsQuicker(sealing('aes-128-gcm', 16), sealing('chacha20-poly1305', 32))))
}

/** All that Node has by default, and nothing else. Who puts ChaCha20 first gets it: it may be a phone without AES. */
export function ordered(aesFirst: boolean): Suites {
  const front = aesFirst ? [AES_128, AES_256, CHACHA20] : [CHACHA20, AES_128, AES_256]
  const ciphers = [...new Set([...front.flat(), ...constants.defaultCoreCipherList.split(':')])].join(':')
  return { ciphers, secureOptions: constants.SSL_OP_PRIORITIZE_CHACHA }
}

/**
 * Whether AES seals a record at least as fast. Both in turn, and the quickest of each counts, for time and for patience: what
 * the machine does beside only makes some slower. True also where a cipher is missing.
 */
export function aesIsQuicker(aes: () => void, chacha20: () => void, now = () => performance.now()): boolean {
  const taking = (seal: () => void, from = now()) => (seal(), now() - from)
  let [first, second] = [Infinity, Infinity]
  try {
    for (let round = 1; round <= FEW || (round <= MANY && round * 2 * Math.min(first, second) <= ENOUGH); round++) {
      first = Math.min(first, taking(aes))
      second = Math.min(second, taking(chacha20))
    }
  } catch {
    return true
  }
  return first <= second
}

function sealing(name: string, octets: number): () => void {
  const record = Buffer.alloc(16 * 1024)
  let cipher: ReturnType<typeof createCipheriv> | undefined
  return () => (cipher ??= createCipheriv(name, Buffer.alloc(octets), Buffer.alloc(12))).update(record)
}
