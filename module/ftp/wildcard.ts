/** Name patterns with `*` and `?`, matched in linear space and without backtracking over more than one star (attack 36). */

/** Whether a name fits a pattern: `*` is any run of characters, `?` is one. Case counts. */
export function matchesWildcard(pattern: string, name: string): boolean {
  let at = 0
  let from = 0
  let star = -1
  let retry = 0
  while (from < name.length) {
    const wanted = pattern[at]
    if (wanted === '*') {
      star = at++
      retry = from
    } else if (wanted === '?' || wanted === name[from]) {
      at++
      from++
    } else if (star >= 0) {
      // Only the last star need take one more character.
      at = star + 1
      from = ++retry
    } else return false
  }
  while (pattern[at] === '*') at++
  return at === pattern.length
}
