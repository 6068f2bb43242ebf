/** What only the whole can say of new settings: ports the appliance needs, masks nobody can read, certificates that are not there. */
import { CertificateError, loadCertificate } from '../certificates/choose.ts'
import { portConflicts } from '../settings/connection.ts'
import { pathText, SettingsError } from '../settings/problems.ts'
import type { Problem } from '../settings/problems.ts'
import type { Settings } from '../settings/schema.ts'
import type { ApplianceShell, Certificates } from '../shell.ts'
import { ruleProblems } from './entrance.ts'

/** Throws `SettingsError` for settings that cannot take effect. A certificate is looked at when it is not the one of before. */
export async function checkSettings(
  { certificates, network }: Pick<ApplianceShell, 'certificates' | 'network'>,
  wanted: Settings,
  before: Settings,
): Promise<void> {
  const conflicts = portConflicts(wanted, network.usedPorts())
  const problems = conflicts.map(({ path, message }) => ({ path: pathText(path), text: message }))
  problems.push(...ruleProblems(wanted))
  if (problems.length > 0) throw new SettingsError(problems)
  const known = new Set(certificatesOf(before).map(({ id }) => id))
  const fresh = certificatesOf(wanted).filter(({ id }) => !known.has(id))
  const unusable = (await Promise.all(fresh.map((each) => certificateProblem(certificates, each)))).flat()
  if (unusable.length > 0) throw new SettingsError(unusable)
}

interface CertificateUse {
  readonly id: string
  readonly path: string
}

/** The certificates that the settings name, each with its place. */
function certificatesOf({ settings, domains }: Settings): readonly CertificateUse[] {
  return [
    ...use(settings.tls.certificate, 'settings.tls.certificate'),
    ...domains.flatMap(({ certificate }, at) => use(certificate, `domains[${at}].certificate`)),
  ]
}

function use(id: string | undefined, path: string): readonly CertificateUse[] {
  return id === undefined ? [] : [{ id, path }]
}

async function certificateProblem(certificates: Certificates, { id, path }: CertificateUse): Promise<Problem[]> {
  try {
    await loadCertificate(certificates, id)
    return []
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error
    return [{ path, text: `must be usable: ${error.message}` }]
  }
}
