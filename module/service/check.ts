/** What only the whole can say of new settings: ports the appliance needs, masks nobody can read, certificates that are not there. */
import { CertificateError, loadCertificate } from '../certificates/choose.ts'
import { portConflicts } from '../settings/connection.ts'
import { pathText, SettingsError } from '../settings/problems.ts'
import type { Settings } from '../settings/schema.ts'
import type { ApplianceShell } from '../shell.ts'
import { ruleProblems } from './entrance.ts'

/** Throws `SettingsError` for settings that cannot take effect. A certificate is looked at when it is not the one of before. */
export async function checkSettings(
  { certificates, network }: Pick<ApplianceShell, 'certificates' | 'network'>,
  wanted: Settings,
  before: Settings,
): Promise<void> {
  const { settings } = wanted
  const conflicts = portConflicts(wanted, network.usedPorts())
  const problems = conflicts.map(({ path, message }) => ({ path: pathText(path), text: message }))
  problems.push(...ruleProblems(wanted))
  if (problems.length > 0) throw new SettingsError(problems)
  const { certificate } = settings.tls
  if (certificate === undefined || certificate === before.settings.tls.certificate) return
  try {
    await loadCertificate(certificates, certificate)
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error
    throw new SettingsError([{ path: 'settings.tls.certificate', text: `must be usable: ${error.message}` }])
  }
}
