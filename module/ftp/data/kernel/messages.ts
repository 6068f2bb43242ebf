/** What the threads of the kernel mover are told, and what they answer. */
import type { ContextSettings } from '../../tls.ts'

/** How a thread protects a connection before the first octet. */
export interface Protection {
  readonly settings: ContextSettings
  /** Milliseconds until an unfinished handshake is given up. */
  readonly patience: number
  /** Whether the client must go on with a session of these settings. */
  readonly mustResume: boolean
  /** Whether an end without close_notify is none. */
  readonly strictEnd: boolean
  /** Where the handshake has been done already: what `Tls.give` told. */
  readonly tls?: number | undefined
}

export type Command =
  /** Both descriptors are the thread's own from here on: it closes them before it answers `ended`. */
  | {
      readonly kind: 'send' | 'receive'
      readonly id: number
      readonly socket: number
      readonly file: number
      /** Where the first octet is read or goes, octets from the start of the file. */
      readonly from: number
      /** Where a file that goes out is expected to end; Infinity where nobody knows. */
      readonly until: number
      /** Octets that may pass before anything is asked; Infinity: all, unless it is `held`. */
      readonly credit: number
      /** Milliseconds without a moving octet after which it answers `stalled`. */
      readonly stall: number
      /** Absent = clear. */
      readonly protection?: Protection
    }
  /** So many octets more may pass, as for `credit`. */
  | { readonly kind: 'granted'; readonly id: number; readonly octets: number }
  /** What was granted without an end is over: from here on it asks. */
  | { readonly kind: 'held'; readonly id: number }
  /** Stop as soon as possible; `ended` follows all the same. */
  | { readonly kind: 'cut'; readonly id: number }

export type Answer =
  | { readonly kind: 'moved'; readonly id: number; readonly octets: number }
  /** `wanted` octets more may pass soon, when granted. Asked again only after a grant. */
  | { readonly kind: 'asked'; readonly id: number; readonly wanted: number }
  | { readonly kind: 'stalled'; readonly id: number }
  /** The last word of a transfer: its descriptors are closed. */
  | { readonly kind: 'ended'; readonly id: number; readonly failure?: Failure }

/**
 * What broke, by the name of its errno or the reason that OpenSSL gives. `resumption`: a new session where an old one is
 * wanted; `cut`: all of an upload that came before an end without close_notify has been written.
 */
export interface Failure {
  readonly side: 'network' | 'file' | 'handshake' | 'resumption' | 'cut'
  readonly code: string
}
