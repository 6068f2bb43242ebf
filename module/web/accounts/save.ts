/** Saves a form that was made from a revision of the settings, and finds for each problem its input. */
import type { FtpService } from '../../service.ts'
import { ChangedMeanwhile } from '../../service/changes.ts'
import type { Difference } from '../../settings/differences.ts'
import { SettingsError, type Problem } from '../../settings/problems.ts'
import type { Speech } from '../form/words.ts'
import type { Translate } from '../locale.ts'
import { problemText } from '../problem-text.ts'
import { differenceRows } from '../settings/difference-rows.ts'

export type SaveResult =
  | { readonly kind: 'saved' }
  | { readonly kind: 'refused'; readonly problems: readonly Problem[] }
  /** Somebody else changed the same; nothing was saved. */
  | ({ readonly kind: 'overtaken' } & Overtaken)

/** What others saved meanwhile: their names, empty where they are not known, and what they changed. */
export interface Overtaken {
  readonly names: readonly string[]
  readonly differences: readonly Difference[]
}

export async function saveChange(
  service: Pick<FtpService, 'change'>,
  patch: object,
  revision: string,
  by: string,
): Promise<SaveResult> {
  try {
    await service.change(patch, by, { revision })
    return { kind: 'saved' }
  } catch (error) {
    if (error instanceof SettingsError) return { kind: 'refused', problems: error.problems }
    if (!(error instanceof ChangedMeanwhile)) throw error
    const names = [...new Set(error.changes.map(({ by: name }) => name))]
    return { kind: 'overtaken', names, differences: error.changes.flatMap(({ differences }) => differences) }
  }
}

/** The same as the pages show it. */
export function shownOvertaken(speech: Speech, { names, differences }: Overtaken) {
  return { names, rows: differenceRows(speech, differences) }
}

export interface ShownProblems {
  /** By the name of the input. */
  readonly errors: Readonly<Record<string, string>>
  readonly others: readonly string[]
}

/** Problems beside the inputs they are about; `prefix` is where in the settings the form begins, with its dot. */
export function shownProblems(
  problems: readonly Problem[],
  prefix: string,
  inputs: (name: string) => boolean,
  t: Translate,
): ShownProblems {
  const errors: Record<string, string> = {}
  const others: string[] = []
  for (const problem of problems) {
    const name = problem.path.replace(prefix, '').replaceAll(/\[(\d+)\]/g, '.$1')
    const text = problemText(problem, t)
    if (inputs(name)) errors[name] ??= text
    else others.push(text)
  }
  return { errors, others }
}
