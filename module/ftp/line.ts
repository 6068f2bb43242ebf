/** A command line taken apart: verb, argument, and the command they mean (RFC 959 section 5.3). */
import type { Command, CommandTable } from './command.ts'
import { printable } from './printable.ts'

export interface Line {
  /** In capitals; of two words where the first only opens a family: `SITE CHMOD`. Unknown text is cut short. */
  readonly verb: string
  /** Everything behind the one space after the verb, further spaces included. */
  readonly argument: string
  readonly command: Command | undefined
  /** The family of which this is no known member. */
  readonly family?: string
  /** It belongs to another protocol: somebody uses a browser against us (ALPACA, CVE-2021-3618). */
  readonly hostile: boolean
}

/** Verbs that exist and that this server will not have: 502 instead of 500. */
export const NOT_IMPLEMENTED: ReadonlySet<string> = new Set([
  'SMNT',
  'ADAT',
  'MIC',
  'CONF',
  'ENC',
  'LPRT',
  'LPSV',
  'MAIL',
  'MLFL',
])

const HOSTILE = /^(GET|POST|HEAD|PUT|DELETE|CONNECT|OPTIONS|TRACE|PATCH|EHLO|HELO|HOST:|CONTENT-[A-Z]+:|USER-AGENT:)$/
/** PASS and ACCT, and what somebody may have typed instead of them. */
const MEANT_SECRET = /^\s*(?:PA|AC)/i
const FAMILIES: ReadonlySet<string> = new Set(['SITE', 'OPTS'])

/** Takes a line apart. Never throws; verbs are looked up in a Map, so `__proto__` is as unknown as any other word. */
export function parseLine(text: string, table: CommandTable): Line {
  const [first, rest] = split(text)
  const verb = first.toUpperCase()
  const alone = table.get(verb)
  if (alone) return { verb, argument: rest, command: alone, hostile: false }
  if (FAMILIES.has(verb)) {
    const [second, argument] = split(rest)
    const both = `${verb} ${second.toUpperCase()}`
    const command = table.get(both)
    if (command) return { verb: both, argument, command, hostile: false }
    return { verb, argument: rest, command: undefined, family: verb, hostile: false }
  }
  return { verb: verb.slice(0, 32), argument: rest, command: undefined, hostile: HOSTILE.test(verb) }
}

function split(text: string): [string, string] {
  const at = text.indexOf(' ')
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}

/** The line for logs and pages: printable, the password left out, however its command was mistyped. */
export function shown(line: Line, passwordAwaited: boolean): { readonly verb: string; readonly text: string } {
  if (passwordAwaited && !line.command) return { verb: '****', text: '****' }
  const secret = line.command?.secret === true || MEANT_SECRET.test(`${line.verb} ${line.argument}`)
  // Whatever stands behind PASS without a space is a part of the verb.
  const said = secret && !line.command ? line.verb.slice(0, 4) : line.verb
  // The verbs of the table are printable.
  const verb = line.command ? line.verb : printable(said)
  if (line.argument === '' && said === line.verb) return { verb, text: verb }
  return { verb, text: `${verb} ${secret ? '****' : printable(line.argument)}` }
}
