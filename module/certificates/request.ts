/** A request for a certificate (PKCS#10, RFC 2986), to be signed by somebody whom clients trust. */
import forge from 'node-forge'
import type { KeyKind } from './der.ts'
import {
  contextual,
  distinguishedName,
  generateKeys,
  integer,
  oid,
  publicKeyInfo,
  sequence,
  serverExtensions,
  signed,
  universal,
} from './der.ts'

/** Attribute that carries the extensions wished for (RFC 2985 section 5.4.2). */
const EXTENSION_REQUEST = '1.2.840.113549.1.9.14'

/** A request and the key that belongs to the certificate to come, both PEM. */
export interface CertificateRequest {
  readonly request: string
  readonly key: string
}

/** Makes a key and a request for host names and addresses; the first of them is the common name. */
export async function certificateRequest(names: readonly string[], kind: KeyKind): Promise<CertificateRequest> {
  const { publicKey, privateKey } = await generateKeys(kind)
  const extensions = universal(forge.asn1.Type.SET, [serverExtensions(names, publicKey, kind)])
  const body = sequence(
    integer('\0'),
    distinguishedName(names[0] ?? 'localhost'),
    publicKeyInfo(publicKey),
    contextual(0, [sequence(oid(EXTENSION_REQUEST), extensions)]),
  )
  return {
    request: signed('CERTIFICATE REQUEST', body, kind, privateKey),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}
