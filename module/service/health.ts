/** Whether everything is as it should be, in single answers for programs that watch. */
import type { QueueState } from '../journal/queue.ts'
import type { Health, ServiceStatus } from '../shell.ts'

/** Warnings that mean that something does not work, not only that something may surprise. */
const FAULTS =
  /^(?:folder-|disk-silent|firewall-refused|(?:domain-)?certificate-unusable|certificate-none|settings-recovered)/

/** Being switched off is as it should be, having failed is not. */
export function healthOf({ state, reason, warnings }: ServiceStatus, log: QueueState): Health {
  const faults = warnings.filter(({ code }) => FAULTS.test(code))
  const checks = [
    { id: 'service', ok: state !== 'failed', text: reason ?? `The FTP server is ${state}.` },
    { id: 'log', ok: log.problem === undefined, text: log.problem ?? 'The log is written.' },
    {
      id: 'warnings',
      ok: faults.length === 0,
      text:
        faults.map(({ text }) => text).join(' ') || 'Folders, disks, firewall, certificate and settings are in order.',
    },
  ]
  return { ok: checks.every(({ ok }) => ok), checks }
}
