/** An upload into memory: invisible until it is committed, kept or dropped as its tree says when it is abandoned. */
import type { Upload } from '../module/ftp/backend.ts'
import { nameOf, type VirtualPath } from '../module/ftp/pathname.ts'
import { MemoryContent } from './memory-content.ts'
import { failure, type MemoryTree } from './memory-tree.ts'

export class MemoryUpload implements Upload {
  readonly path: VirtualPath
  readonly offset: number
  readonly #files: MemoryTree
  readonly #content: MemoryContent
  #position: number
  #reserved = 0
  #ended = false

  constructor(files: MemoryTree, path: VirtualPath, offset: number, over: MemoryContent | undefined) {
    this.#files = files
    this.path = path
    this.offset = offset
    this.#position = offset
    this.#content = over?.copy() ?? new MemoryContent()
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
    this.#files.open -= 1
  }
}
