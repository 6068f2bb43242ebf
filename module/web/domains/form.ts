/** A domain as its form holds it: everything as it was typed, so that nothing is lost when it is refused. */
import { inheritedLimits } from '../../settings/account.ts'
import { together } from '../../settings/domain.ts'
import type { Domain } from '../../settings/domain.ts'
import { typedHours, type TypedHours } from '../accounts/hours-form.ts'
import { typedLimit } from '../accounts/amount.ts'
import type { Translate } from '../locale.ts'

export interface TypedListener {
  readonly address: string
  readonly port: string
  readonly implicitTls: boolean
}

export interface DomainForm {
  readonly name: string
  readonly enabled: boolean
  /** One host name on each line. */
  readonly names: string
  readonly listeners: readonly TypedListener[]
  /** Id of a certificate; empty = the server's. */
  readonly certificate: string
  /** Empty = as the server. */
  readonly texts: Readonly<Record<TextName, string>>
  readonly together: Readonly<Record<string, string>>
  readonly limits: Readonly<Record<string, string>>
  readonly hours: readonly TypedHours[]
  /** Those of `together`. */
  readonly sharedHours: readonly TypedHours[]
  readonly shown: 'all' | 'some'
  readonly resources: readonly string[]
}

export const TEXTS = ['greeting', 'welcome', 'goodbye'] as const
export type TextName = (typeof TEXTS)[number]

/** The names of the limits that sessions share, and of those of each login, in the order of the form. */
export const TOGETHER: readonly string[] = Object.keys(together)
export const LIMITS: readonly string[] = Object.keys(inheritedLimits)

/** The form of a stored domain, or a blank one. */
export function formOf(stored: Domain | undefined, t: Translate): DomainForm {
  const { limits, together: shared, resources = 'all', messages } = stored ?? {}
  const typed = (names: readonly string[], values: object = {}) =>
    Object.fromEntries(names.map((name) => [name, typedLimit(name, Reflect.get(values, name), t)]))
  return {
    name: stored?.name ?? '',
    enabled: stored?.enabled ?? true,
    names: (stored?.names ?? []).join('\n'),
    listeners: (stored?.listeners ?? []).map((one) => ({ ...one, port: String(one.port) })),
    certificate: stored?.certificate ?? '',
    texts: {
      greeting: messages?.greeting ?? '',
      welcome: messages?.welcome ?? '',
      goodbye: messages?.goodbye ?? '',
    },
    together: typed(TOGETHER, shared),
    limits: typed(LIMITS, limits),
    hours: typedHours(stored?.hours ?? [], t),
    sharedHours: typedHours(shared?.hours ?? [], t),
    shown: resources === 'all' ? 'all' : 'some',
    resources: resources === 'all' ? [] : resources,
  }
}
