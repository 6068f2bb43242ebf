/** The certificates that the engine is given: the server's, and those of the domains that have their own. */
import { CertificateError, chooseCertificate, loadCertificate } from '../certificates/choose.ts'
import type { Chosen } from '../certificates/choose.ts'
import type { KeyPair } from '../ftp/options.ts'
import type { Domain } from '../settings/domain.ts'
import type { Settings } from '../settings/schema.ts'
import type { Certificates, Warning } from '../shell.ts'

export interface CertificatesInUse {
  /** The server's; undefined where there is none or TLS is off. */
  readonly chosen?: Chosen | undefined
  /** Those of domains, by the ids of the domains. */
  readonly domains: ReadonlyMap<string, KeyPair>
  readonly warnings: readonly Warning[]
}

/**
 * Loads what the settings name. A domain whose certificate cannot be used shows the server's, with a warning that names it. Throws
 * `CertificateError` where TLS is required and the server has none. `before` is what was in use: the engine tells a renewed
 * certificate by the object, so the same text keeps the same one.
 */
export async function loadCertificates(
  certificates: Certificates,
  { settings, domains }: Pick<Settings, 'settings' | 'domains'>,
  before?: CertificatesInUse,
): Promise<CertificatesInUse> {
  const { chosen, warnings } = await chooseCertificate(certificates, settings.tls)
  const own = settings.tls.policy === 'off' ? [] : domains.filter(({ enabled }) => enabled)
  const loaded = await Promise.all(own.map((domain) => ofDomain(certificates, domain)))
  const pairs = loaded.flatMap(({ domain, keyPair }) => (keyPair ? [[domain, keyPair] as const] : []))
  return {
    chosen: chosen && { ...chosen, keyPair: kept(before?.chosen?.keyPair, chosen.keyPair) },
    domains: new Map(pairs.map(([id, keyPair]) => [id, kept(before?.domains.get(id), keyPair)])),
    warnings: [...warnings, ...loaded.flatMap((each) => each.warnings)],
  }
}

interface Loaded {
  readonly domain: string
  readonly keyPair?: KeyPair
  readonly warnings: readonly Warning[]
}

async function ofDomain(certificates: Certificates, { id, name, certificate }: Domain): Promise<Loaded> {
  if (certificate === undefined) return { domain: id, warnings: [] }
  try {
    const { keyPair, warnings } = await loadCertificate(certificates, certificate)
    return { domain: id, keyPair, warnings: warnings.map((warning) => ofThe(name, warning)) }
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error
    const text = `The server's certificate serves instead. ${error.message}`
    const unusable = { code: 'certificate-unusable', values: { reason: error.message }, text }
    return { domain: id, warnings: [ofThe(name, unusable)] }
  }
}

/** The warning of a certificate as that of a domain. */
function ofThe(name: string, { code, values, text }: Warning): Warning {
  return { code: `domain-${code}`, values: { ...values, name }, text: `Domain "${name}": ${text}` }
}

function kept(old: KeyPair | undefined, next: KeyPair): KeyPair {
  return old && old.certificate === next.certificate && old.key === next.key ? old : next
}
