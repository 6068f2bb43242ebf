/** Saves a posted page of settings: what was touched, checked by the service, never over what somebody else saved meanwhile. */
import type { FtpService } from '../../service.ts'
import { ChangedMeanwhile } from '../../service/changes.ts'
import { CertificateError } from '../../certificates/choose.ts'
import type { Difference } from '../../settings/differences.ts'
import type { Problem } from '../../settings/problems.ts'
import { SettingsError } from '../../settings/problems.ts'
import type { FieldError } from '../form/errors.ts'
import { sortProblems, twice } from '../form/errors.ts'
import type { FormField } from '../form/field.ts'
import type { Inputs } from '../form/form.ts'
import { at, inputsOf, patchFor, touchedFields } from '../form/form.ts'
import type { Typed } from '../form/typed.ts'
import { valueOf } from '../form/typed.ts'

/** A page of settings as it was posted. */
export interface PostedPage {
  readonly fields: readonly FormField[]
  readonly inputs: Inputs
  /** What stood in the inputs when the page was made, by path; without it every field counts as touched. */
  readonly was: Inputs
  /** Of the settings that the page was made from. */
  readonly revision: string
}

/** What others changed since the page was made. */
export interface Meanwhile {
  readonly names: readonly string[]
  readonly differences: readonly Difference[]
}

export type Saved =
  | { readonly kind: 'saved' }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'refused'; readonly errors: readonly FieldError[]; readonly other: readonly Problem[] }
  /** Nothing was saved; `inputs` holds what was touched here, and else what is stored now. */
  | { readonly kind: 'overtaken'; readonly meanwhile: Meanwhile; readonly inputs: Inputs }

/** Where in the stored document the fields of the pages are. */
export const PREFIX = 'settings.'

export async function savePage(service: FtpService, posted: PostedPage, by: string): Promise<Saved> {
  const { fields, inputs, was, revision } = posted
  const doubled = fields.flatMap((field) => twice(field, inputs.get(field.path)))
  if (doubled.length > 0) return { kind: 'refused', errors: doubled, other: [] }
  const touched = touchedFields(fields, was, inputs)
  if (touched.length === 0) return { kind: 'unchanged' }
  const { settings } = service.settings()
  const theirs = changedFields(fields, was, settings)
  // What others changed is named as well, so that the service finds them out: nobody saves a page that shows what is no longer so.
  const patch = patchFor(fields, [...touched, ...theirs], inputs, settings)
  try {
    await service.change({ settings: patch }, by, { revision })
    return { kind: 'saved' }
  } catch (error) {
    if (!(error instanceof ChangedMeanwhile)) return refused(error, posted)
    // So long ago that nobody remembers; but this page is as it was.
    if (error.changes.length === 0 && changedFields(fields, was, service.settings().settings).length === 0) {
      return savePage(service, { ...posted, revision: service.revision() }, by)
    }
    return overtaken(service, posted, touched, error)
  }
}

/** The patch of what was touched on a page, as saving would make it. */
export function patchPosted(service: FtpService, { fields, inputs, was }: Omit<PostedPage, 'revision'>): object {
  const { settings } = service.settings()
  return { settings: patchFor(fields, touchedFields(fields, was, inputs), inputs, settings) }
}

function changedFields(fields: readonly FormField[], was: Inputs, settings: unknown): readonly FormField[] {
  return touchedFields(fields, was, inputsOf(fields, settings)).filter(({ path }) => was.has(path))
}

function refused(error: unknown, { fields, inputs }: PostedPage): Saved {
  if (error instanceof SettingsError) {
    return { kind: 'refused', ...sortProblems(error.problems, fields, inputs, PREFIX) }
  }
  if (error instanceof CertificateError)
    return { kind: 'refused', errors: [], other: [{ path: '', text: error.message }] }
  throw error
}

function overtaken(
  service: FtpService,
  { fields, inputs, was }: PostedPage,
  touched: readonly FormField[],
  { changes }: ChangedMeanwhile,
): Saved {
  const { settings } = service.settings()
  const now = inputsOf(fields, settings)
  const kept = new Map([...now, ...touched.flatMap(({ path }) => entryOf(inputs, path))])
  const known = changes.flatMap(({ differences }) => differences)
  const found = changedFields(fields, was, settings).map((field) => ({
    path: PREFIX + field.path,
    from: valueOf(field, was.get(field.path) ?? { text: '' }),
    to: at(settings, field.path),
  }))
  const names = [...new Set(changes.map(({ by }) => by))]
  return { kind: 'overtaken', meanwhile: { names, differences: known.length > 0 ? known : found }, inputs: kept }
}

function entryOf(inputs: Inputs, path: string): [string, Typed][] {
  const typed = inputs.get(path)
  return typed ? [[path, typed]] : []
}
