/**
 * Rule lists as CSV (RFC 4180) with the columns `IP,Allow,Description,Expires`. Import is a preview: it changes nothing and
 * names every row that cannot be taken over by its line.
 */
import { accessRule, type AccessRule } from '../settings/access.ts'
import { parseCsv, csvLine } from './csv-text.ts'
import { parseMask } from './ip-rule.ts'

const COLUMNS = ['IP', 'Allow', 'Description', 'Expires'] as const
/** Characters of a file, and rules of one. */
const LONGEST = 2_000_000
const MOST = 10_000

export interface ImportedRule {
  /** Line of the file, from 1. */
  readonly line: number
  readonly rule: AccessRule
  /** What the mask means, where it was written in another way. */
  readonly normalised?: string
  /** Line of an earlier row with the same action and meaning. */
  readonly repeats?: number
}

export interface ImportProblem {
  /** Line of the file, from 1. */
  readonly line: number
  readonly code: 'file' | 'header' | 'quote' | 'columns' | 'mask' | 'allow' | 'description' | 'expires'
  readonly message: string
  /** The mask that was probably meant. */
  readonly meant?: string
}

export interface ImportPreview {
  readonly rules: readonly ImportedRule[]
  /** A file is taken over only when there are none. */
  readonly problems: readonly ImportProblem[]
}

/** What taking over a file would do to a list. */
export interface ImportPlan {
  /** The list afterwards. */
  readonly rules: readonly AccessRule[]
  readonly added: readonly AccessRule[]
  readonly removed: readonly AccessRule[]
}

/** A rule list as a file; the order of the lines is the order of the rules. */
export function exportRules(rules: readonly AccessRule[]): string {
  const rows = rules.map((rule) => [rule.mask, rule.action === 'allow' ? '1' : '0', rule.note, rule.expires ?? ''])
  return [COLUMNS, ...rows].map((cells) => csvLine(cells)).join('')
}

/** Reads a file; never throws. Commas, semicolons or tabs may separate; columns may stand in any order. */
export function previewImport(text: string): ImportPreview {
  if (text.length > LONGEST) return failed(1, 'file', `The file is larger than ${LONGEST} characters.`)
  const { rows, openQuote } = parseCsv(text)
  if (openQuote !== undefined) return failed(openQuote, 'quote', 'A quotation mark that opens here is never closed.')
  const [header, ...lines] = rows
  const names = header?.cells.map((cell) => cell.trim().toLowerCase()) ?? []
  const columns = COLUMNS.map((name) => names.indexOf(name.toLowerCase()))
  if (columns[0] === -1 || columns[1] === -1) {
    return failed(header?.line ?? 1, 'header', `The first line must name the columns: ${COLUMNS.join(',')}.`)
  }
  if (lines.length > MOST) return failed(lines[MOST]?.line ?? 1, 'file', `A list has at most ${MOST} rules.`)
  const rules: ImportedRule[] = []
  const problems: ImportProblem[] = []
  const seen = new Map<string, number>()
  for (const { line, cells } of lines) {
    const [mask = '', allow = '', note = '', expires = ''] = columns.map((at) => cells[at]?.trim() ?? '')
    const result =
      cells.length > names.length ? tooMany(line, names.length) : readRule(line, mask, allow, note, expires)
    if ('code' in result) problems.push(result)
    else rules.push(withRepeats(result, seen))
  }
  return { rules, problems }
}

/** What a previewed file does to a list: put behind its rules, leaving out those it has already, or in their place. */
export function planImport(
  current: readonly AccessRule[],
  preview: ImportPreview,
  mode: 'append' | 'replace',
): ImportPlan {
  const imported = preview.rules.map(({ rule }) => rule)
  const before = new Set(current.map(identity))
  const after = new Set(imported.map(identity))
  const added = imported.filter((rule) => !before.has(identity(rule)))
  if (mode === 'append') return { rules: [...current, ...added], added, removed: [] }
  return { rules: imported, added, removed: current.filter((rule) => !after.has(identity(rule))) }
}

function readRule(
  line: number,
  mask: string,
  allow: string,
  note: string,
  expires: string,
): ImportedRule | ImportProblem {
  const parsed = parseMask(mask)
  if ('problem' in parsed) {
    const { message, meant } = parsed.problem
    return { line, code: 'mask', message, ...(meant === undefined ? {} : { meant }) }
  }
  const action = /^(?:1|allow|true|yes)$/i.test(allow) ? 'allow' : /^(?:0|deny|false|no)$/i.test(allow) ? 'deny' : ''
  if (action === '') return { line, code: 'allow', message: 'Allow must be 1 (allow) or 0 (deny).' }
  const rule = accessRule.safeParse({ action, mask, note, ...(expires === '' ? {} : { expires }) })
  if (!rule.success) {
    const late = rule.error.issues.some(({ path }) => path[0] === 'expires')
    if (late)
      return { line, code: 'expires', message: 'Expires must be a moment such as 2030-12-31T18:00:00Z, or empty.' }
    return { line, code: 'description', message: 'The description must be one line of at most 200 characters.' }
  }
  const { text } = parsed.mask
  return text === mask ? { line, rule: rule.data } : { line, rule: rule.data, normalised: text }
}

function withRepeats(row: ImportedRule, seen: Map<string, number>): ImportedRule {
  const key = `${row.rule.action} ${row.normalised ?? row.rule.mask}`
  const repeats = seen.get(key)
  if (repeats !== undefined) return { ...row, repeats }
  seen.set(key, row.line)
  return row
}

/** Rules are the same when they mean the same for the same time; notes do not count. */
function identity({ action, mask, expires }: AccessRule): string {
  const parsed = parseMask(mask)
  return `${action} ${'mask' in parsed ? parsed.mask.text : mask} ${expires === undefined ? '' : Date.parse(expires)}`
}

function tooMany(line: number, columns: number): ImportProblem {
  return { line, code: 'columns', message: `The line has more columns than the ${columns} of the first line.` }
}

function failed(line: number, code: ImportProblem['code'], message: string): ImportPreview {
  return { rules: [], problems: [{ line, code, message }] }
}
