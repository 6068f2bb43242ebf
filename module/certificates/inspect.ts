/** What a certificate says, and whether it can be used with its key. */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import type { KeyPair } from '../ftp/options.ts'

export interface CertificateDescription {
  readonly subject: string
  /** Host names and addresses it is made for. */
  readonly altNames: readonly string[]
  readonly issuer: string
  /** Milliseconds since 1970. */
  readonly validFrom: number
  readonly validUntil: number
  /** Such as `EC prime256v1` or `RSA 2048`. */
  readonly keyType: string
  /** SHA-256 of the certificate as `AB:CD:…`. */
  readonly fingerprint: string
}

export interface CertificateFault {
  readonly kind: 'unreadable-certificate' | 'unreadable-key' | 'foreign-key' | 'expired' | 'not-yet-valid'
  /** One sentence for people. */
  readonly text: string
}

export interface Inspection {
  /** Absent when the certificate cannot be read. */
  readonly description?: CertificateDescription
  readonly faults: readonly CertificateFault[]
  /** Whether TLS works with it at all; clients may still complain of one that has expired. */
  readonly usable: boolean
}

/** Reads a pair and says everything that is wrong with it; `now` is milliseconds since 1970. */
export function inspectPair(pair: KeyPair, now = Date.now()): Inspection {
  const certificate = attempt(() => new X509Certificate(pair.certificate))
  if (!certificate) {
    return faulty({ kind: 'unreadable-certificate', text: 'The certificate is not a PEM certificate.' })
  }
  const description = describe(certificate)
  const key = attempt(() => createPrivateKey(pair.key))
  if (!key) return faulty({ kind: 'unreadable-key', text: 'The key is not a PEM key without a password.' }, description)
  if (!certificate.checkPrivateKey(key)) {
    return faulty({ kind: 'foreign-key', text: 'The key does not belong to the certificate.' }, description)
  }
  return { description, faults: timeFaults(description, now), usable: true }
}

function timeFaults({ validFrom, validUntil }: CertificateDescription, now: number): readonly CertificateFault[] {
  if (now > validUntil) return [{ kind: 'expired', text: `The certificate expired on ${day(validUntil)}.` }]
  if (now < validFrom) return [{ kind: 'not-yet-valid', text: `The certificate is valid from ${day(validFrom)} on.` }]
  return []
}

function faulty(fault: CertificateFault, description?: CertificateDescription): Inspection {
  return { ...(description ? { description } : {}), faults: [fault], usable: false }
}

function describe(certificate: X509Certificate): CertificateDescription {
  const { asymmetricKeyType: type = 'unknown', asymmetricKeyDetails: details = {} } = certificate.publicKey
  return {
    subject: oneLine(certificate.subject),
    altNames: (certificate.subjectAltName ?? '')
      .split(', ')
      .filter(Boolean)
      .map((name) => name.replace(/^(DNS|IP Address):/, '')),
    issuer: oneLine(certificate.issuer),
    validFrom: certificate.validFromDate.getTime(),
    validUntil: certificate.validToDate.getTime(),
    keyType: `${type.toUpperCase()} ${details.namedCurve ?? details.modulusLength ?? ''}`.trim(),
    fingerprint: certificate.fingerprint256,
  }
}

const oneLine = (name: string) => name.replaceAll('\n', ', ')
const day = (time: number) => new Date(time).toISOString().slice(0, 10)

function attempt<Value>(read: () => Value): Value | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
