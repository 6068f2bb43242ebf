/**
 * The contract between the module and the appliance's shell that it lives in: types only (design section 7). What a shell cannot do
 * it leaves out: `web`, `firewall`, `notify` and the optional methods; the module offers nothing then that needs it.
 */

import type { Context, Middleware } from 'koa'

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
  /** IANA name of the zone whose clock people go by, as it is now; absent = that of the process. */
  timeZone?(): string
  /** Absent where the module has no pages. */
  readonly web?: WebHost
  /** Absent where ports have to be opened by hand. */
  readonly firewall?: Firewall
  /** Takes down what the administrator or the module did. Must not throw. */
  audit(entry: AuditEntry): void
  /** Tells the administrator something that cannot wait for a visit of the pages. Must not throw. */
  notify?(notice: Notice): void
  /** Calls the listener at each such event until unsubscribed. */
  on<Event extends ShellEvent>(event: Event, listener: ShellListener<Event>): Unsubscribe
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

/** What happens to the shell, with what the listener is told. */
export interface ShellEvents {
  /** Also groups, and whether a user is enabled. */
  'users-changed': []
  'certificates-changed': []
  /** Roots came, went, or changed between writable and read-only. */
  'storage-changed': []
  /** A root, by its id, is about to go: once the listener's promise is fulfilled the module has no file of it open. */
  'storage-unmounting': [root: string]
  'network-changed': []
  /** The clock was set: certificates that were not valid may be now. */
  'time-changed': []
  /** Somebody logged out or was logged out, by {@link Identity.sessionId}: pages that are still open get nothing more. */
  'session-revoked': [sessionId: string]
  /** The appliance goes down: the listener's promise is fulfilled when the service has ended. */
  shutdown: []
}
export type ShellEvent = keyof ShellEvents
export type ShellListener<Event extends ShellEvent = ShellEvent> = (...told: ShellEvents[Event]) => void | Promise<void>

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
  /** Of the disk, where they are known. */
  readonly freeBytes?: number
  readonly totalBytes?: number
}

/** Folders below the roots are read and made by the module itself, as the user it runs as. */
export interface Storage {
  /** Those that can be used now; the first is used where a resource names none. */
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

export interface FirewallZone {
  readonly id: string
  readonly label: string
  /** Whether it is used where the settings name no zone: the LAN is, the WAN is not. */
  readonly trusted: boolean
}

/** Ports that clients must reach. */
export interface PortNeed {
  readonly id: 'control' | 'listener' | 'passive'
  readonly protocol: 'tcp'
  /** 1 to 65535, both ends included. */
  readonly from: number
  readonly to: number
  /** Ids of zones; empty = the trusted ones. */
  readonly zones: readonly string[]
}

/** The appliance's packet filter. */
export interface Firewall {
  /** Empty where the appliance knows no zones: ports are then opened to everybody. */
  zones(): Promise<readonly FirewallZone[]>
  /**
   * Makes the module's rules say exactly this, whatever they said before; an empty list removes them. Asking twice for the same is
   * asking once. Rejects with a reason for people; then nothing has changed.
   */
  apply(needs: readonly PortNeed[]): Promise<void>
}

export interface Notice {
  readonly level: 'error' | 'warning' | 'info'
  /** One sentence for people, without secrets. */
  readonly text: string
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
  readonly addresses: readonly {
    readonly address: string
    readonly port: number
    readonly implicitTls: boolean
    /** Id of the domain that its sessions begin in; absent or `default` = the server itself. */
    readonly domain?: string
  }[]
  /** SHA-256 fingerprint of the certificate in use, as `AB:CD:…`; absent without TLS. */
  readonly fingerprint?: string
  /** When it runs again, milliseconds since 1970; only while it is off for a time. */
  readonly pausedUntil?: number
  readonly warnings: readonly Warning[]
}

/** Something that needs the administrator's attention. */
export interface Warning {
  /** Stays the same in every language: `folder-missing`, `guests-write`. */
  readonly code: string
  /** What it is about; times are milliseconds since 1970. */
  readonly values: Readonly<Record<string, string | number>>
  /** One English sentence, for consoles and logs. */
  readonly text: string
}

/** A text in several languages, by language tag; English is always there. */
export interface Text {
  readonly en: string
  readonly [locale: string]: string
}

export interface MenuEntry {
  readonly id: string
  /** Behind the base path, beginning with a slash. */
  readonly path: string
  readonly label: Text
  /** Who has no such permission need not see the entry. */
  readonly permission: Permission
}

/** What a shell has to know without running the module; `module.json` holds the same. */
export interface Manifest {
  /** Version of this form. */
  readonly manifest: 1
  readonly id: 'ftp'
  readonly version: string
  readonly label: Text
  readonly description: Text
  /** Path of an SVG within the package. */
  readonly icon: string
  /** Versions of {@link ApplianceShell.api} it works with. */
  readonly shellApi: { readonly min: number; readonly max: number }
  readonly menu: readonly MenuEntry[]
  readonly permissions: readonly Permission[]
  /** Ports as they are where nobody changes them. */
  readonly ports: readonly (Pick<PortNeed, 'id' | 'protocol' | 'from' | 'to'> & { readonly purpose: Text })[]
  /** Version and JSON Schema (draft 2020-12) of the settings. */
  readonly config: { readonly version: number; readonly schema: object }
  readonly locales: readonly string[]
  readonly runtime: { readonly node: string; readonly memoryMiB: number; readonly diskMiB: number }
  /** Files below {@link Paths}, by the name of the folder: what a backup of the appliance has to hold, and need not. */
  readonly backup: { readonly include: readonly string[]; readonly exclude: readonly string[] }
  readonly logs: readonly { readonly id: string; readonly label: Text; readonly folder: keyof Paths }[]
  readonly security: { readonly contact: string; readonly policy: string }
}

/** How the module is, in single answers; `ok` when all of them are. */
export interface Health {
  readonly ok: boolean
  readonly checks: readonly { readonly id: string; readonly ok: boolean; readonly text: string }[]
}

/** Something of the shell that the settings name: deleting it would change what the module does. */
export interface Reference {
  readonly kind: 'user' | 'group' | 'certificate' | 'storage' | 'folder' | 'zone'
  /** Its id in the shell; a folder is `root/path`, or `/path` on the first root where none is named. */
  readonly id: string
  /** Where it stands: `resources[0].rights`, for people who look for it. */
  readonly where: string
}

/** What a restore would change, or has changed. */
export interface RestoreReport {
  /** Paths of the settings: `settings.port`. */
  readonly changes: readonly string[]
}

/** A line of a log of the manifest. */
export interface LogLine {
  /** Milliseconds since 1970. */
  readonly time: number
  readonly level: AuditEntry['level']
  readonly text: string
}

/** What the module gives. */
export interface ApplianceModule {
  readonly manifest: Manifest
  /** The administrator's pages and the API; absent where the shell has no `web`. The shell strips its base path before. */
  readonly web?: Middleware
  /** Starts the service if it is switched on. Rejects when it cannot start; the reason is also in the status. */
  start(): Promise<void>
  /** Accepts nobody any more, lets transfers end for so many milliseconds, ends the sessions. */
  stop(options: { readonly graceMs: number }): Promise<void>
  /** Looks anew at everything the shell gives: users, network, storage, certificates. */
  reload(): Promise<void>
  status(): ServiceStatus
  health(): Promise<Health>
  /** What the firewall has to let through now; the module applies it by itself where the shell has a firewall. */
  firewallNeeds(): readonly PortNeed[]
  /** Everything of the shell that the settings use, so that the shell can warn before it deletes something. */
  references(): readonly Reference[]
  /** The settings as a JSON document, without tokens. */
  backup(): Promise<object>
  /** Takes a backup. Rejects with a reason for people; then, and with `dryRun`, nothing has changed. */
  restore(backup: unknown, options: { readonly dryRun: boolean }): Promise<RestoreReport>
  /** Takes down in the module's log what was done in the shell that concerns it, such as a user who was added; `audit` is not told. */
  record(entry: AuditEntry): void
  /** The newest lines of a log of the manifest, oldest first; at most 1,000. */
  logs(id: string, options: { readonly limit: number }): Promise<readonly LogLine[]>
  /**
   * Stops, gives back everything and removes what the module keeps: settings, state and, unless they are to be kept, logs. Files of
   * clients stay. The module cannot be used afterwards.
   */
  wipe(options: { readonly keepLogs: boolean }): Promise<void>
  /** Stops if need be and gives back everything; the module cannot be used afterwards. */
  dispose(): Promise<void>
}
