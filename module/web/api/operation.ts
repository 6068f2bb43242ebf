/** One operation of the API as a value: routes, guards, checks and the OpenAPI document are all made from it. */
import type { Readable } from 'node:stream'
import type { z } from 'zod'
import type { Permission } from '../../shell.ts'
import type { WebParts } from '../parts.ts'

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete'

/** What an operation is told; query and body have been checked. */
export interface ApiRequest<Query, Body> {
  readonly parts: WebParts
  /** Who asks, for the log. */
  readonly by: string
  /** Where the request comes from. */
  readonly address: string
  /** Throws a refusal unless the caller may do also what needs more than the operation itself. */
  readonly demand: (permission: Permission) => void
  /** The parts of the path in braces, decoded. */
  readonly path: Readonly<Record<string, string>>
  readonly query: Query
  readonly body: Body
  /** The revision that `If-Match` names; undefined without one. */
  readonly revision: string | undefined
}

/** What an operation answers besides a plain value. */
export interface ApiAnswer<Value> {
  readonly value: Value
  /** The revision for `ETag`. */
  readonly revision?: string
  /** Where what was made is, behind `/api/v1`. */
  readonly location?: string
}

/** A text that is sent as it is read. */
export interface ApiFile {
  readonly type: string
  readonly name: string
  readonly content: Readable
}

interface Described {
  readonly id: string
  readonly method: Method
  /** Behind `/api/v1`, parameters in braces. */
  readonly path: string
  readonly permission: Permission
  readonly tag: string
  readonly summary: string
  /** 200 unless it is 201 or 204. */
  readonly status?: 201 | 204
  /** Whether the body is a JSON merge patch (RFC 7396). */
  readonly merge?: true
  /** Most octets of the body; absent = 1 MiB. */
  readonly limit?: number
  /** Whether it understands `If-Match` and answers with `ETag`. */
  readonly revised?: true
  /** Media types of an answer that is no JSON. */
  readonly files?: readonly string[]
}

/** An operation with its types forgotten: how the table holds it. */
export interface Operation extends Described {
  readonly query?: z.ZodObject
  readonly body?: z.ZodType
  readonly answer?: z.ZodType
  run(request: ApiRequest<never, never>): unknown
}

interface TypedOperation<
  Query extends z.ZodObject,
  Body extends z.ZodType,
  Answer extends z.ZodType,
> extends Described {
  readonly query?: Query
  readonly body?: Body
  /** Absent for files and for 204. */
  readonly answer?: Answer
  readonly run: (
    request: ApiRequest<z.output<Query>, z.output<Body>>,
  ) => Answered<z.input<Answer>> | Promise<Answered<z.input<Answer>>>
}

type Answered<Value> = ApiAnswer<Value> | ApiFile | undefined

/** Holds the types of one operation together. */
export function operation<
  Query extends z.ZodObject = z.ZodObject,
  Body extends z.ZodType = z.ZodUndefined,
  Answer extends z.ZodType = z.ZodNever,
>(one: TypedOperation<Query, Body, Answer>): Operation {
  return one
}
