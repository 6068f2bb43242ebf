/**
 * Names of the hidden temporaries that atomic uploads write to. A name tells which process made it, so that a sweep removes
 * what a dead process left behind and never what a living one (or a draining predecessor) is still writing.
 */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'

const PREFIX = '.ftp-upload-'
const FORM = /^\.ftp-upload-([0-9a-z]+)-([0-9a-z]+)-[0-9a-f]{24}$/

/** The moment a process started in clock ticks since the machine did; a process id alone is used again. */
function startOf(process: number | 'self'): string | undefined {
  try {
    const line = readFileSync(`/proc/${process}/stat`, 'latin1')
    // The second field is the program's name in parentheses and may hold anything; field 22 counts from its end.
    const start = line.slice(line.lastIndexOf(')') + 2).split(' ')[19]
    return start === undefined ? undefined : Number(start).toString(36)
  } catch {
    return undefined
  }
}

const OWN = `${process.pid.toString(36)}-${startOf('self') ?? '0'}`

// Of the whole process, as the names are: several services in one process must not sweep each other's uploads.
const live = new Set<string>()

/** Digits of a name, and names for which they are drawn at once. */
const DIGITS = 24
const DRAWN = 128
let drawn = ''

/** A new name that nobody can guess; it counts as live until {@link forgetTemporary}. */
export function newTemporary(): string {
  if (drawn === '') drawn = randomBytes((DIGITS / 2) * DRAWN).toString('hex')
  const name = `${PREFIX}${OWN}-${drawn.slice(0, DIGITS)}`
  drawn = drawn.slice(DIGITS)
  live.add(name)
  return name
}

/** The upload of this temporary has ended. */
export function forgetTemporary(name: string): void {
  live.delete(name)
}

/** Whether a name is kept for temporaries: clients can neither see nor open, create nor remove such names. */
export function reservedName(name: string): boolean {
  return name.charCodeAt(0) === 0x2e && name.slice(0, PREFIX.length).toLowerCase() === PREFIX
}

/** Whether a path holds a part that {@link reservedName} keeps. */
export function holdsReservedName(path: string): boolean {
  return path.includes('.') && path.split('/').some(reservedName)
}

/** Whether a name is that of a temporary whose upload can no longer end. */
export function leftOver(name: string): boolean {
  const form = FORM.exec(name)
  if (!form || live.has(name)) return false
  const [, id = '', start = ''] = form
  if (`${id}-${start}` === OWN) return true
  return startOf(Number.parseInt(id, 36)) !== start
}
