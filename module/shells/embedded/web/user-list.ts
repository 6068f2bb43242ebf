/** Users as CSV: `Name,Groups,Enabled`, groups separated by `;`; an import may also have a column `Password`. */
import { csvLine, parseCsv } from '../../../access/csv-text.ts'
import { userName, accountName } from '../../../settings/values.ts'
import type { DirectoryUser } from '../../../shell.ts'
import type { NewUser } from '../user-store.ts'
import { passwordFault, USER_LENGTH } from './password-rule.ts'

/** Rows of one file; passwords cost time each. */
const ROWS = 2000
const PASSWORDS = 500

/** A row that cannot be taken over; `fault` is the end of the key of its text. */
export interface LineFault {
  readonly line: number
  readonly fault: string
}

/** What an import would do. */
export interface UserImport {
  readonly users: readonly NewUser[]
  readonly faults: readonly LineFault[]
}

export function usersAsCsv(users: readonly DirectoryUser[]): string {
  const rows = users.map(({ name, groups, enabled }) => csvLine([name, groups.join(';'), enabled ? 'yes' : 'no']))
  return csvLine(['Name', 'Groups', 'Enabled']) + rows.join('')
}

/** Reads a file and names every row that cannot be taken over; changes nothing. */
export function readUsers(text: string): UserImport {
  const { rows, openQuote } = parseCsv(text)
  if (openQuote !== undefined) return failed(openQuote, 'quote')
  const [head, ...body] = rows
  const columns = (head?.cells ?? []).map((cell) => cell.trim().toLowerCase())
  const [name, groups, enabled, password] = ['name', 'groups', 'enabled', 'password'].map((each) =>
    columns.indexOf(each),
  )
  if (name === undefined || name < 0) return failed(1, 'columns')
  if (body.length > ROWS) return failed(ROWS + 2, 'rows')
  const seen = new Set<string>()
  const users: NewUser[] = []
  const faults: LineFault[] = []
  for (const { line, cells } of body) {
    const cell = (at: number | undefined) => (at === undefined || at < 0 ? '' : (cells[at] ?? '')).trim()
    const user = userOf(cell(name), cell(groups), cell(enabled), cell(password))
    const fault = typeof user === 'string' ? user : seen.has(user.name) ? 'twice' : undefined
    if (typeof user !== 'string') seen.add(user.name)
    if (fault !== undefined) faults.push({ line, fault })
    else if (typeof user !== 'string') users.push(user)
  }
  if (users.filter((user) => user.password !== undefined).length > PASSWORDS) return failed(1, 'passwords')
  return { users, faults }
}

/** The user of a row, or what is wrong with it. */
function userOf(name: string, groups: string, enabled: string, password: string): NewUser | string {
  if (!userName.safeParse(name).success) return 'name'
  const memberOf = [
    ...new Set(
      groups
        .split(';')
        .map((group) => group.trim())
        .filter(Boolean),
    ),
  ]
  if (memberOf.length > 64 || memberOf.some((group) => !accountName.safeParse(group).success)) return 'groups'
  const on = WORDS[enabled.toLowerCase()]
  if (on === undefined) return 'enabled'
  if (password !== '' && passwordFault(password, name, USER_LENGTH)) return 'password'
  return { name, groups: memberOf, enabled: on, password: password || undefined }
}

/** Nothing means yes. */
const WORDS: Readonly<Record<string, boolean>> = {
  ...Object.fromEntries(['', 'yes', 'true', '1', 'on', 'да'].map((word) => [word, true])),
  ...Object.fromEntries(['no', 'false', '0', 'off', 'нет'].map((word) => [word, false])),
}

const failed = (line: number, fault: string): UserImport => ({ users: [], faults: [{ line, fault }] })
