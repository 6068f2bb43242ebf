/** The bytes of a file in memory: pages made when they are written, so that files of many GiB cost nothing. */

const PAGE = 64 * 1024

/** The byte at a position that was never written. */
type Filling = (position: number) => number

export class MemoryContent {
  size: number
  readonly #pages: Map<number, Buffer>
  readonly #filling: Filling | undefined

  /** A file of `size` bytes made by `filling` (zeros without one); only what is written over it takes memory. */
  constructor(size = 0, filling?: Filling, pages: ReadonlyMap<number, Buffer> = new Map()) {
    this.size = size
    this.#filling = filling
    this.#pages = new Map(pages)
  }

  static of(octets: string | Uint8Array): MemoryContent {
    const content = new MemoryContent()
    content.write(Buffer.from(octets as Uint8Array), 0)
    return content
  }

  /** A copy that can be written without touching this one. */
  copy(): MemoryContent {
    const pages = new Map([...this.#pages].map(([number, page]) => [number, Buffer.from(page)] as const))
    return new MemoryContent(this.size, this.#filling, pages)
  }

  /** Fills the buffer from the position; answers how many bytes there were. */
  read(buffer: Uint8Array, position: number): number {
    const length = Math.max(0, Math.min(buffer.length, this.size - position))
    for (let done = 0; done < length;) {
      const [number, from] = [Math.floor((position + done) / PAGE), (position + done) % PAGE]
      const count = Math.min(length - done, PAGE - from)
      const page = this.#pages.get(number) ?? this.#made(number, from, from + count)
      buffer.set(page.subarray(from, from + count), done)
      done += count
    }
    return length
  }

  write(chunk: Uint8Array, position: number): void {
    for (let done = 0; done < chunk.length;) {
      const [number, from] = [Math.floor((position + done) / PAGE), (position + done) % PAGE]
      const count = Math.min(chunk.length - done, PAGE - from)
      let page = this.#pages.get(number)
      if (!page) this.#pages.set(number, (page = this.#made(number, 0, PAGE)))
      page.set(chunk.subarray(done, done + count), from)
      done += count
    }
    this.size = Math.max(this.size, position + chunk.length)
  }

  /** The whole of it, or what begins at a position. */
  octets(from = 0): Buffer {
    const all = Buffer.alloc(this.size - from)
    this.read(all, from)
    return all
  }

  #made(number: number, from: number, to: number): Buffer {
    const page = Buffer.alloc(PAGE)
    if (this.#filling) for (let at = from; at < to; at++) page[at] = this.#filling(number * PAGE + at)
    return page
  }
}
