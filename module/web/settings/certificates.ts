/** The shell's certificates as the pages show them: what each says, and whether it can be used. Keys go no further than here. */
import { inspectPair } from '../../certificates/inspect.ts'
import type { CertificateDescription, CertificateFault } from '../../certificates/inspect.ts'
import type { ServerSettings } from '../../settings/schema.ts'
import type { Certificates } from '../../shell.ts'

/** Milliseconds before its end from which on a certificate is warned of. */
const WARN_BEFORE = 21 * 86_400_000

export type CertificateState = 'good' | 'expiring' | 'expired' | 'early' | 'unusable'

export interface CertificateRow {
  /** Empty for the shell's own choice. */
  readonly id: string
  readonly label: string
  readonly state: CertificateState
  readonly description: CertificateDescription | undefined
}

/** All of them, in the order of the shell. */
export async function certificateRows(
  certificates: Certificates,
  now = Date.now(),
): Promise<readonly CertificateRow[]> {
  const labels = await certificates.list()
  return Promise.all(labels.map(({ id, label }) => row(certificates, id, label, now)))
}

/** The one that the settings name, or that the shell chooses where they name none. */
export async function certificateInUse(
  certificates: Certificates,
  { certificate }: Pick<ServerSettings['tls'], 'certificate'>,
  now = Date.now(),
): Promise<CertificateRow> {
  const labels = await certificates.list()
  const label = labels.find(({ id }) => id === certificate)?.label ?? certificate ?? ''
  return row(certificates, certificate, label, now)
}

async function row(
  certificates: Certificates,
  id: string | undefined,
  label: string,
  now: number,
): Promise<CertificateRow> {
  try {
    const { description, faults, usable } = inspectPair(await certificates.load(id), now)
    return {
      id: id ?? '',
      label,
      state: usable && description ? stateOf(description, faults, now) : 'unusable',
      description,
    }
  } catch {
    // Why it cannot be loaded is the shell's matter; here it cannot be chosen.
    return { id: id ?? '', label, state: 'unusable', description: undefined }
  }
}

function stateOf(
  { validUntil }: CertificateDescription,
  faults: readonly CertificateFault[],
  now: number,
): CertificateState {
  if (faults.some(({ kind }) => kind === 'expired')) return 'expired'
  if (faults.some(({ kind }) => kind === 'not-yet-valid')) return 'early'
  return validUntil - now < WARN_BEFORE ? 'expiring' : 'good'
}
