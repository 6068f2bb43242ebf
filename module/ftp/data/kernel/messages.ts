/** What the threads of the kernel mover are told, and what they answer. */

export type Command =
  /** Both descriptors are the thread's own from here on: it closes them before it answers `ended`. */
  | {
      readonly kind: 'send' | 'receive'
      readonly id: number
      readonly socket: number
      readonly file: number
      /** Where the first octet is read or goes, octets from the start of the file. */
      readonly from: number
      /** Octets that may pass before anything is asked. */
      readonly credit: number
      /** Milliseconds without a moving octet after which it answers `stalled`. */
      readonly stall: number
    }
  /** So many octets more may pass. */
  | { readonly kind: 'granted'; readonly id: number; readonly octets: number }
  /** Stop as soon as possible; `ended` follows all the same. */
  | { readonly kind: 'cut'; readonly id: number }

export type Answer =
  | { readonly kind: 'moved'; readonly id: number; readonly octets: number }
  /** `wanted` octets more may pass soon, when granted. Asked again only after a grant. */
  | { readonly kind: 'asked'; readonly id: number; readonly wanted: number }
  | { readonly kind: 'stalled'; readonly id: number }
  /** The last word of a transfer: its descriptors are closed. */
  | { readonly kind: 'ended'; readonly id: number; readonly failure?: Failure }

/** What broke, by the name of its errno. */
export interface Failure {
  readonly side: 'network' | 'file'
  readonly code: string
}
