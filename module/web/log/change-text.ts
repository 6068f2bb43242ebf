/** A change of the settings out of the log in the reader's language: it is kept as `settings.port: 21 → 2121`. */
import type { Speech } from '../form/words.ts'
import { differenceWords } from '../settings/difference-words.ts'

/** Places that are tried as the end of the path: a name may hold a colon and a space, though hardly so many. */
const TRIES = 20
const ARROW = ' → '

/** `Control port: 21 → 2121`; undefined for what is no such line, or of a setting that nobody knows any more. */
export function changeText(speech: Speech, line: string): string | undefined {
  try {
    return inWords(speech, line)
  } catch {
    // Values and names of another version of the module, for which there are no words: such a line is shown as it is.
    return undefined
  }
}

function inWords(speech: Speech, line: string): string | undefined {
  for (const at of places(line, ': ')) {
    const words = differenceWords(speech, line.slice(0, at))
    const rest = line.slice(at + 2)
    if (words && rest === 'changed') return speech.t('log.changes.masked', { what: words.what })
    for (const arrow of words ? places(rest, ARROW) : []) {
      const [from, to] = [rest.slice(0, arrow), rest.slice(arrow + ARROW.length)].map((text) => stored(text))
      if (!words || !from || !to) continue
      const text = ({ value, cut }: Stored) => (cut ? String(value) : words.text(value))
      const [before, after] = [text(from), text(to)]
      const there = speech.t('settings.values.present')
      if (from.value === undefined && isThing(to, after === there))
        return speech.t('log.changes.added', { what: words.what })
      if (to.value === undefined && isThing(from, before === there))
        return speech.t('log.changes.removed', { what: words.what })
      return speech.t('log.changes.text', { what: words.what, from: before, to: after })
    }
  }
  return undefined
}

interface Stored {
  readonly value: unknown
  /** It was too long for the log: what is left of it is shown as it is. */
  readonly cut: boolean
}

/** Whether there is nothing to say of it but that it is there, such as a resource. */
function isThing({ value, cut }: Stored, wordless: boolean): boolean {
  return cut ? String(value).startsWith('{"') : wordless && typeof value === 'object'
}

/** A value as the log keeps it; undefined for what is none. */
function stored(text: string): Stored | undefined {
  if (text === '–') return { value: undefined, cut: false }
  if (text.endsWith('…')) return { value: text, cut: true }
  try {
    return { value: JSON.parse(text), cut: false }
  } catch {
    return undefined
  }
}

function places(text: string, mark: string): readonly number[] {
  const found: number[] = []
  for (let at = text.indexOf(mark); at >= 0 && found.length < TRIES; at = text.indexOf(mark, at + 1)) found.push(at)
  return found
}
