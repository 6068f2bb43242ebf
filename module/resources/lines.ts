/** The content of a folder as the lines of a listing: the first ones made here, those of a large folder in a thread. */
import { closeSync, constants, fstatSync } from 'node:fs'
import type { Entry } from '../ftp/backend.ts'
import { writeLines, type ListingForm } from '../ftp/listing-form.ts'
import { OctetWriter } from '../ftp/octet-writer.ts'
import { matchesWildcard } from '../ftp/wildcard.ts'
import type { Confinement } from './confinement.ts'
import type { Folder } from './folder.ts'
import { FolderScan } from './folder-scan.ts'
import { folderCalls, type FolderCalls } from './libc.ts'
import { lendMemory, returnMemory } from './lines-memory.ts'
import { LinesScan, type LinesRequest } from './lines-scan.ts'
import { linesThread, type RemoteFolder } from './lines-thread.ts'
import type { Piece } from './lines-worker.ts'
import { entriesIn, linked } from './listing.ts'
import type { Pace } from './pace.ts'
import type { Place } from './share.ts'
import type { View } from './views.ts'

/** What is looked at here in one go, and how often, before a thread takes over. */
const BOUNDS = { octets: 60 * 1024, names: 1024, time: 0.5 }
const HERE = 4
/** Octets of a folder itself that is a thread's from the start, if one runs: some thousand names, whatever the file system. */
const LARGE = 64 * 1024

/** An open folder that may be listed. */
export interface Listed {
  readonly view: View
  readonly place: Place
  readonly folder: Folder
  /** Where it lies in the resource. */
  readonly relative: string
}

/** The lines of an open folder, which stays open until they are done with. A chunk is valid until the next is asked for. */
export async function* linesIn(
  confinement: Confinement,
  listed: Listed,
  form: ListingForm,
  pattern?: string,
): AsyncGenerator<Buffer> {
  const { view, place, folder, relative } = listed
  const calls = folderCalls()
  if (!calls) {
    for await (const entries of entriesIn(confinement, view, place.real, folder, relative)) {
      yield linesOf(
        pattern === undefined ? entries : entries.filter(({ name }) => matchesWildcard(pattern, name)),
        form,
      )
    }
    return
  }
  const hidden = view.share.resource.options.hiddenNames
  const request = { form, hidden, ...(pattern !== undefined && { pattern }), ...view.tree.within(relative) }
  const fd = await confinement.open(folder, '.', constants.O_RDONLY | constants.O_DIRECTORY)
  const reading = new Reading(calls, fd, folder.pace, request)
  try {
    for (let coming = reading.next(); ;) {
      const { lines, links, more } = await coming
      // The thread goes on while these lines are sent.
      if (more) coming = reading.next()
      coming.catch(() => undefined)
      if (lines.length > 0) yield Buffer.from(lines.buffer, 0, lines.length)
      // Not reached where the listing was given up: then the network may still be busy with them.
      returnMemory(lines.buffer)
      if (links.length > 0) yield linesOf(await ends(confinement, listed, links), form)
      if (!more) return
    }
  } finally {
    reading.close()
  }
}

/** Entries as lines. */
export function linesOf(entries: readonly Entry[], form: ListingForm): Buffer {
  const out = new OctetWriter(entries.length * 96)
  writeLines(out, entries, form)
  return out.take()
}

/** What links lead to; those that lead nowhere or out are left out. */
async function ends(confinement: Confinement, { view, place, folder }: Listed, links: readonly string[]) {
  const found: Entry[] = []
  for (const name of links) {
    const entry = await linked(confinement, view, place.real, folder, name).catch(() => undefined)
    if (entry) found.push(entry)
  }
  return found
}

/** One folder being read: here while its disk is quick and it is not large, then in a thread. */
class Reading {
  readonly #fd: number
  readonly #pace: Pace
  readonly #request: LinesRequest
  readonly #large: boolean
  readonly #lines: LinesScan
  #pieces = 0
  #remote: RemoteFolder | undefined
  #closed = false

  /** Takes the descriptor over. */
  constructor(calls: FolderCalls, fd: number, pace: Pace, request: LinesRequest) {
    this.#fd = fd
    this.#pace = pace
    this.#request = request
    this.#large = fstatSync(fd).size > LARGE
    this.#lines = new LinesScan(new FolderScan(calls, fd), request)
  }

  async next(): Promise<Piece> {
    const thread = linesThread(this.#pace)
    if (!this.#remote && this.#pieces < HERE && this.#pace.quick && !(this.#large && thread.up)) return this.#here()
    this.#remote ??= thread.open(this.#fd, this.#lines.scan.rest(), this.#request)
    return this.#remote.next()
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#lines.scan.end()
    if (this.#remote) this.#remote.close()
    else closeSync(this.#fd)
  }

  #here(): Piece {
    this.#pieces += 1
    const out = new OctetWriter(lendMemory())
    const more = this.#pace.direct(() => this.#lines.write(out, BOUNDS))
    return { lines: out.written, links: this.#lines.links.splice(0), more }
  }
}
