/** A storage root on the real disk with resources over it, removed at the end. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect } from 'chai'
import {
  FilesError,
  type Entry,
  type Files,
  type FilesErrorKind,
  type UploadRequest,
} from '../../module/ftp/backend.ts'
import { resolvePathname, ROOT, type VirtualPath } from '../../module/ftp/pathname.ts'
import { createResources, type Resources, type Visitor } from '../../module/resources/resources.ts'
import { resource, type Resource } from '../../module/settings/resource.ts'
import type { z } from 'zod'

export type ResourceInput = z.input<typeof resource>

/** A virtual path from text. */
export function at(path: string): VirtualPath {
  return resolvePathname(ROOT, path)
}

/** A visitor from the LAN. */
export function visitor(name: string, more: Partial<Visitor> = {}): Visitor {
  return { name, groups: [], guest: false, address: '192.0.2.7', lan: true, ...more }
}

export const guest = (more: Partial<Visitor> = {}): Visitor => visitor('anonymous', { guest: true, ...more })

/** A resource named `Share` in folder `share` in which anna may do everything; not durable, for speed. */
export function share(more: Partial<ResourceInput> = {}): ResourceInput {
  return {
    name: 'Share',
    folder: 'share',
    rights: [{ user: 'anna', level: 'readWrite' }],
    ...more,
    options: { durable: false, ...more.options },
  }
}

export class World implements AsyncDisposable {
  readonly folder: string
  readonly storage: string
  readonly state: string
  resources: Resources

  constructor(base = tmpdir()) {
    this.folder = mkdtempSync(join(base, 'resources-'))
    this.storage = join(this.folder, 'storage')
    this.state = join(this.folder, 'state')
    this.resources = createResources({ stateFolder: this.state })
    mkdirSync(join(this.storage, 'share'), { recursive: true })
  }

  async set(...inputs: ResourceInput[]): Promise<void> {
    const parsed: Resource[] = inputs.map((input) => resource.parse(input))
    await this.resources.update(parsed, [{ id: 'disk', label: 'Disk', path: this.storage, readOnly: false }])
  }

  /** The same state after an orderly stop or, without, as after a crash. */
  async restart(orderly: boolean, ...inputs: ResourceInput[]): Promise<void> {
    if (orderly) await this.resources.close()
    this.resources = createResources({ stateFolder: this.state })
    await this.set(...inputs)
  }

  files(who: Visitor | string = 'anna'): Files {
    const known = typeof who === 'string' ? visitor(who) : who
    return this.resources.filesFor(() => known)
  }

  /** Real path below the storage root. */
  disk(path: string): string {
    return join(this.storage, path)
  }

  put(path: string, text: string | Uint8Array = ''): string {
    mkdirSync(dirname(this.disk(path)), { recursive: true })
    writeFileSync(this.disk(path), text)
    return this.disk(path)
  }

  text(path: string): string {
    return readFileSync(this.disk(path), 'utf8')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.resources.close()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** Runs a test in a world that is removed afterwards. */
export function inWorld(work: (world: World) => Promise<void>, base?: string): () => Promise<void> {
  return async () => {
    await using world = new World(base)
    await work(world)
  }
}

/** The error something fails with; it must be of this kind, and of this rule if one is named. */
export async function fails(work: Promise<unknown>, kind: FilesErrorKind, rule?: string): Promise<FilesError> {
  const error: unknown = await work.then(
    () => expect.fail(`did not fail as ${kind}`),
    (reason: unknown) => reason,
  )
  if (!(error instanceof FilesError)) throw error
  expect(error.kind, error.message).to.equal(kind)
  expect(error.verdict.allowed).to.be.false
  if (rule !== undefined) expect(error.verdict.rule).to.equal(rule)
  return error
}

export async function entries(files: Files, path: string): Promise<Entry[]> {
  const found: Entry[] = []
  for await (const batch of files.list(at(path))) found.push(...batch)
  return found
}

export async function names(files: Files, path: string): Promise<string[]> {
  return (await entries(files, path)).map(({ name }) => name).sort()
}

export async function download(files: Files, path: string): Promise<string> {
  const file = await files.read(at(path))
  try {
    const buffer = Buffer.alloc(file.size)
    let done = 0
    while (done < buffer.length) {
      const bytes = await file.read(buffer.subarray(done), done)
      if (bytes === 0) break
      done += bytes
    }
    return buffer.toString('utf8', 0, done)
  } finally {
    await file.close()
  }
}

/** Uploads text; answers the path it got. */
export async function upload(
  files: Files,
  path: string,
  text: string,
  request: Partial<UploadRequest> = {},
): Promise<string> {
  const file = await files.write(at(path), { mode: 'replace', ...request })
  try {
    await file.write(Buffer.from(text))
  } catch (error) {
    await file.abandon()
    throw error
  }
  await file.commit()
  return file.path
}
