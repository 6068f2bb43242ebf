/** A checked document in a durable file: found broken it is set aside and the version before is used, and that is said. */
import { Low } from 'lowdb'
import { basename } from 'node:path'
import type { DurableFile } from './durable-file.ts'
import { UnreadableFile } from './durable-file.ts'
import { SettingsError } from './problems.ts'

export interface Loaded<Content> {
  /** Null when there is no file yet. */
  readonly content: Content | null
  /** What people should know: a file was set aside. */
  readonly notices: readonly string[]
}

/**
 * Reads and checks a document. `check` makes the content out of what was stored and throws {@link SettingsError}. A file that
 * cannot be used gives way to the one before; where that cannot be used either, the first one stays where it is and its problem
 * is thrown.
 */
export async function loadDocument<Content>(
  file: DurableFile,
  check: (stored: unknown) => Content,
): Promise<Loaded<Content>> {
  await file.sweep()
  const present = await attempt(() => stored(file), check, basename(file.path))
  if (present.content !== null) return { content: present.content, notices: [] }
  const previous = await attempt(() => file.readPrevious(), check, basename(file.previousPath))
  if (previous.content === null) {
    if (present.error ?? previous.error) throw present.error ?? previous.error
    return { content: null, notices: [] }
  }
  const notice = present.error ? await giveWay(file, present.error) : `${file.path} was missing`
  await file.write(previous.stored)
  return { content: previous.content, notices: [`${notice}; the version before is used.`] }
}

async function giveWay(file: DurableFile, error: SettingsError): Promise<string> {
  return `${error.message.split('\n')[0]}; it was set aside as ${await file.setAside()}`
}

async function stored(file: DurableFile): Promise<unknown> {
  const low = new Low(file, null)
  await low.read()
  return low.data
}

/** The checked content, null when there is none, or what is wrong with it. */
async function attempt<Content>(
  read: () => Promise<unknown>,
  check: (stored: unknown) => Content,
  name: string,
): Promise<{ content: Content | null; stored?: unknown; error?: SettingsError }> {
  try {
    const value = await read()
    return { content: value === null ? null : check(value), stored: value }
  } catch (error) {
    if (error instanceof SettingsError) return { content: null, error: new SettingsError(error.problems, name) }
    if (error instanceof UnreadableFile) {
      return { content: null, error: new SettingsError([{ path: '', text: error.message }], name) }
    }
    throw error
  }
}
