/** A session as pages and the API see it: plain data. */
import type { Session } from './session.ts'

export interface SessionView {
  readonly id: string
  readonly address: string
  readonly domain: string
  /** Absent before the login. */
  readonly user?: string
  readonly guest: boolean
  /** The name given with CLNT. */
  readonly clientName: string
  /** Wall clock, milliseconds since 1970. */
  readonly since: number
  readonly idleSeconds: number
  readonly secure: boolean
  /** `TLSv1.3`; absent in clear text. */
  readonly protocol?: string
  readonly directory: string
  readonly lastVerb: string
  readonly transfer?: {
    readonly verb: string
    readonly path: string
    readonly bytes: number
    readonly size?: number
  }
}

/** What a session is doing now. */
export function viewOf(session: Session): SessionView {
  const { client, login, control, transfer } = session
  return {
    id: client.id,
    address: client.address,
    domain: session.domainId,
    ...(login && { user: login.account.name }),
    guest: login?.account.guest ?? false,
    clientName: session.clientName,
    since: client.since,
    idleSeconds: transfer ? 0 : (performance.now() - session.lastActivity) / 1000,
    secure: control.secure,
    ...(control.protocol !== undefined && { protocol: control.protocol }),
    directory: session.directory,
    lastVerb: session.lastVerb,
    ...(transfer && {
      transfer: {
        verb: transfer.verb,
        path: transfer.path,
        bytes: transfer.bytes,
        ...(transfer.size !== undefined && { size: transfer.size }),
      },
    }),
  }
}
