/** How the octets of a transfer go: over which connection, in clear or protected, and who moves them. */
import type { Socket } from 'node:net'
import type { Account, SpeedLimit } from '../backend.ts'
import type { LoggedInSession } from '../session.ts'
import type { Signal } from './aborted.ts'
import { takesTls } from './bare-connection.ts'
import { chosenMover } from './chosen-mover.ts'
import { unchanged } from './content.ts'
import type { DataEndpoint } from './endpoint.ts'
import type { Protection } from './kernel/messages.ts'
import type { Tls } from './kernel/openssl.ts'
import { DataLost } from './mover.ts'
import type { Mover } from './mover.ts'
import { dataProtection, secureData } from './secure.ts'
import { SMALL, sendSmall, sendText } from './small.ts'
import type { Task } from './small.ts'
import type { Share } from './throttle.ts'
import type { Source, Transfer } from './transfer-kinds.ts'

export interface Way {
  readonly connection: Socket
  readonly mover: Mover
  /** Whether the mover may take an upload into its file by itself, and tells a cut from an end. */
  readonly copies: boolean
  /** Elsewhere: whether the client said that it sent everything, so many octets. */
  readonly closedCleanly: (octets: number) => boolean
}

export interface Target {
  /** The TCP connection; nobody has read from it. */
  readonly raw: Socket
  readonly direction: Transfer['direction']
  /** The descriptor of the file at the other end, where there is one. */
  readonly file: number | undefined
  /** What protects the connection already, and can go on in a thread only. */
  readonly begun?: Tls | undefined
}

/** Whose transfer it is; the session may be over before its transfer is. */
export interface Owner {
  readonly session: LoggedInSession
  readonly account: Account
}

/** The speed limits of a transfer as they are now. */
export function speedLimits({ session, account }: Owner, direction: Transfer['direction']): readonly SpeedLimit[] {
  const kind = direction === 'send' ? 'download' : 'upload'
  const [all, own] = [session.options.limits[kind], account.limits()[kind]]
  return own.length === 0 ? all : [...all, ...own]
}

/** The connection, as a bare descriptor where one is wanted and to be had. */
export function connected(endpoint: DataEndpoint, bare: boolean, signal: Signal): number | Promise<number | Socket> {
  return (bare ? endpoint.descriptor?.(signal) : undefined) ?? endpoint.connect(signal)
}

/** Whether what this thread moves goes over a bare connection: where it is not held back. */
export function bareHere(owner: Owner, direction: Transfer['direction']): boolean {
  return speedLimits(owner, direction).length === 0 && (owner.session.protection === 'clear' || takesTls())
}

/** Sends over a bare connection, as fast as a share in the speed limits lets it. */
type BareSending = (task: Task, join: () => Share) => Promise<void>

/** How it goes over a bare connection, if it does: small files and listings from this thread, large files by a mover. */
export function bareSending(owner: Owner, source: Source, from: number): BareSending | undefined {
  const { session } = owner
  if ('chunks' in source) {
    if (session.parameters.mode !== 'stream' || !bareHere(owner, 'send')) return undefined
    return (task, join) => sendText(source.chunks, join(), task)
  }
  if (!unchanged(session)) return undefined
  const { file } = source
  if (file.size - from <= SMALL) return bareHere(owner, 'send') ? (task) => sendSmall(file, from, task) : undefined
  const sending = session.protection === 'clear' ? chosenMover().sendingBare?.(file, from) : undefined
  return sending && (({ socket, watch }, join) => sending(socket, { share: join(), ...watch }))
}

/** How data connections of the session are protected, if they are; refuses with 522. */
export function protectionOf(session: LoggedInSession): Protection | undefined {
  return session.protection === 'private' ? dataProtection(session).protection : undefined
}

/** Protects the connection where the session wants that, or finds the mover that does it by itself; refuses with 522. */
export async function wayOver(
  session: LoggedInSession,
  { raw, direction, file, begun }: Target,
  signal: Signal,
): Promise<Way> {
  const mover = chosenMover()
  if (session.protection === 'clear') return { connection: raw, mover, copies: true, closedCleanly: trusting }
  const data = dataProtection(session)
  const direct =
    file !== undefined && unchanged(session) ? mover.protecting?.(raw, { ...data.protection, begun }, file) : undefined
  if (direct) return { connection: raw, mover: { ...mover, ...direct }, copies: true, closedCleanly: trusting }
  if (begun) throw new DataLost('The data connection broke.')
  const { connection, closedCleanly } = await secureData(data, raw, direction, signal)
  return { connection, mover, copies: false, closedCleanly: data.protection.strictEnd ? closedCleanly : trusting }
}

/** In clear text nobody can tell a cut from an end. */
const trusting = (_octets: number) => true
