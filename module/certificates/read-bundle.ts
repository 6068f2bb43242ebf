/** Reads files that people bring certificates in: PEM with or without a key, and PKCS#12 (RFC 7292). */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import forge from 'node-forge'
import type { Bundle } from './bundle.ts'
import { BUNDLE_BYTES, BundleError } from './bundle.ts'

const { asn1, pki, pkcs12 } = forge

/** Certificates of a file; more than this is no chain. */
const CERTIFICATES = 20

/**
 * Reads a file; `password` opens its key, empty for none. Throws {@link BundleError}. A file says itself how costly its password is
 * to check: call it where that may take its time.
 */
export function readBundle(octets: Buffer, password: string): Bundle {
  if (octets.length > BUNDLE_BYTES) throw new BundleError('too-large')
  const bundle = octets.includes('-----BEGIN ')
    ? readPem(octets.toString('latin1'), password)
    : readPkcs12(octets, password)
  if (bundle.certificates.length === 0 && bundle.key === undefined) throw new BundleError('unreadable')
  return { ...bundle, certificates: bundle.certificates.slice(0, CERTIFICATES) }
}

function readPem(text: string, password: string): Bundle {
  const blocks = [...text.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----[^-]+-----END \1-----/g)]
  const certificates = blocks.flatMap(([pem, label]) => (label === 'CERTIFICATE' ? [normalised(pem)] : []))
  const [key] = blocks.flatMap(([pem, label = '']) => (label.endsWith('PRIVATE KEY') ? [openKey(pem, password)] : []))
  return key === undefined ? { certificates } : { certificates, key }
}

function normalised(pem: string): string {
  try {
    return new X509Certificate(pem).toString()
  } catch {
    throw new BundleError('unreadable')
  }
}

function openKey(pem: string, password: string): string {
  const locked = /ENCRYPTED/.test(pem)
  try {
    const key = createPrivateKey(locked ? { key: pem, passphrase: password } : pem)
    return key.export({ type: 'pkcs8', format: 'pem' }).toString()
  } catch {
    throw new BundleError(locked ? 'wrong-password' : 'unreadable')
  }
}

function readPkcs12(octets: Buffer, password: string): Bundle {
  const content = attempt(() => asn1.fromDer(octets.toString('binary')))
  if (!content) throw new BundleError('unreadable')
  let file: forge.pkcs12.Pkcs12Pfx
  try {
    file = pkcs12.pkcs12FromAsn1(content, password)
  } catch (error) {
    const password_ = error instanceof Error && /password|MAC/i.test(error.message)
    throw new BundleError(password_ ? 'wrong-password' : 'unreadable')
  }
  const bags = file.safeContents.flatMap(({ safeBags }) => safeBags)
  const certificates = bags.flatMap((bag) => (bag.type === pki.oids['certBag'] ? [certificateOf(bag)] : []))
  const [key] = bags.flatMap((bag) =>
    bag.type === pki.oids['pkcs8ShroudedKeyBag'] || bag.type === pki.oids['keyBag'] ? [keyOf(bag)] : [],
  )
  return key === undefined ? { certificates } : { certificates, key }
}

function certificateOf({ cert, asn1: raw }: forge.pkcs12.Bag): string {
  return fromDer(cert ? pki.certificateToAsn1(cert) : raw, (der) => new X509Certificate(der).toString())
}

/** The library knows RSA keys alone; of others it hands out the PKCS#8 structure. */
function keyOf({ key, asn1: raw }: forge.pkcs12.Bag): string {
  const structure = key ? pki.wrapRsaPrivateKey(pki.privateKeyToAsn1(key)) : raw
  return fromDer(structure, (der) =>
    createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }).export({ type: 'pkcs8', format: 'pem' }).toString(),
  )
}

function fromDer(structure: forge.asn1.Asn1 | undefined, read: (der: Buffer) => string): string {
  const text = structure && attempt(() => read(Buffer.from(asn1.toDer(structure).getBytes(), 'binary')))
  if (text === undefined) throw new BundleError('unreadable')
  return text
}

function attempt<Value>(read: () => Value): Value | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
