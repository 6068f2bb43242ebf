/** A self-signed server certificate with a P-256 key (RFC 5280), for a machine that has none yet. */
import { createHash, generateKeyPair, randomBytes, sign } from 'node:crypto'
import { isIP } from 'node:net'
import { promisify } from 'node:util'
import ipaddr from 'ipaddr.js'
import forge from 'node-forge'
import type { KeyPair } from '../ftp/options.ts'

const { asn1 } = forge
const DAY = 86_400_000

/** Days it is valid; clients such as Apple's refuse more than 825. */
const VALID_DAYS = 820

/** A router without a battery starts in 1970: no certificate is dated before this module existed. */
const EARLIEST = Date.UTC(2026, 0, 1)

const OID = {
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  commonName: '2.5.4.3',
  basicConstraints: '2.5.29.19',
  keyUsage: '2.5.29.15',
  extendedKeyUsage: '2.5.29.37',
  serverAuthentication: '1.3.6.1.5.5.7.3.1',
  subjectAltName: '2.5.29.17',
  subjectKeyIdentifier: '2.5.29.14',
}

/** Makes a certificate for host names and addresses; the first of them is the common name. `now` is milliseconds since 1970. */
export async function selfSigned(names: readonly string[], now = Date.now()): Promise<KeyPair> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('ec', { namedCurve: 'prime256v1' })
  const publicDer = publicKey.export({ type: 'spki', format: 'der' })
  const from = Math.max(now, EARLIEST) - DAY
  const name = distinguishedName(names[0] ?? 'localhost')
  const algorithm = sequence(oid(OID.ecdsaWithSha256))
  const body = sequence(
    contextual(0, [integer('\x02')]),
    integer(serialNumber()),
    algorithm,
    name,
    sequence(time(from), time(from + VALID_DAYS * DAY)),
    name,
    asn1.fromDer(publicDer.toString('binary')),
    contextual(3, [sequence(...extensions(names, publicDer))]),
  )
  const signature = sign('sha256', Buffer.from(asn1.toDer(body).getBytes(), 'binary'), privateKey)
  const certificate = asn1.toDer(sequence(body, algorithm, bitString(signature))).getBytes()
  return {
    certificate: pem('CERTIFICATE', Buffer.from(certificate, 'binary')),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

function extensions(names: readonly string[], publicDer: Buffer): forge.asn1.Asn1[] {
  const identifier = createHash('sha1').update(publicDer).digest('binary')
  return [
    extension(OID.basicConstraints, sequence(), true),
    // Digital signature alone: bit 0, seven bits unused.
    extension(OID.keyUsage, universal(asn1.Type.BITSTRING, '\x07\x80'), true),
    extension(OID.extendedKeyUsage, sequence(oid(OID.serverAuthentication))),
    extension(OID.subjectKeyIdentifier, universal(asn1.Type.OCTETSTRING, identifier)),
    extension(OID.subjectAltName, sequence(...names.map(generalName))),
  ]
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

function distinguishedName(commonName: string): forge.asn1.Asn1 {
  const value = universal(asn1.Type.UTF8, forge.util.encodeUtf8(commonName.slice(0, 64)))
  return sequence(universal(asn1.Type.SET, [sequence(oid(OID.commonName), value)]))
}

/** 127 random bits, positive and in the shortest form (RFC 5280 section 4.1.2.2). */
function serialNumber(): string {
  const octets = randomBytes(16)
  octets.writeUInt8((octets.readUInt8(0) & 0x7f) | 0x40, 0)
  return octets.toString('binary')
}

function time(milliseconds: number): forge.asn1.Asn1 {
  const date = new Date(milliseconds)
  // RFC 5280 section 4.1.2.5: UTCTime through 2049, GeneralizedTime from then on.
  return date.getUTCFullYear() < 2050
    ? universal(asn1.Type.UTCTIME, asn1.dateToUtcTime(date))
    : universal(asn1.Type.GENERALIZEDTIME, asn1.dateToGeneralizedTime(date))
}

type Content = string | forge.asn1.Asn1[]

/** A field that is told by its position: a context-specific tag. */
const contextual = (tag: number, content: Content) =>
  // oxlint-disable-next-line typescript/no-unsafe-enum-assignment -- forge declares tags as universal types
  asn1.create(asn1.Class.CONTEXT_SPECIFIC, tag, typeof content !== 'string', content)
const universal = (type: forge.asn1.Type, content: Content) =>
  asn1.create(asn1.Class.UNIVERSAL, type, typeof content !== 'string', content)
const sequence = (...children: forge.asn1.Asn1[]) => universal(asn1.Type.SEQUENCE, children)
const integer = (octets: string) => universal(asn1.Type.INTEGER, octets)
const oid = (id: string) => universal(asn1.Type.OID, asn1.oidToDer(id).getBytes())
const bitString = (octets: Buffer) => universal(asn1.Type.BITSTRING, `\0${octets.toString('binary')}`)

function pem(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n')
}
