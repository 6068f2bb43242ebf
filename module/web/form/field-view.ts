/** A field as the views show it: texts in the language of the page, what stands in the inputs, errors beside them. */
import type { FieldError } from './errors.ts'
import type { FormField } from './field.ts'
import type { Typed, TypedRow } from './typed.ts'
import { cellName } from './typed.ts'
import { multiplesOf } from './unit.ts'
import type { Speech } from './words.ts'
import { boundsText, helpText, labelKey, optionText, wordText } from './words.ts'

export interface FieldView {
  readonly path: string
  readonly kind: FormField['kind']
  readonly label: string
  readonly help: string
  readonly unit: string
  /** Shown in an empty input. */
  readonly placeholder: string
  readonly text: string
  readonly checked: boolean
  /** Units to choose from; empty where there is nothing to choose. */
  readonly multiples: readonly { readonly value: string; readonly label: string; readonly current: boolean }[]
  readonly options: readonly { readonly value: string; readonly label: string; readonly checked: boolean }[]
  readonly columns: readonly string[]
  readonly rows: readonly (readonly CellView[])[]
  readonly error: string
}

export interface CellView {
  readonly name: string
  readonly label: string
  readonly kind: FormField['kind']
  readonly text: string
  readonly placeholder: string
  readonly error: string
}

/** The text of an error, in the language of the page. */
export type ErrorText = (error: FieldError) => string

/** What the views need of one field. */
export function fieldView(
  speech: Speech,
  field: FormField,
  typed: Typed,
  errors: readonly FieldError[],
  errorText: ErrorText,
): FieldView {
  const { t } = speech
  const errorAt = (name: string) =>
    errors
      .filter((error) => error.name === name)
      .map(errorText)
      .join(' ')
  const text = 'text' in typed ? typed.text : ''
  return {
    path: field.path,
    kind: field.kind,
    label: t(labelKey(field.path)),
    help: [helpText(speech, field.path), boundsText(speech, field)].filter(Boolean).join(' '),
    unit: field.unit && multiplesOf(field.unit).length === 0 ? t(`settings.units.${field.unit}`) : '',
    placeholder: wordText(speech, field),
    text: field.kind === 'number' && errorAt(field.path) === '' ? text.replace('.', t('settings.decimal')) : text,
    checked: 'checked' in typed && typed.checked,
    multiples: multiplesOf(field.unit).map((value) => ({
      value,
      label: field.unit === 'speed' ? t('units.perSecond', { amount: t(`units.${value}`) }) : t(`units.${value}`),
      current: 'multiple' in typed && typed.multiple === value,
    })),
    options: options(speech, field, typed),
    columns: (field.columns ?? []).map((column) => t(labelKey(`${field.path}.${column.path}`))),
    rows: 'rows' in typed ? rows(speech, field, typed.rows, errorAt) : [],
    error: errorAt(field.path),
  }
}

function options(speech: Speech, field: FormField, typed: Typed): FieldView['options'] {
  const chosen = 'chosen' in typed ? typed.chosen : 'text' in typed ? [typed.text] : []
  // What is stored and no longer known stays visible: it can be taken away only where it can be seen.
  const unknown = field.kind === 'choices' ? chosen.filter((value) => !field.options?.includes(value)) : []
  return [...(field.options ?? []), ...unknown].map((value) => ({
    value,
    label: optionText(speech, field, value),
    checked: chosen.includes(value),
  }))
}

/** The rows, and a blank one under them. */
function rows(
  speech: Speech,
  field: FormField,
  typed: readonly TypedRow[],
  errorAt: (name: string) => string,
): FieldView['rows'] {
  return [...typed, {}].map((row: TypedRow, at) =>
    (field.columns ?? []).map((column) => {
      const name = cellName(field.path, at, column.path)
      return {
        name,
        label: speech.t(labelKey(`${field.path}.${column.path}`)),
        kind: column.kind,
        text: row[column.path] ?? '',
        placeholder: wordText(speech, column) || (typeof column.default === 'string' ? column.default : ''),
        error: errorAt(name),
      }
    }),
  )
}
