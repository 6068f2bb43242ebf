/** What a change of the settings changed, for the log and for whoever was not told. */
import { isDeepStrictEqual } from 'node:util'
import { ruleDifferences } from './rule-differences.ts'

export interface Difference {
  /** As in problems: `settings.tls.policy`, `resources["Scans"].guests.profile`. */
  readonly path: string
  /** Undefined where there was, or is, nothing. */
  readonly from: unknown
  readonly to: unknown
}

/**
 * The values that differ, the deepest ones of objects; lists of named things by their names, IP access rules one by one, other
 * lists as a whole.
 */
export function differences(from: unknown, to: unknown, path = ''): readonly Difference[] {
  if (isDeepStrictEqual(from, to)) return []
  if (plain(from) && plain(to)) return within(from, to, (key) => (path ? `${path}.${key}` : key))
  if (Array.isArray(from) && Array.isArray(to) && /(?:^|\.)access\.rules$/.test(path)) {
    const rules = ruleDifferences(path, from, to)
    if (rules) return rules
  }
  if (/^accounts\.(?:users|groups)\./.test(path)) return ofAccount(from, to, path)
  const [before, after] = [named(from), named(to)]
  // What is the same by name and yet differs is in another order.
  const inside = before && after ? within(before, after, (name) => `${path}[${JSON.stringify(name)}]`) : []
  return inside.length > 0 ? inside : [{ path, from, to }]
}

/** Characters of a value in a line of the log: a value that is cut cannot be told in words any more. */
const LONGEST = 400

/** One line for people, `settings.timeouts.idle: 600 → 100`; never a secret. */
export function differenceText({ path, from, to }: Difference): string {
  if (/password|secret|token|key\b/i.test(path)) return `${path}: changed`
  return `${path}: ${valueText(from)} → ${valueText(to)}`
}

function valueText(value: unknown): string {
  if (value === undefined) return '–'
  const text = masked(value)
  if (text.length <= LONGEST) return text
  // A list is cut between its members: what is left of it can still be told in words.
  const whole = Array.isArray(value) ? masked(fitting(value)) : text
  return whole.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : whole
}

function masked(value: unknown): string {
  return JSON.stringify(value, (key, inner: unknown) => (/password|secret|token/i.test(key) ? '****' : inner))
}

/** The first members of a list, and a mark for the others. */
function fitting(list: readonly unknown[]): readonly unknown[] {
  let room = LONGEST - 6
  const last = list.findIndex((member) => (room -= masked(member).length + 1) < 0)
  return [...list.slice(0, last), '…']
}

/** What came with an account, or went with it, value by value: the account itself belongs to the shell and was there before. */
function ofAccount(from: unknown, to: unknown, path: string): readonly Difference[] {
  if (!(plain(from) && to === undefined) && !(plain(to) && from === undefined)) {
    const nothing = [from, to].every((one) => one === undefined || (Array.isArray(one) && one.length === 0))
    return nothing ? [] : [{ path, from, to }]
  }
  const inside = within(plain(from) ? from : {}, plain(to) ? to : {}, (key) => `${path}.${key}`)
  // An entry that says nothing at all, and yet was not there.
  const empty = inside.length === 0 && [from, to].some((one) => plain(one) && 'limits' in one)
  return empty ? [{ path, from, to }] : inside
}

type Entries = Readonly<Record<string, unknown>>

function within(from: Entries, to: Entries, pathOf: (key: string) => string): readonly Difference[] {
  const keys = new Set([...Object.keys(from), ...Object.keys(to)])
  return [...keys].flatMap((key) => differences(own(from, key), own(to, key), pathOf(key)))
}

/** The members of a list by their names, if all of them have one of their own. */
function named(value: unknown): Entries | undefined {
  if (!Array.isArray(value)) return undefined
  const entries: Record<string, unknown> = Object.create(null)
  for (const member of value) {
    if (!plain(member) || typeof member['name'] !== 'string' || member['name'] in entries) return undefined
    entries[member['name']] = member
  }
  return entries
}

const own = (entries: Entries, key: string) => (Object.hasOwn(entries, key) ? entries[key] : undefined)

function plain(value: unknown): value is Entries {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
