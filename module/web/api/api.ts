/** The API as one middleware: who calls, which operation, may it, is what was sent right; then the answer or a problem. */
import { Router } from '@koa/router'
import type { Context, Middleware } from 'koa'
import type { WebParts } from '../parts.ts'
import { callerOf, demand } from './caller.ts'
import type { Caller } from './caller.ts'
import { jsonBody, noBody } from './json-body.ts'
import type { ApiAnswer, ApiFile, ApiRequest, Operation } from './operation.ts'
import { OPERATIONS } from './operations.ts'
import { ofStatus, problemOf, Refusal } from './problem.ts'
import type { Problem } from './problem.ts'
import { checked } from '../../settings/problems.ts'

/** Where the API lies below the module. */
export const API = '/api/v1'

/** Answers everything below `/api`, whoever asks; leaves the rest to the pages. */
export function api(parts: WebParts): Middleware {
  const router = apiRouter(parts)
  const routes = router.routes()
  return async (ctx, next) => {
    if (!/^\/api(?:\/|$)/.test(ctx.path)) {
      await next()
      return
    }
    await answered(ctx, async () => {
      ctx.state['caller'] = await callerOf(ctx, parts)
      // Neither is of use here; a HEAD would run the whole operation.
      if (ctx.method === 'HEAD' || ctx.method === 'OPTIONS') throw notAllowed(ctx, router)
      // A router brings the parts of the context that its routes ask for.
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion
      await (routes as unknown as Middleware)(ctx, async () => {
        throw notAllowed(ctx, router)
      })
    })
  }
}

/** A route for each operation of the table. */
export function apiRouter(parts: WebParts): Router {
  const router = new Router({ prefix: API })
  for (const operation of OPERATIONS) {
    router[operation.method](operation.path.replaceAll(/\{(\w+)\}/g, ':$1'), async (ctx) => {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- set above, before any route is looked for
      const caller = ctx.state['caller'] as Caller
      demand(caller, operation.permission)
      const request = await requestOf(ctx, operation, caller, parts)
      // The checks of the operation have made what it asks for.
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion
      const answer = (await operation.run(request as ApiRequest<never, never>)) as
        ApiAnswer<unknown> | ApiFile | undefined
      send(ctx, operation, answer, parts)
    })
  }
  return router
}

async function requestOf(
  ctx: Context & { params: Record<string, string> },
  operation: Operation,
  caller: Caller,
  parts: WebParts,
): Promise<ApiRequest<unknown, unknown>> {
  const query = queryOf(ctx.URL.searchParams)
  if (!operation.query && Object.keys(query).length > 0) throw new Refusal(400, 'This operation takes no parameters.')
  const { body, limit, merge } = operation
  if (!body) noBody(ctx.req)
  return {
    parts,
    by: caller.name,
    address: ctx.ip,
    demand: (permission) => demand(caller, permission),
    path: ctx.params,
    query: operation.query ? checked(operation.query, query) : {},
    body: body ? checked(body, await jsonBody(ctx.req, { limit, merge })) : undefined,
    revision: operation.revised ? revisionIn(ctx.get('If-Match')) : undefined,
  }
}

/** Parameters by name; one that stands twice is refused, because readers would not agree on which one counts. */
function queryOf(parameters: URLSearchParams): Record<string, string> {
  const found = new Map<string, string>()
  for (const [name, value] of parameters) {
    if (found.has(name)) throw new Refusal(400, 'A parameter stands twice in the address.')
    found.set(name, value)
  }
  return Object.fromEntries(found)
}

function revisionIn(header: string): string | undefined {
  if (header === '' || header === '*') return undefined
  const [, revision] = /^"([\w-]+)"$/.exec(header) ?? []
  if (revision === undefined) throw new Refusal(400, 'If-Match must hold the ETag of one answer.')
  return revision
}

function send(
  ctx: Context,
  { status, answer }: Operation,
  given: ApiAnswer<unknown> | ApiFile | undefined,
  { host }: WebParts,
): void {
  if (given && 'content' in given) {
    ctx.type = given.type
    ctx.attachment(given.name)
    ctx.body = given.content
    return
  }
  if (given?.revision !== undefined) ctx.set('ETag', `"${given.revision}"`)
  if (given?.location !== undefined) ctx.set('Location', `${host.basePath(ctx)}${API}${given.location}`)
  ctx.status = status ?? 200
  // Only what the answer is declared to hold leaves the house.
  if (answer && given) ctx.body = JSON.stringify(answer.parse(given.value))
  if (answer) ctx.type = 'application/json'
  else ctx.body = null
}

function notAllowed(ctx: Context, router: Router): Refusal {
  const methods = new Set(router.match(ctx.path, ctx.method).path.flatMap((route) => route.methods))
  methods.delete('HEAD')
  if (methods.size === 0) return new Refusal(404, 'There is no such operation.')
  ctx.set('Allow', [...methods].join(', '))
  return new Refusal(405, 'This cannot be done here.')
}

/** Runs a step and turns what it throws into a problem. */
export async function answered(ctx: Context, step: () => Promise<unknown>): Promise<void> {
  try {
    await step()
  } catch (error) {
    const problem = problemOf(error)
    if (!problem) ctx.app.emit('error', error, ctx)
    sendProblem(ctx, problem ?? ofStatus(500, 'Something failed on this side. The log says more.'))
  }
}

function sendProblem(ctx: Context, problem: Problem): void {
  // What was not read of the body must not be taken for the next request.
  if (!ctx.req.complete) ctx.set('Connection', 'close')
  ctx.status = problem.status
  ctx.body = JSON.stringify(problem)
  ctx.type = 'application/problem+json'
}
