/**
 * The engine's ports: what an embedder implements. The engine knows accounts, files and rules only through these
 * interfaces, so that a fake of them runs the whole of it in memory.
 */
import type { ListingForm } from './listing-form.ts'
import type { VirtualPath } from './pathname.ts'
import type { Verdict } from './verdict.ts'

export interface Backend {
  readonly gate: Gate
  readonly accounts: Accounts
}

/** The program at the other end of a control connection; never changes while the session lives. */
export interface Client {
  /** Unique, also among the sessions of earlier runs: the log tells them apart by it. */
  readonly id: string
  /** Canonical text of the address: IPv4 also where it arrived as `::ffff:a.b.c.d`, no zone id. */
  readonly address: string
  readonly port: number
  /** Our own end of the control connection, canonical as above. */
  readonly localAddress: string
  readonly localPort: number
  /** When the connection was accepted, wall clock, milliseconds since 1970; for people only. */
  readonly since: number
}

/** Who may come in at all. */
export interface Gate {
  /** Asked once for each connection, before the greeting (or the TLS handshake of an implicit listener). */
  admit(client: Client, domain: string): Verdict | Promise<Verdict>
  /** Asked when `HOST` (RFC 7151) moves the session to another domain. */
  admitHost(client: Client, domain: string): Verdict | Promise<Verdict>
}

export interface LoginRequest {
  readonly client: Client
  /** The domain chosen by listener, SNI or `HOST`. */
  readonly domain: string
  readonly user: string
  readonly password: string
  /** Whether the control connection is protected by TLS. */
  readonly secure: boolean
}

export type LoginAnswer = { readonly account: Account } | { readonly refused: Verdict }

/** Who may log in. */
export interface Accounts {
  /**
   * Checks name and password. A wrong password, an unknown name and an account that may not come from this address take the
   * same time and differ in nothing the client can see (RFC 2577 section 7).
   */
  login(request: LoginRequest): Promise<LoginAnswer>
}

/** One logged-in account; the engine asks it again at every decision, so that a change reaches live sessions. */
export interface Account {
  readonly name: string
  readonly guest: boolean
  readonly files: Files
  /** Where a session begins; `/` if absent or not to be entered. */
  readonly home?: VirtualPath
  /** Asked before every command: an account disabled or deleted since then loses the session at its next command. */
  standing(): Verdict
  /** The limits as they are now. */
  limits(): AccountLimits
  /** The session has ended or logged out. */
  release?(): void
}

export interface AccountLimits {
  /** Sessions of this account at once; absent = unlimited. */
  readonly sessions?: number
  /** Sessions of this account from one address at once; absent = unlimited. */
  readonly sessionsPerHost?: number
  /** Seconds without a command or data before the session is closed; absent = the server's own. */
  readonly idleSeconds?: number
  /** Seconds a session may last in all; absent = the server's own. */
  readonly sessionSeconds?: number
  readonly download: readonly SpeedLimit[]
  readonly upload: readonly SpeedLimit[]
}

/** A speed limit; all transfers that name the same key share it fairly. */
export interface SpeedLimit {
  readonly key: string
  readonly bytesPerSecond: number
}

/** What a client may do with a file or a directory; the boxes of the rights dialog. */
export const RIGHTS = [
  'download',
  'upload',
  'overwrite',
  'append',
  'rename',
  'delete',
  'list',
  'createDirectory',
  'renameDirectory',
  'removeDirectory',
] as const
export type Right = (typeof RIGHTS)[number]

/** What a file or directory is, as far as clients are told. Links appear as what they lead to; devices, sockets and FIFOs never appear. */
export interface Entry {
  readonly name: string
  readonly type: 'file' | 'directory'
  /** Bytes; 0 for a directory. */
  readonly size: number
  /** Last change of the content, milliseconds since 1970 UTC. */
  readonly modified: number
  /** The permission bits, `0o000` to `0o777`. */
  readonly mode: number
  /** The same text for one file under every name, another text for every other file (RFC 3659 section 7.5.2). */
  readonly unique: string
  readonly links: number
  /** What this account may do here; one object is shared by all entries it is true of. */
  readonly rights: ReadonlySet<Right>
}

/**
 * The tree that one account sees: `/` holds the resources it has a right in. Every method enforces the account's rights
 * itself and fails with a {@link FilesError}; a path the account may not know of fails as `missing`.
 */
export interface Files {
  /** Whether at least one of the rights holds at the path; cheap, without a look at the disk. */
  may(rights: readonly Right[], path: VirtualPath): Verdict
  stat(path: VirtualPath): Promise<Entry>
  /** What `CWD` asks: the path is a directory that the account may enter. */
  enter(path: VirtualPath): Promise<void>
  /** The content of a directory in the order of the disk, in batches; `.` and `..` are left out. Needs `list`. */
  list(path: VirtualPath): AsyncIterable<readonly Entry[]>
  /**
   * The same as lines of a listing with their ends, only names that fit a pattern with `*` and `?`: for backends that make
   * them faster than from entries. A chunk is valid until the next is asked for.
   */
  lines?(path: VirtualPath, form: ListingForm, pattern?: string): AsyncIterable<Buffer>
  /** Opens a file to be sent. Needs `download`. */
  read(path: VirtualPath): Promise<Download>
  /** Opens a file to be received; which right is needed depends on the mode and on what is there. */
  write(path: VirtualPath, request: UploadRequest): Promise<Upload>
  /** Removes a file. Needs `delete`. */
  remove(path: VirtualPath): Promise<void>
  /** Needs `rename` (files) or `renameDirectory` at both ends, `overwrite` where a file is replaced. */
  rename(from: VirtualPath, to: VirtualPath): Promise<void>
  makeDirectory(path: VirtualPath): Promise<void>
  removeDirectory(path: VirtualPath): Promise<void>
  /** Sets the time of the last change, milliseconds since 1970 UTC. Needs `overwrite` (files) or `renameDirectory`. */
  setModified(path: VirtualPath, time: number): Promise<void>
  /** Sets the permission bits, `0o000` to `0o777`. Needs `overwrite`; files only. */
  setMode(path: VirtualPath, mode: number): Promise<void>
  /** Bytes that could still be uploaded below the path: disk, resource and quota, the smallest. */
  available(path: VirtualPath): Promise<number>
}

/** An opened file on its way to the client. */
export interface Download {
  readonly size: number
  readonly modified: number
  /** The descriptor, where the file has one: movers and hash workers may read it by themselves until `close`. */
  readonly fd?: number
  /** Fills the buffer from the position, in bytes from the start; answers how many were read, 0 at the end. */
  read(buffer: Uint8Array, position: number): Promise<number>
  /** The same without a promise, where the octets can be had without holding anybody up; undefined where they cannot. */
  readNow?(buffer: Uint8Array, position: number): number | undefined
  close(): Promise<void>
}

export interface UploadRequest {
  /**
   * `replace`: a new file or instead of an old one (STOR). `append`: behind what is there (APPE). `unique`: under a name that
   * did not exist (STOU). `restart`: over what is there from `offset` on (REST and STOR).
   */
  readonly mode: 'replace' | 'append' | 'unique' | 'restart'
  /** For `restart`: bytes from the start, at most the size of the file, else the write fails as `offset`. */
  readonly offset?: number
  /** The size announced by ALLO, if any: too much is refused before the data. */
  readonly expectedBytes?: number
}

/** An opened file on its way from the client. Exactly one of `commit` and `abandon` ends it. */
export interface Upload {
  /** The name it will have; differs from the one asked for in mode `unique` and in a guests' drop box. */
  readonly path: VirtualPath
  /** The descriptor, where a mover may write to it at any place by itself; it calls `reserve` first. */
  readonly fd?: number | undefined
  /** Where the first byte goes, in bytes from the start of the file. */
  readonly offset: number
  /** Takes bytes from the quota and the size limits before they are written. Fails as `quota`, `too-large` or `no-space`. */
  reserve(bytes: number): void
  /**
   * Bytes that a mover may reserve before they have come: so few of what is left that others are not refused for them, 0 close to a
   * limit. Absent = none.
   */
  readonly headroom?: number
  /** So many bytes have been written, behind those before, by a mover that does it by itself. */
  wrote?(bytes: number): void
  /** Reserves and writes at the end of what was written so far. */
  write(chunk: Uint8Array): Promise<void>
  /** Everything arrived: makes it safe on the disk and visible under its name. */
  commit(): Promise<void>
  /** It did not arrive whole: keeps or drops what came, as the resource is set; gives back what was reserved and not kept. */
  abandon(): Promise<void>
}

export type FilesErrorKind =
  | 'missing'
  | 'exists'
  | 'refused' // no right, a name pattern, a read-only disk: see the verdict
  | 'not-a-directory'
  | 'is-a-directory'
  | 'not-empty'
  | 'name' // the name is not possible here: too long, a reserved character
  | 'busy'
  | 'offset' // restart beyond the end of the file
  | 'no-space'
  | 'quota'
  | 'too-large'
  | 'input-output'

/** Why something with files did not happen. The message is for the log and may name real paths; clients never see it. */
export class FilesError extends Error {
  readonly kind: FilesErrorKind
  readonly verdict: Verdict
  constructor(kind: FilesErrorKind, verdict: Verdict, message?: string, options?: ErrorOptions) {
    super(message ?? `${kind} (${verdict.rule})`, options)
    this.name = 'FilesError'
    this.kind = kind
    this.verdict = verdict
  }
}
