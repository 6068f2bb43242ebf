/** What went wrong as problem details (RFC 9457): a reason, never a stack or a path of the disk. */
import { STATUS_CODES } from 'node:http'
import { HttpError } from 'koa'
import { z } from 'zod'
import { FilesError } from '../../ftp/backend.ts'
import type { FilesErrorKind } from '../../ftp/backend.ts'
import { ChangedMeanwhile } from '../../service/changes.ts'
import { LockOut } from '../../service/rules.ts'
import { NotStored } from '../../settings/not-stored.ts'
import { SettingsError } from '../../settings/problems.ts'
import { brokenOff } from '../broken-off.ts'

export const problem = z.strictObject({
  type: z.literal('about:blank'),
  title: z.string(),
  status: z.int(),
  detail: z.string().optional(),
  errors: z
    .array(z.strictObject({ path: z.string(), detail: z.string(), got: z.string().optional() }))
    .optional()
    .describe('What is wrong with single values; `path` is empty for the whole.'),
})
export type Problem = z.infer<typeof problem>

/** Refuses a request with a status and a sentence for people. */
export class Refusal extends Error {
  readonly status: number
  constructor(status: number, detail: string) {
    super(detail)
    this.status = status
  }
}

const FILE_PROBLEMS: Readonly<Partial<Record<FilesErrorKind, readonly [number, string]>>> = {
  missing: [404, 'There is no such folder.'],
  exists: [409, 'There is something of this name already.'],
  refused: [403, 'The folder cannot be written to.'],
  name: [422, 'This name is not possible.'],
  'not-a-directory': [422, 'This is not a folder.'],
  'no-space': [507, 'The disk is full.'],
}

/** What the steps of the pages refuse with, as sentences. */
const STEPS: Readonly<Record<string, string>> = {
  'cross-site': 'The request came from another site.',
  'cross-origin': 'The request came from another site.',
  'form-token': 'A login of the pages needs the header X-CSRF-Token.',
}

/** The problem that an error is; undefined for one that nobody planned. */
export function problemOf(error: unknown): Problem | undefined {
  if (error instanceof Refusal) return ofStatus(error.status, error.message)
  if (error instanceof NotStored) {
    const [detail = ''] = error.problems.map(({ text }) => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`)
    return ofStatus(507, detail)
  }
  if (error instanceof SettingsError) {
    const errors = error.problems.map(({ path, text, got }) => ({
      path,
      detail: text,
      ...(got === undefined ? {} : { got }),
    }))
    return { ...ofStatus(422, 'Some values are not possible; nothing was changed.'), errors }
  }
  if (error instanceof LockOut) return ofStatus(409, error.message)
  if (error instanceof ChangedMeanwhile) return ofStatus(412, error.message)
  if (error instanceof FilesError) {
    const [status, detail] = FILE_PROBLEMS[error.kind] ?? [503, 'The storage does not answer as it should.']
    return ofStatus(status, detail)
  }
  if (brokenOff(error)) return ofStatus(400, 'The body does not end as it should.')
  if (error instanceof HttpError && error.status < 500) return ofStatus(error.status, STEPS[error.message])
  return undefined
}

export function ofStatus(status: number, detail?: string): Problem {
  const title = STATUS_CODES[status] ?? 'Error'
  return { type: 'about:blank', title, status, ...(detail === undefined ? {} : { detail }) }
}
