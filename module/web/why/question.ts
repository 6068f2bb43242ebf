/** A question to "Why?" as it stands in an address, typed into the form or made of an entry of the log. */
import type { Entry } from '../../journal/entry.ts'
import type { WhyQuestion } from '../../service/why.ts'
import { localText, localTime } from '../local-time.ts'

/** The fields of the form, as they were typed. */
export interface Asked {
  readonly address: string
  readonly user: string
  readonly domain: string
  readonly command: string
  readonly path: string
  readonly bytes: string
  /** Date and time in the administrator's zone; empty = now. */
  readonly when: string
  readonly tls: boolean
}

/** Where a question came from: an entry that was decided so at its time. */
export interface Origin {
  readonly session: string
  readonly rule: string
  readonly level: string
}

const LONGEST = 4096

/** Reads the parameters of an address. `secure`: whether the session it came from used TLS, where the address does not say. */
export function readQuestion(search: string, timeZone: string): { readonly asked: Asked; readonly origin: Origin } {
  const given = new URLSearchParams(search)
  const text = (name: string) => (given.get(name) ?? '').trim().slice(0, LONGEST)
  const at = /^\d{1,14}$/.test(text('at')) ? localText(Number(text('at')), timeZone) : ''
  return {
    asked: {
      address: text('address'),
      user: text('user'),
      domain: text('domain'),
      command: text('command').toUpperCase(),
      path: text('path'),
      bytes: text('bytes'),
      when: text('when') || at,
      tls: text('tls') === 'on',
    },
    origin: { session: text('session'), rule: text('rule'), level: text('level') },
  }
}

/** The question that the fields mean; the names of those that mean nothing. */
export function questionOf(asked: Asked, timeZone: string): { question: WhyQuestion; errors: readonly string[] } {
  const bytes = asked.bytes === '' ? undefined : Number(asked.bytes)
  const at = asked.when === '' ? undefined : localTime(asked.when, timeZone)
  const errors = [
    ...(bytes !== undefined && !(Number.isSafeInteger(bytes) && bytes >= 0) ? ['bytes'] : []),
    ...(asked.when !== '' && at === undefined ? ['when'] : []),
  ]
  return {
    errors,
    question: {
      address: asked.address,
      secure: asked.tls,
      ...(asked.user && { user: asked.user }),
      ...(asked.domain && { domain: asked.domain }),
      ...(asked.command && { command: asked.command }),
      ...(asked.path && { path: asked.path }),
      ...(bytes !== undefined && { bytes }),
      ...(at !== undefined && { at }),
    },
  }
}

/** The parameters that ask why an entry came about, with their question mark; empty where nothing was decided. */
export function whyQuery(entry: Entry): string {
  const { address, verdict, event, text, user, domain, path, session, time } = entry
  if (!verdict || address === undefined || !DECIDED.has(event)) return ''
  const command = event === 'refused' ? /^(?:(?:SITE|OPTS) )?[A-Z]+/.exec(text)?.[0] : undefined
  const named = { address, user, domain, command, path, session, rule: verdict.rule, level: verdict.level }
  const known = Object.entries(named).filter((pair): pair is [string, string] => pair[1] !== undefined)
  return `?${new URLSearchParams([...known, ['at', String(time)]]).toString()}`
}

/** Events whose entries come of one decision. */
const DECIDED: ReadonlySet<string> = new Set(['refused', 'login', 'login-failed', 'connection-refused', 'expelled'])

/** Whether a session used TLS at a time, by its entries. */
export function securedBefore(story: readonly Entry[], at: number): boolean {
  return story.some(
    ({ event, text, time }) =>
      time <= at && (event === 'secured' || (event === 'session-opened' && text.includes(' over TLS'))),
  )
}
