/** An upload into memory: invisible until it is committed, kept or dropped as its tree says when it is abandoned. */
import { closeSync, readSync } from 'node:fs'
import type { Upload } from '../module/ftp/backend.ts'
import { nameOf, type VirtualPath } from '../module/ftp/pathname.ts'
import { bareFile } from './bare-file.ts'
import { MemoryContent } from './memory-content.ts'
import { failure, type MemoryTree } from './memory-tree.ts'

export class MemoryUpload implements Upload {
  readonly path: VirtualPath
  readonly offset: number
  readonly #files: MemoryTree
  readonly #content: MemoryContent
  /** A mover may write to it by itself; what it wrote is read back at once. */
  readonly fd: number | undefined
  #position: number
  #reserved = 0
  #ended = false

  constructor(files: MemoryTree, path: VirtualPath, offset: number, over?: MemoryContent, bare = false) {
    this.#files = files
    this.path = path
    this.offset = offset
    this.#position = offset
    this.#content = over?.copy() ?? new MemoryContent()
    this.fd = bare ? bareFile(this.#content.octets(), files.diskOf(path)) : undefined
    files.open += 1
  }

  reserve(bytes: number): void {
    this.#files.check(bytes, this.#position + bytes)
    this.#files.quota -= bytes
    this.#reserved += bytes
  }

  async write(chunk: Uint8Array): Promise<void> {
    if (nameOf(this.path) === 'fails-on-write.bin') throw failure('input-output')
    if (nameOf(this.path) === 'no-space.bin') throw failure('no-space')
    this.reserve(chunk.length)
    if (this.#position >= 1000) await this.#files.slow(this.path)
    this.#content.write(chunk, this.#position)
    this.#position += chunk.length
  }

  wrote(bytes: number): void {
    if (this.fd === undefined) throw new Error('nobody can have written')
    const octets = Buffer.alloc(bytes)
    const length = readSync(this.fd, octets, 0, bytes, this.#position)
    if (length !== bytes) throw new Error(`${bytes} were told and ${length} written`)
    this.#content.write(octets, this.#position)
    this.#position += bytes
  }

  async commit(): Promise<void> {
    if (nameOf(this.path) === 'fails-on-commit.bin') throw failure('input-output')
    this.#end()
    this.#files.store(this.path, this.#content)
  }

  async abandon(): Promise<void> {
    this.#end()
    if (this.#files.partial === 'keep') this.#files.store(this.path, this.#content)
    else this.#files.quota += this.#reserved
  }

  #end(): void {
    if (this.#ended) throw new Error(`the upload of ${this.path} was ended twice`)
    this.#ended = true
    if (this.fd !== undefined) closeSync(this.fd)
    this.#files.open -= 1
  }
}
