/** Saves a posted page of commands or texts: only what was touched, never over what somebody else saved meanwhile. */
import type { FtpService } from '../../service.ts'
import { ChangedMeanwhile } from '../../service/changes.ts'
import type { Problem } from '../../settings/problems.ts'
import { SettingsError } from '../../settings/problems.ts'
import type { Settings } from '../../settings/schema.ts'
import type { Meanwhile } from '../settings/saving.ts'
import type { Level } from './level.ts'
import { touched, type Values } from './values.ts'

/** A page that was posted. */
export interface PostedWords {
  readonly level: Level
  readonly values: Values
  /** What stood in the page when it was made. */
  readonly was: Values
  readonly revision: string
}

/** How the values of a page are read from the settings and written into them. */
export interface WordPage {
  read(settings: Settings, level: Level): Values
  patch(settings: Settings, level: Level, changed: Values): object
}

export type SavedWords =
  | { readonly kind: 'saved' }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'refused'; readonly problems: readonly Problem[] }
  /** Nothing was saved; `values` holds what was touched here, and else what is stored now. */
  | { readonly kind: 'overtaken'; readonly meanwhile: Meanwhile; readonly values: Values }

export async function saveWords(
  service: FtpService,
  page: WordPage,
  { level, values, was, revision }: PostedWords,
  by: string,
): Promise<SavedWords> {
  const changed = touched(was, values)
  if (changed.size === 0) return { kind: 'unchanged' }
  const settings = service.settings()
  try {
    await service.change(page.patch(settings, level, changed), by, { revision })
    return { kind: 'saved' }
  } catch (error) {
    if (error instanceof SettingsError) return { kind: 'refused', problems: error.problems }
    if (!(error instanceof ChangedMeanwhile)) throw error
    const now = page.read(service.settings(), level)
    const theirs = touched(was, now)
    // Others changed something else in the same list: what was touched here is as it was.
    if (![...changed.keys()].some((name) => theirs.has(name))) {
      return saveWords(
        service,
        page,
        { level, values: new Map([...now, ...changed]), was: now, revision: service.revision() },
        by,
      )
    }
    const { changes } = error
    const names = [...new Set(changes.map((change) => change.by))]
    const differences = changes.flatMap((change) => change.differences)
    return { kind: 'overtaken', meanwhile: { names, differences }, values: new Map([...now, ...changed]) }
  }
}

/** Where in the settings a text stands, as problems name it. */
const PLACE = /^(?:settings|domains\[\d+\])\.(commands\.texts|messages\.replies|messages)(?:\.(\w+)|\["(.+)"\])$/

/** The name of the input that a problem is about; undefined when it is about none. */
export function inputOf({ path }: Problem): string | undefined {
  const [, part, plain, quoted] = PLACE.exec(path) ?? []
  const key = plain ?? quoted
  if (part === undefined || key === undefined) return undefined
  return { 'commands.texts': `text.${key}`, 'messages.replies': `reply.${key}`, messages: key }[part]
}
