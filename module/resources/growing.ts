/**
 * Files that uploads write to in place now. What such a file takes on the disk runs ahead of what is counted of it, so whatever
 * counts such a file, or no longer counts it, goes by what is counted.
 */
import type { Stats } from 'node:fs'

interface Growth {
  /** Bytes of the file that folders count. */
  counted: number
  writers: number
}

const keyOf = ({ dev, ino }: Stats): string => `${dev}:${ino}`

export class Growing {
  readonly #files = new Map<string, Growth>()

  /** An upload has opened the file and has not changed it yet. */
  begin(file: Stats): void {
    const known = this.#files.get(keyOf(file))
    if (known) known.writers += 1
    else this.#files.set(keyOf(file), { counted: file.size, writers: 1 })
  }

  /** It will write no more. */
  end(file: Stats): void {
    const known = this.#files.get(keyOf(file))
    if (!known) return
    known.writers -= 1
    if (known.writers === 0) this.#files.delete(keyOf(file))
  }

  /** Bytes of a file that are counted now. */
  counted(file: Stats): number {
    return (this.#files.size === 0 ? undefined : this.#files.get(keyOf(file))?.counted) ?? file.size
  }

  /** Counts what one upload wrote, the last one what is left; answers what was counted before and what is now. */
  settle(file: Stats, written: number): { readonly before: number; readonly after: number } {
    const known = this.#files.get(keyOf(file))
    if (!known) return { before: file.size, after: file.size }
    const before = known.counted
    const rest = file.size - before
    known.counted += known.writers > 1 ? Math.min(written, rest) : rest
    return { before, after: known.counted }
  }
}
