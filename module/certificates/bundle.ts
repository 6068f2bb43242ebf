/** What a file with certificates holds, and the pair that can be made of it. */
import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto'

/** Bytes a file may have; a long chain with its key has ten thousand. */
export const BUNDLE_BYTES = 256 * 1024

/** Why a file or what it holds cannot be used. */
export type BundleFault =
  'too-large' | 'unreadable' | 'wrong-password' | 'no-certificate' | 'no-key' | 'foreign-key' | 'weak-key' | 'expired'

/** Thrown for what cannot be imported. */
export class BundleError extends Error {
  override readonly name = 'BundleError'
  readonly fault: BundleFault
  constructor(fault: BundleFault) {
    super(fault)
    this.fault = fault
  }
}

/** What a file holds, all PEM; the key is not encrypted any more. */
export interface Bundle {
  readonly certificates: readonly string[]
  readonly key?: string
}

/**
 * The certificate that belongs to the key, followed by those that signed it, with the key. The key of the bundle goes before the
 * one kept since a request. Throws {@link BundleError}; `now` is milliseconds since 1970.
 */
export function pairFrom(bundle: Bundle, kept?: string, now = Date.now()): { certificate: string; key: string } {
  const key = bundle.key ?? kept
  if (bundle.certificates.length === 0) throw new BundleError('no-certificate')
  if (key === undefined) throw new BundleError('no-key')
  const privateKey = createPrivateKey(key)
  const all = bundle.certificates.map((pem) => new X509Certificate(pem))
  const own = all.find((certificate) => certificate.checkPrivateKey(privateKey))
  if (!own) throw new BundleError('foreign-key')
  const { modulusLength } = createPublicKey(privateKey).asymmetricKeyDetails ?? {}
  // OpenSSL's default security level refuses shorter ones in a handshake.
  if (modulusLength !== undefined && modulusLength < 2048) throw new BundleError('weak-key')
  if (own.validToDate.getTime() < now) throw new BundleError('expired')
  return { certificate: chain(own, all).map(String).join(''), key }
}

function chain(own: X509Certificate, all: readonly X509Certificate[]): X509Certificate[] {
  const links = [own]
  for (let last = own; last.subject !== last.issuer;) {
    const next = all.find((other) => !links.includes(other) && last.checkIssued(other))
    if (!next) break
    links.push(next)
    last = next
  }
  return links
}
