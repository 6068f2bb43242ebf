/** Password hashes: scrypt with a salt of its own for each user, in the PHC string format with the parameters inside. */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'

/** N = 2^14, r = 8, p = 1: 16 MiB and some 50 ms each, what a router can bear for two logins at once. */
const COST = { ln: 14, r: 8, p: 1 }
const SALT_BYTES = 16
const HASH_BYTES = 32

export interface PasswordHash {
  readonly cost: typeof COST
  readonly salt: Buffer
  readonly hash: Buffer
}

/** A new hash with a new salt, as text to be stored. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES)
  const hash = await derive(password, salt, COST)
  return `$scrypt$ln=${COST.ln},r=${COST.r},p=${COST.p}$${unpadded(salt)}$${unpadded(hash)}`
}

/** A hash as it was stored; undefined for what is none, or would cost more than 256 MiB. */
export function parseHash(text: string): PasswordHash | undefined {
  const match = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(text)
  if (!match) return undefined
  const [ln = 0, r = 0, p = 0] = match.slice(1, 4).map(Number)
  const [salt, hash] = [Buffer.from(match[4] ?? '', 'base64'), Buffer.from(match[5] ?? '', 'base64')]
  const possible = ln >= 10 && r >= 1 && p >= 1 && p <= 4 && 128 * 2 ** ln * r <= 256 * 2 ** 20
  return possible && salt.length >= 8 && hash.length === HASH_BYTES ? { cost: { ln, r, p }, salt, hash } : undefined
}

/** A hash that no password has, as costly to compare with as a new user's. */
export function impossibleHash(): PasswordHash {
  return { cost: COST, salt: randomBytes(SALT_BYTES), hash: randomBytes(HASH_BYTES) }
}

/** Whether the password belongs to the hash; off the main thread. */
export async function matches(password: string, { cost, salt, hash }: PasswordHash): Promise<boolean> {
  return timingSafeEqual(await derive(password, salt, cost), hash)
}

function derive(password: string, salt: Buffer, { ln, r, p }: typeof COST): Promise<Buffer> {
  // Twice what the algorithm needs: OpenSSL counts its own buffers too.
  const maxmem = 2 * 128 * 2 ** ln * r + 2 ** 20
  return new Promise((resolve, reject) => {
    scrypt(password, salt, HASH_BYTES, { N: 2 ** ln, r, p, maxmem }, (error, key) => {
      if (error) reject(error)
      else resolve(key)
    })
  })
}

const unpadded = (octets: Buffer) => octets.toString('base64').replaceAll('=', '')
