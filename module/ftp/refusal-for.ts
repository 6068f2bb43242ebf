/** The reply that an error of a backend comes to: one table, so that the same trouble has the same code everywhere. */
import { FilesError } from './backend.ts'
import type { FilesErrorKind } from './backend.ts'
import { Refusal } from './reply.ts'
import type { ReplyCode } from './reply.ts'

const NOT_FOUND = 'No such file or directory.'

/** RFC 959 section 4.2.2: what was refused of a name that is there (550), and of a name to be made (553). */
const REPLIES: Record<FilesErrorKind, readonly [existing: ReplyCode, toBeMade: ReplyCode, text: string]> = {
  missing: [550, 553, NOT_FOUND],
  exists: [550, 553, 'That name is taken.'],
  refused: [550, 553, 'Permission denied.'],
  'not-a-directory': [550, 553, 'Not a directory.'],
  'is-a-directory': [550, 553, 'Is a directory.'],
  'not-empty': [550, 553, 'The directory is not empty.'],
  name: [550, 553, 'That name is not possible here.'],
  busy: [450, 450, 'The file is busy.'],
  offset: [554, 554, 'The restart offset lies beyond the end of the file.'],
  'no-space': [452, 452, 'There is not enough space on the disk.'],
  quota: [552, 552, 'The quota is used up.'],
  'too-large': [552, 552, 'The file is larger than allowed here.'],
  'input-output': [451, 451, 'The disk failed.'],
}

/** The refusal for an error, or undefined for one that nobody planned. `making`: the command creates the name it was given. */
export function refusalFor(error: unknown, making: boolean): Refusal | undefined {
  if (error instanceof Refusal) return error
  if (!(error instanceof FilesError)) return undefined
  const [existing, toBeMade, text] = REPLIES[error.kind]
  return new Refusal(making ? toBeMade : existing, error.verdict.hidden ? NOT_FOUND : text, error.verdict)
}
