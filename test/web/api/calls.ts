/** Calls the API of mounted pages with a token, without cookies. */
import type { Permission } from '../../../module/shell.ts'
import type { Mounted } from '../mounted.ts'

export interface Called {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The body as JSON; undefined where there is none. */
  readonly json: any
}

export interface CallOptions {
  readonly body?: unknown
  /** Sent as it is, instead of `body` as JSON. */
  readonly raw?: string | Uint8Array<ArrayBuffer>
  readonly headers?: Readonly<Record<string, string>>
}

export type Call = (method: string, path: string, options?: CallOptions) => Promise<Called>

/** Makes a token of a permission and answers how to call with it; the path is behind `/api/v1`. */
export async function caller(it: Mounted, permission: Permission = 'manage'): Promise<Call> {
  const { token } = await it.service.tokens.create({ note: `test ${permission}`, permission }, 'test')
  return callerWith(it, { Authorization: `Bearer ${token}` })
}

/** Calls with these headers and nothing else to tell who it is. */
export function callerWith(it: Mounted, identity: Readonly<Record<string, string>>): Call {
  return async (method, path, { body, raw, headers = {} } = {}) => {
    const content = raw ?? (body === undefined ? undefined : JSON.stringify(body))
    const response = await fetch(`${it.origin}${it.base}/api/v1${path}`, {
      method,
      redirect: 'manual',
      headers: { ...identity, ...(content === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers },
      ...(content === undefined ? {} : { body: content }),
    })
    const text = await response.text()
    const json = /json/.test(response.headers.get('Content-Type') ?? '') && text !== '' ? parsed(text) : undefined
    return { status: response.status, headers: response.headers, text, json }
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
