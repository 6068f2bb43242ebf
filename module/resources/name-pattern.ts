/** File-name patterns of a resource: `*` any run of characters, `?` one character, without regard to case. */

/** Names as patterns see them: twins that a case-insensitive or normalising disk would open as the same file are one. */
function folded(name: string): string {
  return name.normalize('NFC').toLowerCase()
}

/**
 * What all spellings of a path have in common that some disk takes for the same one: FAT, exFAT, NTFS and network disks ask neither
 * for case nor for normalisation, and FAT drops dots and spaces at the end of a name.
 */
export function commonSpelling(path: string): string {
  return path
    .normalize('NFC')
    .toUpperCase()
    .toLowerCase()
    .replace(/[. ]{1,255}(?=\/|$)/g, '')
}

/** Where a piece (with `?`) occurs first at or after a position; -1 if nowhere. */
function find(text: string, piece: string, from: number): number {
  if (!piece.includes('?')) return text.indexOf(piece, from)
  for (let at = from; at + piece.length <= text.length; at++) if (holdsAt(text, piece, at)) return at
  return -1
}

function holdsAt(text: string, piece: string, at: number): boolean {
  if (at < 0 || at + piece.length > text.length) return false
  for (let index = 0; index < piece.length; index++) {
    const wanted = piece[index]
    if (wanted !== '?' && wanted !== text[at + index]) return false
  }
  return true
}

/** Pieces between the stars; each is looked for once, from left to right, so that no pattern can make it slow. */
function matches(pieces: readonly string[], text: string): boolean {
  const first = pieces[0] ?? ''
  const last = pieces.at(-1) ?? ''
  if (pieces.length === 1) return text.length === first.length && holdsAt(text, first, 0)
  if (text.length < first.length + last.length || !holdsAt(text, first, 0)) return false
  let from = first.length
  for (const piece of pieces.slice(1, -1)) {
    const at = find(text, piece, from)
    if (at === -1) return false
    from = at + piece.length
  }
  return text.length - last.length >= from && holdsAt(text, last, text.length - last.length)
}

/** A list of patterns, made ready once and asked often. */
export class NamePatterns {
  readonly #patterns: readonly { readonly text: string; readonly pieces: readonly string[] }[]

  constructor(patterns: readonly string[]) {
    this.#patterns = patterns.map((text) => ({ text, pieces: folded(text).split(/\*+/) }))
  }

  /** Whether there is no pattern at all. */
  get empty(): boolean {
    return this.#patterns.length === 0
  }

  /** The first pattern that a name matches, `undefined` if none does. */
  match(name: string): string | undefined {
    if (this.empty) return undefined
    const text = folded(name)
    // FAT drops dots and spaces at the end: `secret.txt.` opens `secret.txt`.
    const trimmed = text.replace(/[. ]{1,255}$/, '')
    return this.#patterns.find(({ pieces }) => matches(pieces, text) || (trimmed !== text && matches(pieces, trimmed)))
      ?.text
  }

  /** Whether any part of a relative path matches. */
  matchPath(path: string): boolean {
    return !this.empty && path.split('/').some((part) => this.match(part) !== undefined)
  }
}
