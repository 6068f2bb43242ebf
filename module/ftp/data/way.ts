/** How the octets of a transfer go: over which connection, in clear or protected, and who moves them. */
import type { Socket } from 'node:net'
import type { LoggedInSession } from '../session.ts'
import { chosenMover } from './chosen-mover.ts'
import { unchanged } from './content.ts'
import type { Mover } from './mover.ts'
import { dataProtection, secureData } from './secure.ts'
import type { Transfer } from './transfer-kinds.ts'

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
}

/** Protects the connection where the session wants that, or finds the mover that does it by itself; refuses with 522. */
export async function wayOver(session: LoggedInSession, { raw, direction, file }: Target, signal: AbortSignal): Promise<Way> {
  const mover = chosenMover()
  if (session.protection === 'clear') return { connection: raw, mover, copies: true, closedCleanly: trusting }
  const data = dataProtection(session)
  const direct =
    file !== undefined && unchanged(session) ? mover.protecting?.(raw, data.protection, file) : undefined
  if (direct) return { connection: raw, mover: { ...mover, ...direct }, copies: true, closedCleanly: trusting }
  const { connection, closedCleanly } = await secureData(data, raw, direction, signal)
  return { connection, mover, copies: false, closedCleanly: data.protection.strictEnd ? closedCleanly : trusting }
}

/** In clear text nobody can tell a cut from an end. */
const trusting = (_octets: number) => true
