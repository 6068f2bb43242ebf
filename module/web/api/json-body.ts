/** Reads a JSON body strictly: bounded, in UTF-8, not compressed, each key once, not too deep, no `__proto__`. */
import type { IncomingMessage } from 'node:http'
import { Refusal } from './problem.ts'

const LIMIT = 2 ** 20
/** Levels of objects and lists; the settings have eight. */
const DEPTH = 32

export interface BodyOptions {
  /** Octets; absent = 1 MiB. */
  readonly limit?: number | undefined
  /** Whether a merge patch is expected; plain JSON is understood as well. */
  readonly merge?: boolean | undefined
}

/** The value of the body. Throws {@link Refusal} with 400, 413 or 415. */
export async function jsonBody(request: IncomingMessage, { limit = LIMIT, merge }: BodyOptions): Promise<unknown> {
  checkType(request, merge ? ['application/json', 'application/merge-patch+json'] : ['application/json'])
  if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge(limit)
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    const octets: Buffer = chunk
    size += octets.length
    if (size > limit) throw tooLarge(limit)
    chunks.push(octets)
  }
  return strictJson(decoded(Buffer.concat(chunks)))
}

/** Throws {@link Refusal} if a body came where none is expected. */
export function noBody(request: IncomingMessage): void {
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = request.headers
  if (length !== '0' || encoding !== undefined) throw new Refusal(400, 'This operation takes no body.')
}

/** The value of a JSON text in which no name stands twice: readers would not agree on which one counts. */
export function strictJson(text: string): unknown {
  const value = parsed(text)
  const open: (Set<string> | undefined)[] = []
  // The text is JSON: outside of strings these signs mean only themselves.
  for (const [token, colon] of text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?|[{}[\]]/g)) {
    if (token === '{' || token === '[') open.push(token === '{' ? new Set() : undefined)
    else if (token === '}' || token === ']') open.pop()
    else if (colon !== undefined) checkName(token.slice(0, -colon.length), open.at(-1))
    if (open.length > DEPTH) throw new Refusal(400, `The body must not be deeper than ${DEPTH} levels.`)
  }
  return value
}

function checkName(quoted: string, names: Set<string> | undefined): void {
  const name = String(JSON.parse(quoted))
  // Assigned instead of defined, it would reach every object of the process (prototype pollution).
  if (name === '__proto__') throw new Refusal(400, 'The name __proto__ is not possible.')
  if (names?.has(name)) throw new Refusal(400, 'A name stands twice in one object.')
  names?.add(name)
}

function checkType({ headers }: IncomingMessage, types: readonly string[]): void {
  const encoding = headers['content-encoding']
  // A few kilobytes could unpack to anything.
  if (encoding !== undefined && encoding !== 'identity') throw new Refusal(415, 'Compressed bodies are not accepted.')
  const [type = '', ...parameters] = (headers['content-type'] ?? '').toLowerCase().split(';')
  const charset = parameters.map((each) => each.trim()).find((each) => each.startsWith('charset='))
  const known = charset === undefined || /^charset="?utf-8"?$/.test(charset)
  if (!types.includes(type.trim()) || !known) throw new Refusal(415, `The body must be ${types.join(' or ')} in UTF-8.`)
}

function decoded(octets: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(octets)
  } catch {
    throw new Refusal(400, 'The body is not UTF-8.')
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Refusal(400, 'The body is not JSON.')
  }
}

const tooLarge = (limit: number) => new Refusal(413, `The body must not be larger than ${limit} octets.`)
