/** What is wrong with the text of a mask, in a form that pages translate and people understand. */

export type MaskProblemCode =
  | 'empty'
  | 'several' // more than one mask in one rule
  | 'everyone' // `*`, `all`, `any`
  | 'negation'
  | 'port'
  | 'brackets'
  | 'netmask'
  | 'full-range' // two whole addresses joined by a hyphen
  | 'parts' // not four octets or eight groups
  | 'zeros' // leading zeros: some programs read them as octal
  | 'reversed'
  | 'too-large'
  | 'part' // not a number, a range or `*`
  | 'prefix'
  | 'prefix-and-range'
  | 'mapped'
  | 'name'

export interface MaskProblem {
  readonly code: MaskProblemCode
  /** One English sentence or two. */
  readonly message: string
  /** A mask that was probably meant; always one that can be used. */
  readonly meant?: string
}

/** Ends the parsing of a mask; never leaves the parser. */
export class MaskError extends Error {
  readonly code: MaskProblemCode
  readonly meant: string | undefined
  constructor(code: MaskProblemCode, message: string, meant?: string) {
    super(message)
    this.name = 'MaskError'
    this.code = code
    this.meant = meant
  }
}
