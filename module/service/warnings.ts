/** Warnings that no setting shows: about folders, disks, the log, and how the settings were found. */
import type { QueueState } from '../journal/queue.ts'
import type { FolderProblem, ResourceState } from '../resources/resources.ts'
import type { ServiceStatus, Warning } from '../shell.ts'

/** Part of a disk in use from which on it is warned of. */
const NEARLY_FULL = 0.95

const FOLDER_PROBLEMS: Readonly<Record<FolderProblem, string>> = {
  'no-storage': 'its storage is not there.',
  missing: 'its folder is missing.',
  'not-a-directory': 'its folder is a file.',
  outside: 'its folder leads out of the storage.',
  unreadable: 'its folder cannot be read.',
}

/** A disk that does not answer; the text stays the same while that lasts. */
export function silentWarning(name: string): Warning {
  return { code: 'disk-silent', values: { name }, text: `The disk of "${name}" does not answer.` }
}

/** What the resources' folders and disks give cause to say. */
export function resourceWarnings(states: readonly ResourceState[]): readonly Warning[] {
  return states.filter(({ enabled }) => enabled).flatMap(warningsOf)
}

function warningsOf({ name, problem, freeBytes, totalBytes }: ResourceState): readonly Warning[] {
  if (problem) {
    const text = `"${name}" is hidden from clients: ${FOLDER_PROBLEMS[problem]}`
    return [{ code: `folder-${problem}`, values: { name }, text }]
  }
  if (freeBytes === undefined || !totalBytes || freeBytes > totalBytes * (1 - NEARLY_FULL)) return []
  const percent = Math.floor((1 - freeBytes / totalBytes) * 100)
  return [{ code: 'disk-full', values: { name, percent }, text: `The disk of "${name}" is ${percent} % full.` }]
}

/** The status with what the log and the start have to say; `recovered` tells how the settings were found. */
export function wholeStatus(
  status: ServiceStatus,
  recovered: readonly Warning[],
  { problem }: Pick<QueueState, 'problem'>,
): ServiceStatus {
  const text = `New entries of the log are not being stored: ${problem}`
  const log = problem === undefined ? [] : [{ code: 'log-not-stored', values: { problem }, text }]
  return { ...status, warnings: [...recovered, ...log, ...status.warnings] }
}
