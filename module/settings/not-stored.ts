/** Settings that were right and could not be written down: a refusal with a reason like others, after which nothing has changed. */
import { errorCode } from './error-code.ts'
import { SettingsError } from './problems.ts'

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'nothing was changed: the disk of the settings is full',
  EDQUOT: 'nothing was changed: the disk of the settings is full',
  EROFS: 'nothing was changed: the disk of the settings can only be read',
  EACCES: 'nothing was changed: the folder of the settings must not be written to',
  EPERM: 'nothing was changed: the folder of the settings must not be written to',
}

export class NotStored extends SettingsError {
  constructor(cause: unknown) {
    const text = REASONS[errorCode(cause) ?? ''] ?? 'nothing was changed: the settings cannot be written to their disk'
    super([{ path: '', text }])
    this.name = 'NotStored'
    this.cause = cause
  }
}
