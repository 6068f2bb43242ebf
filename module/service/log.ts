/** The log as the settings want it, and what the module itself has to say in it. */
import { isDeepStrictEqual } from 'node:util'
import type { Kind } from '../journal/entry.ts'
import { openJournal } from '../journal/journal.ts'
import type { Journal, JournalOptions } from '../journal/journal.ts'
import type { LogSettings } from '../settings/log.ts'
import type { AuditEntry } from '../shell.ts'

const KINDS: Readonly<Record<AuditEntry['level'], Kind>> = {
  error: 'error',
  warning: 'warning',
  notice: 'status',
  info: 'status',
}

export class Log {
  readonly journal: Journal
  #settings: LogSettings

  private constructor(journal: Journal, settings: LogSettings) {
    this.journal = journal
    this.#settings = settings
  }

  /** Opens the log in a folder; one that cannot be written keeps nobody from starting. */
  static async open(folder: string, settings: LogSettings): Promise<Log> {
    return new Log(await openJournal({ folder, ...optionsFor(settings) }), settings)
  }

  /** Takes over changed settings for what comes from now on. */
  async configure(settings: LogSettings): Promise<void> {
    if (isDeepStrictEqual(settings, this.#settings)) return
    this.#settings = settings
    await this.journal.change(optionsFor(settings))
  }

  /** Takes down what the module did or an administrator changed. */
  record({ level, event, by, text }: AuditEntry): void {
    this.journal.record({ kind: KINDS[level], event, text, ...(by === undefined ? {} : { user: by }) })
  }
}

function optionsFor({ days, megabytes, commands, timeZone, syslog }: LogSettings): Omit<JournalOptions, 'folder'> {
  return {
    timeZone: timeZone ?? new Intl.DateTimeFormat().resolvedOptions().timeZone,
    retention: { days, megabytes },
    commands,
    ...(syslog && { syslog }),
  }
}
