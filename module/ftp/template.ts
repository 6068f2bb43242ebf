/** A text of the administrator with variables in it: parsed once, filled when it is sent. */
import { octetLength } from './octets.ts'
import { BOUNDS } from './options.ts'
import { printable } from './printable.ts'
import { VARIABLES } from './variables.ts'
import type { Variable } from './variables.ts'

/** Pieces in their order: text as it is, and variables. */
export type Template = readonly (string | Variable)[]

/** A dollar that stands for one, or a name as long as it can be read. */
const VARIABLE = /\$(?:\$|([A-Za-z][A-Za-z0-9]*))/g

/** One line as pieces: `$Name` is a variable if there is one of that name, `$$` is a dollar, all else stays as typed. */
export function parseTemplate(line: string): Template {
  const pieces: (string | Variable)[] = []
  let from = 0
  for (const found of line.matchAll(VARIABLE)) {
    const [whole, name] = found
    const piece = name === undefined ? '$' : (VARIABLES.get(name) ?? whole)
    pieces.push(line.slice(from, found.index), piece)
    from = found.index + whole.length
  }
  pieces.push(line.slice(from))
  return pieces.filter((piece) => piece !== '')
}

/** Names that look like variables and are none, each once. */
export function unknownVariables(text: string): readonly string[] {
  const names = [...text.matchAll(VARIABLE)].flatMap(([, name]) => (name === undefined ? [] : [name]))
  return [...new Set(names)].filter((name) => !VARIABLES.has(name))
}

/**
 * The line, at most `BOUNDS.replyLine` octets long. What a variable stands for comes from clients and disks: it is made
 * printable, so that no name ends the line, speaks Telnet or moves a cursor, and cut to `BOUNDS.value` characters.
 */
export function fillTemplate(template: Template, valueOf: (variable: Variable) => string | number): string {
  const filled = template.map((piece) =>
    typeof piece === 'string' ? piece : cut(printable(String(valueOf(piece))), BOUNDS.value),
  )
  let line = filled.join('')
  for (let length = BOUNDS.replyLine; octetLength(line) > BOUNDS.replyLine; length -= 100) line = cut(line, length)
  return line
}

/** The beginning of a text, so many UTF-16 units long at most, with a mark where something is missing. */
function cut(text: string, length: number): string {
  if (text.length <= length) return text
  const end = text.slice(0, length - 1)
  // No half of a character is left.
  return `${/[\ud800-\udbff]$/.test(end) ? end.slice(0, -1) : end}…`
}
