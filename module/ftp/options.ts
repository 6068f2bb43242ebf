/** The engine's options: what it does where nobody says otherwise, and the one place where its bounds stand. */
import type { SpeedLimit } from './backend.ts'
import type { ReplyCode } from './reply.ts'

/** A certificate chain and its key, PEM. */
export interface KeyPair {
  readonly certificate: string
  readonly key: string
}

/** A virtual host (RFC 7151). The first of the list is the default: the server itself, which says everything. */
export interface DomainOptions {
  readonly id: string
  /** Lower-case host names. */
  readonly names: readonly string[]
  /** Of the default domain: whether it serves every name that no other one has, too. */
  readonly anyName?: boolean
  /** Used on its own listeners and where the client names it by HOST or SNI; absent = the server's certificate. */
  readonly keyPair?: KeyPair
  /** Sessions of the domain at once, among those of the server; absent = unlimited. */
  readonly sessions?: number
  /** Sessions of the domain from one address at once; absent = unlimited. */
  readonly sessionsPerHost?: number
  /** What is otherwise here than on the server; sets and maps are whole, not what differs. */
  readonly own?: DomainRules
}

/** The options that a domain may have otherwise. */
export interface DomainRules extends Partial<
  Pick<Options, 'greeting' | 'welcome' | 'goodbye' | 'texts' | 'disabled' | 'disabledTexts'>
> {
  /** Speeds that its sessions share, besides those of the server. */
  readonly speeds?: { readonly download: readonly SpeedLimit[]; readonly upload: readonly SpeedLimit[] }
}

export interface ListenerOptions {
  /** Address to listen on; `::` takes IPv4 too. */
  readonly address: string
  /** 1 to 65535, or 0 for any free port. */
  readonly port: number
  /** TLS from the first byte on, as on port 990. */
  readonly implicitTls: boolean
  readonly domain: string
}

export interface TlsOptions {
  readonly keyPair: KeyPair
  /** `login`: no USER in clear. `data`: no clear data connection either. */
  readonly required: 'never' | 'login' | 'data'
  /** Whether a client of this address need not use TLS whatever `required` says (old scanners). */
  readonly exempt: (address: string) => boolean
  readonly minimum: 'TLSv1.2' | 'TLSv1.3'
  /** Whether a data connection must resume the TLS session of its own control connection. */
  readonly sessionReuse: 'off' | 'prefer' | 'require'
  /** Whether an upload that ends without close_notify has failed (RFC 4217 section 10.2 and the truncation attack). */
  readonly strictEnd: boolean
}

export interface Options {
  readonly domains: readonly [DomainOptions, ...DomainOptions[]]
  /** What `$ServerName` says; absent = `FTP server`. */
  readonly serverName?: string
  /** Lines of the 220 greeting; this and the texts below may hold variables (`variables.ts`). */
  readonly greeting: readonly string[]
  /** Lines of the 230 after a login. */
  readonly welcome: readonly string[]
  /** Line of the 221 at QUIT. */
  readonly goodbye: string
  /** Own texts for reply codes: the global replies. Codes whose text carries data (150, 211 to 215, 227, 229, 257 …) keep theirs. */
  readonly texts: ReadonlyMap<ReplyCode, string>
  /** Verbs that are switched off (`PORT`, `SITE CHMOD`): they answer 502 and leave FEAT and HELP. */
  readonly disabled: ReadonlySet<string>
  /** Own reply texts of single switched-off verbs. */
  readonly disabledTexts: ReadonlyMap<string, string>
  readonly passive: {
    /** First and last port of the range; both 0 = any free port. */
    readonly from: number
    readonly to: number
    /** The IPv4 address to announce to a client of this address; undefined = the control connection's own. */
    readonly externalAddress: (clientAddress: string) => string | undefined
  }
  /** What a connection that the gate refuses is told with 421; absent = it is closed without a word. */
  readonly deniedText?: string
  /** Absent = no TLS. */
  readonly tls?: TlsOptions
  readonly limits: {
    /** Sessions at once; Infinity = unlimited. */
    readonly sessions: number
    readonly sessionsPerHost: number
    /** Part of `sessions`, 0 to 1, kept for connections from addresses that have none yet. */
    readonly reserve: number
    /** A full per-login-and-host limit closes that login's longest idle session instead of refusing. */
    readonly replaceOldestIdle: boolean
    readonly download: readonly SpeedLimit[]
    readonly upload: readonly SpeedLimit[]
  }
  /** Seconds; Infinity switches one off. */
  readonly timeouts: {
    /** From the connection, or a logout, to the login. */
    readonly login: number
    /** Without a command; stands still while data flows. */
    readonly idle: number
    /** Without a byte moving on a data connection. */
    readonly stall: number
    /** From the reply to PASV or the PORT until the data connection stands. */
    readonly dataConnect: number
    readonly handshake: number
    /** The whole session. */
    readonly session: number
  }
  readonly login: {
    /** Failed logins after which the connection is closed with 421. */
    readonly attempts: number
    /** Milliseconds before the first 530, doubled by each further one on the connection, at most 16 times. */
    readonly failureDelay: number
  }
  readonly listing: {
    /** Whether LIST -R and NLST -R descend; else the option is ignored. */
    readonly recursive: boolean
    readonly depth: number
    readonly entries: number
    /** The zone of the times in LIST, IANA name; MLSD and MDTM are always UTC. */
    readonly timeZone: string
  }
  /** MODE Z: level 1 to 9 and how many times larger than its wire form an upload may become; absent = switched off. */
  readonly deflate?: { readonly level: number; readonly maximumRatio: number }
}

/** Bounds nobody needs to change. */
export const BOUNDS = {
  /** Bytes of a command line without its end; PATH_MAX and a verb fit. */
  line: 8192,
  /** Over-long lines before the connection is closed. */
  longLines: 5,
  /** Unknown commands before the connection is closed, before and after login. */
  unknownBeforeLogin: 5,
  unknownAfterLogin: 50,
  /** Sessions of one address that have not logged in yet. */
  halfOpenPerHost: 64,
  /** Seconds after which a full server may close a session that has not logged in, to let a new one in. */
  halfOpenPatience: 3,
  /** Entries of a listing on the control connection (STAT). */
  statEntries: 2000,
  /** Messages of an administrator waiting for the next reply. */
  messages: 20,
  /** Lines received and not yet answered; beyond, the connection is not read. */
  queue: 64,
  /** Bytes of replies the client has not read; beyond, nothing more is done for it. */
  unread: 64 * 1024,
  password: 1024,
  user: 256,
  /** Characters of what a variable in a reply stands for. */
  value: 200,
  /** Octets of a line of a reply with variables in it; what is typed always fits. */
  replyLine: 2048,
} as const

/** Options with which the engine runs as it is. */
export const DEFAULTS: Options = {
  domains: [{ id: 'default', names: [], anyName: true }],
  greeting: ['FTP server ready.'],
  welcome: ['Logged in.'],
  goodbye: 'Goodbye.',
  texts: new Map(),
  disabled: new Set(),
  disabledTexts: new Map(),
  passive: { from: 0, to: 0, externalAddress: () => undefined },
  limits: {
    sessions: 100,
    sessionsPerHost: Infinity,
    reserve: 0.1,
    replaceOldestIdle: false,
    download: [],
    upload: [],
  },
  timeouts: { login: 60, idle: 600, stall: 120, dataConnect: 20, handshake: 20, session: Infinity },
  login: { attempts: 3, failureDelay: 1000 },
  listing: { recursive: false, depth: 8, entries: 100_000, timeZone: 'UTC' },
}
