/** Tables whose rows are added and taken away before anything is saved; a browser without script does it this way. */
import type { Inputs } from './form.ts'

/** Blank rows at once: those that stay blank are forgotten with the next press. */
const MORE = 3

/** The inputs with more blank rows in a table; `path` is what the button said, whatever that may be. */
export function withRow(inputs: Inputs, path: string): Inputs {
  const typed = inputs.get(path)
  return typed && 'rows' in typed
    ? new Map([...inputs, [path, { rows: [...typed.rows, ...Array.from({ length: MORE }, () => ({}))] }]])
    : inputs
}

/** The inputs without a row, `listeners.2`. */
export function withoutRow(inputs: Inputs, place: string): Inputs {
  const [, path = '', row = ''] = /^(.+)\.(\d{1,3})$/.exec(place) ?? []
  const typed = inputs.get(path)
  if (!typed || !('rows' in typed)) return inputs
  return new Map([...inputs, [path, { rows: typed.rows.filter((_, at) => at !== Number(row)) }]])
}
