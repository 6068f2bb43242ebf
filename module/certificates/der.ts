/** The parts of certificates and of requests for them, as ASN.1 (RFC 5280, RFC 2986). */
import { createHash, generateKeyPair, sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { isIP } from 'node:net'
import { promisify } from 'node:util'
import ipaddr from 'ipaddr.js'
import forge from 'node-forge'

const { asn1 } = forge

/** `ec` is P-256, which every client of today knows; `rsa` (2048 bits) is for devices of old. */
export type KeyKind = 'ec' | 'rsa'

const OID = {
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  sha256WithRsa: '1.2.840.113549.1.1.11',
  commonName: '2.5.4.3',
  basicConstraints: '2.5.29.19',
  keyUsage: '2.5.29.15',
  extendedKeyUsage: '2.5.29.37',
  serverAuthentication: '1.3.6.1.5.5.7.3.1',
  subjectAltName: '2.5.29.17',
  subjectKeyIdentifier: '2.5.29.14',
}

/** A new pair of keys. */
export function generateKeys(kind: KeyKind): Promise<{ publicKey: KeyObject; privateKey: KeyObject }> {
  return kind === 'ec'
    ? promisify(generateKeyPair)('ec', { namedCurve: 'prime256v1' })
    : promisify(generateKeyPair)('rsa', { modulusLength: 2048 })
}

/** A body with its signature (SHA-256), as PEM. */
export function signed(label: string, body: forge.asn1.Asn1, kind: KeyKind, key: KeyObject): string {
  const signature = sign('sha256', Buffer.from(asn1.toDer(body).getBytes(), 'binary'), key)
  const whole = asn1.toDer(sequence(body, signatureAlgorithm(kind), bitString(signature))).getBytes()
  return pem(label, Buffer.from(whole, 'binary'))
}

export function signatureAlgorithm(kind: KeyKind): forge.asn1.Asn1 {
  // RFC 5758: no parameters for ECDSA; RFC 4055: NULL for RSA.
  return kind === 'ec'
    ? sequence(oid(OID.ecdsaWithSha256))
    : sequence(oid(OID.sha256WithRsa), universal(asn1.Type.NULL, ''))
}

/** The public key as certificates and requests hold it. */
export function publicKeyInfo(publicKey: KeyObject): forge.asn1.Asn1 {
  return asn1.fromDer(derOf(publicKey).toString('binary'))
}

const derOf = (publicKey: KeyObject) => publicKey.export({ type: 'spki', format: 'der' })

/** Extensions of a server's certificate for host names and addresses. */
export function serverExtensions(names: readonly string[], publicKey: KeyObject, kind: KeyKind): forge.asn1.Asn1 {
  const identifier = createHash('sha1').update(derOf(publicKey)).digest('binary')
  // Digital signature is bit 0; RSA without forward secrecy also needs key encipherment, bit 2.
  const usage = kind === 'ec' ? '\x07\x80' : '\x05\xa0'
  return sequence(
    extension(OID.basicConstraints, sequence(), true),
    extension(OID.keyUsage, universal(asn1.Type.BITSTRING, usage), true),
    extension(OID.extendedKeyUsage, sequence(oid(OID.serverAuthentication))),
    extension(OID.subjectKeyIdentifier, universal(asn1.Type.OCTETSTRING, identifier)),
    extension(OID.subjectAltName, sequence(...names.map(generalName))),
  )
}

function extension(id: string, value: forge.asn1.Asn1, critical = false): forge.asn1.Asn1 {
  const content = universal(asn1.Type.OCTETSTRING, asn1.toDer(value).getBytes())
  return critical ? sequence(oid(id), universal(asn1.Type.BOOLEAN, '\xff'), content) : sequence(oid(id), content)
}

/** RFC 5280 section 4.2.1.6: a host name is [2], an address is [7] in network order. */
function generalName(name: string): forge.asn1.Asn1 {
  if (isIP(name) === 0) return contextual(2, name)
  const octets = Buffer.from(ipaddr.parse(name).toByteArray()).toString('binary')
  return contextual(7, octets)
}

/** A name that is a common name alone. */
export function distinguishedName(commonName: string): forge.asn1.Asn1 {
  const value = universal(asn1.Type.UTF8, forge.util.encodeUtf8(commonName.slice(0, 64)))
  return sequence(universal(asn1.Type.SET, [sequence(oid(OID.commonName), value)]))
}

type Content = string | forge.asn1.Asn1[]

/** A field that is told by its position: a context-specific tag. */
export const contextual = (tag: number, content: Content) =>
  // oxlint-disable-next-line typescript/no-unsafe-enum-assignment -- forge declares tags as universal types
  asn1.create(asn1.Class.CONTEXT_SPECIFIC, tag, typeof content !== 'string', content)
/** A value of one of ASN.1's own types. */
export const universal = (type: forge.asn1.Type, content: Content) =>
  asn1.create(asn1.Class.UNIVERSAL, type, typeof content !== 'string', content)
export const sequence = (...children: forge.asn1.Asn1[]) => universal(asn1.Type.SEQUENCE, children)
export const integer = (octets: string) => universal(asn1.Type.INTEGER, octets)
export const oid = (id: string) => universal(asn1.Type.OID, asn1.oidToDer(id).getBytes())
const bitString = (octets: Buffer) => universal(asn1.Type.BITSTRING, `\0${octets.toString('binary')}`)

function pem(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n')
}
