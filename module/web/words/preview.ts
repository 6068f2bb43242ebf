/** What clients would read: texts with example values in the place of variables, as lines of the control connection. */
import type { ReplyCode } from '../../ftp/reply.ts'
import { replyLines } from '../../ftp/reply-lines.ts'
import { STANDARD_TEXTS } from '../../ftp/standard-texts.ts'
import { fillTemplate, parseTemplate, unknownVariables } from '../../ftp/template.ts'
import { VARIABLES } from '../../ftp/variables.ts'
import { replyCode } from '../../settings/reply-codes.ts'
import type { Values } from './values.ts'

export interface Preview {
  /** The name of the input. */
  readonly name: string
  readonly lines: readonly string[]
  /** `$Names` that are no variables. */
  readonly unknown: readonly string[]
}

const CODES: Readonly<Record<string, ReplyCode>> = { greeting: 220, welcome: 230, goodbye: 221 }

/** One entry for each of greeting, welcome and goodbye, and for each reply that has a text. */
export function previewsOf(values: Values): readonly Preview[] {
  return [...values].flatMap(([name, text]) => {
    const code = CODES[name] ?? replyCode(name.replace(/^reply\./, ''))
    if (code === undefined || (text === '' && CODES[name] === undefined)) return []
    return [{ name, lines: previewLines(code, text), unknown: unknownVariables(text).map((each) => `$${each}`) }]
  })
}

/** A text as the reply of a code. What no schema would let pass is shown as the engine would send it. */
export function previewLines(code: ReplyCode, text: string): readonly string[] {
  const standard = VARIABLES.get('Text')
  const lines = text
    .split('\n')
    .map((line) =>
      fillTemplate(parseTemplate(line), (variable) =>
        variable === standard ? (STANDARD_TEXTS.get(code) ?? '') : variable.sample,
      ),
    )
  return replyLines({ code, lines })
}
