/** Differences of settings as rows of a table: what, from, to, in the words of the pages. */
import type { Difference } from '../../settings/differences.ts'
import { valueText, type Speech } from '../form/words.ts'
import { differenceWords } from './difference-words.ts'

export interface DifferenceRow {
  readonly what: string
  readonly from: string
  readonly to: string
}

/** One row for each difference. What no page sets is named by its path. */
export function differenceRows(speech: Speech, differences: readonly Difference[]): readonly DifferenceRow[] {
  return differences.map(({ path, from, to }) => {
    const { what, text } = differenceWords(speech, path) ?? {
      what: path,
      text: (value: unknown) => valueText(speech, undefined, value),
    }
    return { what, from: text(from), to: text(to) }
  })
}
