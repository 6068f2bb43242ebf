/**
 * What the engine tells its observers: typed events, each plain data. Activity, journal, statistics and metrics are
 * observers; one that throws or is slow never touches a session.
 */
import type { Client } from './backend.ts'
import type { ReplyCode } from './reply.ts'
import type { Verdict } from './verdict.ts'

/** How a transfer ended: whole, cut by the client or an administrator, or refused by a disk, a quota or the network. */
export type TransferResult = 'complete' | 'aborted' | 'failed'

export interface TransferStart {
  /** Its own among all transfers of the process. */
  readonly id: number
  readonly direction: 'download' | 'upload' | 'listing'
  readonly verb: string
  readonly path: string
  /** Bytes expected in all, where known. */
  readonly size?: number
  /** Bytes from the start of the file at which it begins. */
  readonly offset: number
  /** Whether the data connection is protected by TLS. */
  readonly secure: boolean
}

export interface TransferEnd {
  readonly id: number
  readonly direction: TransferStart['direction']
  readonly verb: string
  /** The name the file has now; differs from the start's in a drop box. */
  readonly path: string
  /** Bytes of the file that were moved. */
  readonly bytes: number
  /** Monotonic seconds from the mark to the end. */
  readonly seconds: number
  readonly result: TransferResult
  readonly code: ReplyCode
}

export type FtpEvent =
  | { readonly kind: 'session-opened'; readonly session: Client; readonly domain: string; readonly secure: boolean }
  /** A connection that got no session: a limit or the gate stopped it before the greeting. */
  | {
      readonly kind: 'connection-refused'
      readonly session: Client
      readonly domain: string
      readonly verdict: Verdict
    }
  /** The control connection is protected from here on. */
  | { readonly kind: 'secured'; readonly session: Client; readonly protocol: string; readonly cipher: string }
  | { readonly kind: 'domain-chosen'; readonly session: Client; readonly domain: string }
  /** `text` is the line as received, printable, its password replaced by `****`. */
  | { readonly kind: 'command'; readonly session: Client; readonly verb: string; readonly text: string }
  /** `verdict`: why it refuses; every negative reply has one. */
  | {
      readonly kind: 'reply'
      readonly session: Client
      readonly code: ReplyCode
      readonly lines: readonly string[]
      readonly verdict?: Verdict
    }
  | {
      readonly kind: 'login'
      readonly session: Client
      readonly user: string
      readonly guest: boolean
      readonly verdict?: Verdict
    }
  | { readonly kind: 'login-failed'; readonly session: Client; readonly user: string; readonly verdict: Verdict }
  | { readonly kind: 'logout'; readonly session: Client; readonly user: string }
  | { readonly kind: 'client-named'; readonly session: Client; readonly name: string }
  | { readonly kind: 'directory'; readonly session: Client; readonly path: string }
  /** A command was refused by a rule (right, limit, quota, switched off). */
  | {
      readonly kind: 'refused'
      readonly session: Client
      readonly verb: string
      readonly path?: string
      readonly verdict: Verdict
    }
  /** The session may not go on since rules or its account have changed; it was idle and is closed. */
  | { readonly kind: 'expelled'; readonly session: Client; readonly user?: string; readonly verdict: Verdict }
  | { readonly kind: 'transfer-started'; readonly session: Client; readonly transfer: TransferStart }
  /** At most every 250 ms for one transfer. */
  | { readonly kind: 'transfer-progress'; readonly session: Client; readonly id: number; readonly bytes: number }
  | { readonly kind: 'transfer-ended'; readonly session: Client; readonly transfer: TransferEnd }
  /** A change in the tree that is no transfer. `to` for a rename. */
  | {
      readonly kind: 'changed'
      readonly session: Client
      readonly verb: string
      readonly path: string
      readonly to?: string
    }
  /** The client wrote `SITE MSG`. */
  | { readonly kind: 'message'; readonly session: Client; readonly text: string }
  /** Texts of administrators are on their way to the client, in the order in which they were given. */
  | { readonly kind: 'messages-sent'; readonly session: Client; readonly texts: readonly string[] }
  | {
      readonly kind: 'session-closed'
      readonly session: Client
      readonly user?: string
      readonly reason: CloseReason
      readonly seconds: number
      /** What ended it, where something of ours did. */
      readonly verdict?: Verdict
    }
  /** Something in the engine or a backend failed in a way nobody planned; the session got 451 or ended. */
  | { readonly kind: 'fault'; readonly session?: Client; readonly error: unknown }

/** Why a session ended. */
export type CloseReason =
  | 'quit'
  | 'lost' // the client went away
  | 'login-timeout'
  | 'idle-timeout'
  | 'session-timeout'
  | 'stalled' // the client does not read its replies
  | 'login-failures'
  | 'flood' // unknown commands, over-long lines, HTTP
  | 'replaced' // the same login and host needed the place of an idle session
  | 'account' // disabled, deleted or shut out by rules while here
  | 'kicked'
  | 'tls' // the handshake failed
  | 'shutdown'
  | 'fault'

export type Observer = (event: FtpEvent) => void
