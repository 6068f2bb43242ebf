/** Saves the form of a domain: what was touched, never over what somebody else has saved meanwhile. */
import { isDeepStrictEqual } from 'node:util'
import type { FtpService } from '../../service.ts'
import { ChangedMeanwhile } from '../../service/changes.ts'
import type { Domain } from '../../settings/domain.ts'
import { SettingsError, type Problem } from '../../settings/problems.ts'
import type { Translate } from '../locale.ts'
import { formOf, type DomainForm } from './form.ts'
import { domainInput } from './input.ts'

/** What a form was made from, as the page remembers it. */
export type Remembered = Readonly<Partial<Record<keyof DomainForm, unknown>>>

export type SaveResult =
  | { readonly kind: 'saved' }
  | { readonly kind: 'refused'; readonly problems: readonly Problem[] }
  /** Somebody else has changed the same thing, or removed the domain; nothing was saved. */
  | { readonly kind: 'overtaken'; readonly gone: boolean; readonly keys: readonly (keyof DomainForm)[] }

export interface SaveRequest {
  /** Undefined for a new one. */
  readonly id: string | undefined
  readonly form: DomainForm
  readonly was: Remembered
  readonly by: string
  readonly t: Translate
}

export async function saveDomain(service: FtpService, request: SaveRequest): Promise<SaveResult> {
  const { id, form, was, by, t } = request
  for (;;) {
    const revision = service.revision()
    const { domains } = service.settings()
    const stored = id === undefined ? undefined : domains.find((each) => each.id === id)
    if (id !== undefined && !stored) return { kind: 'overtaken', gone: true, keys: [] }
    const now = formOf(stored, t)
    const keys = stored ? clashes(form, was, now) : []
    if (keys.length > 0) return { kind: 'overtaken', gone: false, keys }
    const { input, problems } = domainInput(stored ? touchedOver(form, was, now) : form, stored, t)
    if (problems.length > 0) return { kind: 'refused', problems }
    const next = stored ? domains.map((each) => (each.id === id ? input : each)) : [...domains, input]
    try {
      await service.change({ domains: next }, by, { revision })
      return { kind: 'saved' }
    } catch (error) {
      if (error instanceof SettingsError) return { kind: 'refused', problems: error.problems }
      // Others have changed other domains, or other things of this one: theirs are kept and ours is tried again.
      if (!(error instanceof ChangedMeanwhile)) throw error
    }
  }
}

/** Changes the list of domains as it is at this moment. */
export async function editDomains(
  service: FtpService,
  by: string,
  edit: (domains: readonly Domain[]) => readonly unknown[],
): Promise<void> {
  for (;;) {
    const revision = service.revision()
    try {
      return void (await service.change({ domains: edit(service.settings().domains) }, by, { revision }))
    } catch (error) {
      if (!(error instanceof ChangedMeanwhile)) throw error
    }
  }
}

/** What was typed here and has become something else there. */
function clashes(form: DomainForm, was: Remembered, now: DomainForm): readonly (keyof DomainForm)[] {
  return keysOf(form).filter(
    (key) =>
      was[key] !== undefined &&
      !isDeepStrictEqual(form[key], was[key]) &&
      !isDeepStrictEqual(now[key], was[key]) &&
      !isDeepStrictEqual(now[key], form[key]),
  )
}

/** The form as it is now, with what was touched here. */
function touchedOver(form: DomainForm, was: Remembered, now: DomainForm): DomainForm {
  const touched = keysOf(form).filter((key) => !isDeepStrictEqual(form[key], was[key]))
  return { ...now, ...Object.fromEntries(touched.map((key) => [key, form[key]])) }
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Object.keys forgets what the keys are
const keysOf = (form: DomainForm) => Object.keys(form) as (keyof DomainForm)[]
