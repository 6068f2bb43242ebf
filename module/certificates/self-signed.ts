/** A self-signed server certificate (RFC 5280), for a machine that has none yet. */
import { randomBytes } from 'node:crypto'
import forge from 'node-forge'
import type { KeyPair } from '../ftp/options.ts'
import type { KeyKind } from './der.ts'
import {
  contextual,
  distinguishedName,
  generateKeys,
  integer,
  publicKeyInfo,
  sequence,
  serverExtensions,
  signatureAlgorithm,
  signed,
  universal,
} from './der.ts'

const { asn1 } = forge
const DAY = 86_400_000

/** Days it is valid; clients such as Apple's refuse more than 825. */
const VALID_DAYS = 820

/** A router without a battery starts in 1970: no certificate is dated before this module existed. */
const EARLIEST = Date.UTC(2026, 0, 1)

/** Makes a certificate for host names and addresses; the first of them is the common name. `now` is milliseconds since 1970. */
export async function selfSigned(names: readonly string[], now = Date.now(), kind: KeyKind = 'ec'): Promise<KeyPair> {
  const { publicKey, privateKey } = await generateKeys(kind)
  const from = Math.max(now, EARLIEST) - DAY
  const name = distinguishedName(names[0] ?? 'localhost')
  const body = sequence(
    contextual(0, [integer('\x02')]),
    integer(serialNumber()),
    signatureAlgorithm(kind),
    name,
    sequence(time(from), time(from + VALID_DAYS * DAY)),
    name,
    publicKeyInfo(publicKey),
    contextual(3, [serverExtensions(names, publicKey, kind)]),
  )
  return {
    certificate: signed('CERTIFICATE', body, kind, privateKey),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
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
