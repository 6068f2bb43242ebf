/** Which certificate the server uses: the one of the settings, or the shell's own choice. */
import type { KeyPair } from '../ftp/options.ts'
import type { ServerSettings } from '../settings/schema.ts'
import type { Certificates, Warning } from '../shell.ts'
import type { CertificateDescription, CertificateFault } from './inspect.ts'
import { inspectPair } from './inspect.ts'

/** Milliseconds before its end from which on a certificate is warned of. */
const WARN_BEFORE = 21 * 86_400_000

export interface Chosen {
  readonly keyPair: KeyPair
  readonly description: CertificateDescription
  /** What the administrator should know, such as that it has expired. */
  readonly warnings: readonly Warning[]
}

/** Thrown when a certificate cannot be used; the message is for people. */
export class CertificateError extends Error {
  override readonly name = 'CertificateError'
}

/** Loads a certificate of the shell and checks it. Throws {@link CertificateError}. */
export async function loadCertificate(certificates: Certificates, id?: string, now = Date.now()): Promise<Chosen> {
  let keyPair: KeyPair
  try {
    keyPair = await certificates.load(id)
  } catch (error) {
    throw new CertificateError(error instanceof Error ? error.message : 'The certificate cannot be loaded.')
  }
  const { description, faults, usable } = inspectPair(keyPair, now)
  if (!usable || !description) throw new CertificateError(faults.map(({ text }) => text).join(' '))
  return { keyPair, description, warnings: timeWarnings(description, faults, now) }
}

function timeWarnings(
  { validFrom, validUntil }: CertificateDescription,
  faults: readonly CertificateFault[],
  now: number,
): readonly Warning[] {
  const values = { from: validFrom, until: validUntil }
  if (faults.length > 0) return faults.map(({ kind, text }) => ({ code: `certificate-${kind}`, values, text }))
  if (validUntil - now >= WARN_BEFORE) return []
  const day = new Date(validUntil).toISOString().slice(0, 10)
  return [{ code: 'certificate-expiring', values, text: `The certificate expires on ${day}.` }]
}

/**
 * The certificate for the settings, undefined where TLS is off or optional and there is none. One that cannot be used gives way to
 * the shell's own choice, with a warning: a server that starts is better than one that does not. Throws {@link CertificateError}
 * where TLS is required and no certificate can be used.
 */
export async function chooseCertificate(
  certificates: Certificates,
  { policy, certificate }: ServerSettings['tls'],
): Promise<{ readonly chosen?: Chosen; readonly warnings: readonly Warning[] }> {
  if (policy === 'off') return { warnings: [] }
  const warnings: Warning[] = []
  for (const id of certificate === undefined ? [undefined] : [certificate, undefined]) {
    try {
      const chosen = await loadCertificate(certificates, id)
      return { chosen, warnings: [...warnings, ...chosen.warnings] }
    } catch (error) {
      if (!(error instanceof CertificateError)) throw error
      warnings.push({ code: 'certificate-unusable', values: { reason: error.message }, text: error.message })
    }
  }
  if (policy !== 'optional')
    throw new CertificateError(`TLS is required and no certificate can be used. ${warnings[0]?.text}`)
  const text = 'There is no certificate: TLS is not offered.'
  return { warnings: [...warnings, { code: 'certificate-none', values: {}, text }] }
}
