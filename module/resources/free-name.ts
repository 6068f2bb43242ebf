/** Names that are not taken yet, for STOU and for drop boxes: `scan.pdf`, then `scan (2).pdf` and so on. */
import { randomBytes } from 'node:crypto'
import { octetLength } from '../ftp/octets.ts'
import { lookAt, realOf, type Spot } from './account-tree.ts'

/** Numbers tried before a random one: finding a name must not cost more with every file that is there. */
const TRIES = 50
const MAX_BYTES = 255

/** Names promised to uploads that have not ended, by real path; of the whole process, as the disk is. */
const promised = new Set<string>()

/** A name with a mark before its extension, shortened until it fits. */
export function marked(name: string, mark: string): string {
  const dot = name.lastIndexOf('.')
  const [stem, extension] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, '']
  const characters = Array.from(stem)
  for (;;) {
    const text = `${characters.join('')} (${mark})${extension}`
    if (octetLength(text) <= MAX_BYTES) return text
    // An extension that alone is too long is no extension.
    if (characters.length === 0) return marked(name.slice(0, 64).replaceAll('.', '_'), mark)
    characters.pop()
  }
}

/** A spot like this one whose name is free, promised until {@link giveBack}. */
export async function freeSpot(spot: Spot): Promise<Spot> {
  for (let number = 1; ; number++) {
    const mark = number > TRIES ? randomBytes(6).toString('hex') : String(number)
    const candidate = spot.beside(number === 1 ? spot.name : marked(spot.name, mark))
    const real = realOf(candidate)
    if (promised.has(real)) continue
    promised.add(real)
    if ((await lookAt(candidate)) === undefined) return candidate
    promised.delete(real)
  }
}

/** The upload to this spot has ended. */
export function giveBack(spot: Spot): void {
  promised.delete(realOf(spot))
}
