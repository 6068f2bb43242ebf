/** What clients write behind LIST, NLST and STAT: often options, as if a shell ran `ls`. */

/** The options that mean something here. They are never given to a program: 4,000 letters are as good as one. */
const KNOWN = ['a', 'l', 'R']

export interface ListArgument {
  /** The letters `a`, `l` and `R` as far as they were named, each once. */
  readonly options: string
  /** The rest of the line as one pathname, its spaces included; undefined = the current directory. */
  readonly pathname: string | undefined
}

/**
 * Splits leading words such as `-la` from the pathname behind them. A file may really be called `-la`: whoever calls looks for
 * that first.
 */
export function listArgument(text: string): ListArgument {
  const option = /-([A-Za-z0-9]+)(?: |$)/y
  let letters = ''
  let from = 0
  for (let match = option.exec(text); match; match = option.exec(text)) {
    letters += match[1] ?? ''
    from = option.lastIndex
  }
  const options = KNOWN.filter((letter) => letters.includes(letter)).join('')
  return { options, pathname: from < text.length ? text.slice(from) : undefined }
}
