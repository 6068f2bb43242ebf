/** CSV as text (RFC 4180): cells that spreadsheets take for formulas are disarmed when written and restored when read. */

export interface CsvRow {
  /** Line on which the row begins, from 1. */
  readonly line: number
  readonly cells: readonly string[]
}

/** What spreadsheets would run, and the mark itself, so that reading undoes writing. */
const DANGEROUS = /^[=+\-@\t\r']/
const MARKED = /^'[=+\-@\t\r']/

/** One line of CSV with its end. */
export function csvLine(cells: readonly string[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`
}

function csvCell(text: string): string {
  const safe = DANGEROUS.test(text) ? `'${text}` : text
  return /[",;\r\n\t]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** Rows of CSV without those that are empty; the separator is the first of `,` `;` tab that the first line holds. */
export function parseCsv(text: string): { rows: CsvRow[]; openQuote?: number } {
  const content = text.startsWith('\ufeff') ? text.slice(1) : text
  const separator = /[,;\t]/.exec(content.split('\n', 1)[0] ?? '')?.[0] ?? ','
  const rows: CsvRow[] = []
  let cells: string[] = []
  let line = 1
  let start = 1
  let at = 0
  while (at <= content.length) {
    const quoted = content[at] === '"'
    const end = quoted ? closingQuote(content, at) : plainEnd(content, at, separator)
    if (end < 0) return { rows, openQuote: line }
    const raw = quoted ? content.slice(at + 1, end - 1).replaceAll('""', '"') : content.slice(at, end)
    line += raw.split('\n').length - 1
    cells.push(MARKED.test(raw) ? raw.slice(1) : raw)
    at = end
    // What stands between a closing quote and the end of the cell belongs to nothing.
    if (quoted) at = plainEnd(content, at, separator)
    const stop = content[at]
    at += content.startsWith('\r\n', at) ? 2 : 1
    if (stop === separator) continue
    if (cells.some((value) => value.trim() !== '')) rows.push({ line: start, cells })
    cells = []
    start = ++line
  }
  return { rows }
}

/** Position behind the quote that closes the one at a position, or -1. */
function closingQuote(text: string, open: number): number {
  let at = open + 1
  for (;;) {
    at = text.indexOf('"', at)
    if (at < 0) return -1
    if (text[at + 1] !== '"') return at + 1
    at += 2
  }
}

/** Position of what ends the plain cell that begins at a position. */
function plainEnd(text: string, start: number, separator: string): number {
  for (let at = start; at < text.length; at++) {
    const character = text[at]
    if (character === separator || character === '\r' || character === '\n') return at
  }
  return text.length
}
