/** The contract between the module and the appliance's shell that it lives in: types only (design section 7). */

import type { Context } from 'koa'

export type Unsubscribe = () => void

/** What an administrator may do: look, act on the running service (sessions, on and off), or change everything. */
export type Permission = 'view' | 'operate' | 'manage'

/** Who asks for a page. */
export interface Identity {
  /** Stable login name; goes into the log. */
  readonly name: string
  readonly permission: Permission
  /** Opaque and secret: what forms of this login are bound to. */
  readonly sessionId: string
}

/** How pages have to look for whoever asks. */
export interface Presentation {
  /** Language tag such as `ru` or `en-GB`. */
  readonly locale: string
  /** IANA name. */
  readonly timeZone: string
  readonly theme: 'light' | 'dark' | 'auto'
  /** `page`: we draw the whole page. `frame`: the shell shows it in a frame of its own origin. `fragment`: only the content. */
  readonly embed: 'page' | 'frame' | 'fragment'
  /** Addresses of style sheets of the shell, loaded after ours. */
  readonly stylesheets?: readonly string[]
}

/** What the shell knows of a request for one of our pages; the path has been stripped of the base path before. */
export interface WebHost {
  /** Empty, or `/modules/ftp`; never ends with a slash. */
  basePath(ctx: Context): string
  /** Undefined when nobody is logged in. */
  identify(ctx: Context): Promise<Identity | undefined>
  /** Where to log in, to return to `ctx.url` afterwards; undefined when pages are answered with 401. */
  loginUrl(ctx: Context): string | undefined
  /** A POST to this address logs out; undefined when the shell's own frame has the button. */
  logoutUrl(ctx: Context): string | undefined
  present(ctx: Context): Presentation
  /** Further entries of the navigation, of the shell itself (users, certificates); only where we draw the whole page. */
  navigation?(ctx: Context): readonly NavigationEntry[]
}

/** An entry of the navigation; `label` is a text for people in the language of {@link Presentation}. */
export interface NavigationEntry {
  readonly href: string
  readonly label: string
  readonly current: boolean
}

/** What the shell gives. Everything may be asked at any time and as often as needed. */
export interface ApplianceShell {
  /** Version of this contract. */
  readonly api: 1
  readonly product: { readonly name: string; readonly version: string }
  readonly paths: Paths
  readonly users: Directory
  readonly certificates: Certificates
  readonly storage: Storage
  readonly network: Network
  /** Absent where the module has no pages. */
  readonly web?: WebHost
  /** Takes down what the administrator or the module did. Must not throw. */
  audit(entry: AuditEntry): void
  /** Calls the listener after each such change until unsubscribed. */
  on(event: ShellEvent, listener: () => void): Unsubscribe
}

/** Absolute paths of folders that exist, belong to the module alone, and are readable by nobody else. */
export interface Paths {
  /** Settings: survives updates and restarts, part of backups. */
  readonly config: string
  /** Bans, counters, quota use: survives restarts. */
  readonly state: string
  /** Sockets and the like: may be empty after a restart. */
  readonly runtime: string
  readonly log: string
}

export type ShellEvent =
  | 'users-changed' // also groups, and whether a user is enabled
  | 'certificates-changed'
  | 'storage-changed'
  | 'network-changed'

/** A user of the appliance. */
export interface DirectoryUser {
  /** As the user types it at login; also the name rights are given to. */
  readonly name: string
  readonly groups: readonly string[]
  readonly enabled: boolean
}

export interface DirectoryGroup {
  readonly name: string
}

/** Where a password comes from, for the shell's own log and limits. */
export interface VerifyOrigin {
  readonly address: string
  readonly service: 'ftp' | 'ftps' | 'web'
}

/** Users and groups of the appliance. */
export interface Directory {
  list(): Promise<readonly DirectoryUser[]>
  groups(): Promise<readonly DirectoryGroup[]>
  /** Undefined when there is no such user. Takes the same time either way. */
  find(name: string): Promise<DirectoryUser | undefined>
  /**
   * The user, when the name is known, enabled and the password right; else undefined, which never says why and takes the same time
   * for each reason. Rejects when it cannot be known at present: directory unreachable, too many waiting.
   */
  verify(name: string, password: string, origin: VerifyOrigin): Promise<DirectoryUser | undefined>
}

/** A certificate chain with its key, both PEM. */
export interface CertificatePair {
  readonly certificate: string
  readonly key: string
}

export interface CertificateLabel {
  readonly id: string
  readonly label: string
}

export interface Certificates {
  list(): Promise<readonly CertificateLabel[]>
  /** Loads one of the list; without an id the one that the shell would use itself. Rejects with a reason for people. */
  load(id?: string): Promise<CertificatePair>
}

/** A place where folders of resources may lie. */
export interface StorageRoot {
  readonly id: string
  readonly label: string
  /** Absolute path. */
  readonly path: string
  readonly readOnly: boolean
}

export interface Storage {
  /** At least one; the first is used where a resource names none. */
  roots(): Promise<readonly StorageRoot[]>
}

/** What the appliance knows of its networks, as it is now. */
export interface Network {
  /** CIDR networks that are the LAN, loopback included. */
  lan(): readonly string[]
  /** The IPv4 address under which the appliance is known outside; undefined when it does not know. */
  wanAddress(): string | undefined
  /** TCP ports the appliance needs itself, such as that of its web pages. */
  usedPorts(): readonly number[]
}

export interface AuditEntry {
  readonly level: 'error' | 'warning' | 'notice' | 'info'
  /** Dotted name of what happened: `settings.changed`, `service.started`. */
  readonly event: string
  /** The administrator who did it; absent for the module itself. */
  readonly by?: string
  /** One sentence for people, without secrets. */
  readonly text: string
}

export type ServiceState = 'off' | 'starting' | 'on' | 'stopping' | 'failed'

/** How the service is. */
export interface ServiceStatus {
  readonly state: ServiceState
  /** Why it failed. */
  readonly reason?: string
  /** When it came into this state, milliseconds since 1970. */
  readonly since: number
  readonly sessions: number
  /** Where it listens. */
  readonly addresses: readonly { readonly address: string; readonly port: number; readonly implicitTls: boolean }[]
  /** SHA-256 fingerprint of the certificate in use, as `AB:CD:…`; absent without TLS. */
  readonly fingerprint?: string
  /** What needs the administrator's attention, one sentence each. */
  readonly warnings: readonly string[]
}

/** What the module gives. */
export interface ApplianceModule {
  readonly id: 'ftp'
  readonly version: string
  /** Starts the service if it is switched on. Rejects when it cannot start; the reason is also in the status. */
  start(): Promise<void>
  /** Accepts nobody any more, lets transfers end for so many milliseconds, ends the sessions. */
  stop(options: { readonly graceMs: number }): Promise<void>
  status(): ServiceStatus
  /** Stops if need be and gives back everything; the module cannot be used afterwards. */
  dispose(): Promise<void>
}
