/** Reads forms that carry a file, within bounds; the file is kept in memory alone. */
import type { Middleware } from 'koa'

/** Bytes of a whole form: some thousand users, or a certificate with its chain. */
const LIMIT = 2 * 2 ** 20

/** A file of a form. */
export interface UploadedFile {
  readonly name: string
  readonly content: Buffer
}

export function parseUpload(): Middleware {
  return async (ctx, next) => {
    if (ctx.method === 'POST' && ctx.is('multipart/form-data')) {
      if (ctx.get('Content-Encoding') !== '') ctx.throw(415)
      const form = await parsed(await body(ctx), ctx.get('Content-Type')).catch(() => ctx.throw(400))
      const fields: Record<string, string> = Object.create(null)
      const files = new Map<string, UploadedFile>()
      for (const [name, value] of form) {
        if (typeof value === 'string') fields[name] = value
        else files.set(name, { name: value.name, content: Buffer.from(await value.arrayBuffer()) })
      }
      ctx.request.body = fields
      ctx.state['files'] = files
    }
    await next()
  }
}

/** The file of a field; undefined when none was chosen. */
export function uploaded(state: object, name: string): UploadedFile | undefined {
  const files: unknown = Reflect.get(state, 'files')
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- set above
  const file = files instanceof Map ? (files.get(name) as UploadedFile | undefined) : undefined
  return file && file.content.length > 0 ? file : undefined
}

async function body(ctx: Parameters<Middleware>[0]): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  if (Number(ctx.get('Content-Length')) > LIMIT) ctx.throw(413)
  for await (const chunk of ctx.req) {
    const octets = Buffer.from(chunk as Uint8Array)
    length += octets.length
    if (length > LIMIT) ctx.throw(413)
    chunks.push(octets)
  }
  return Buffer.concat(chunks)
}

/** Node's own reader of forms. */
function parsed(content: Buffer, type: string): Promise<FormData> {
  return new Response(Uint8Array.from(content), { headers: { 'Content-Type': type } }).formData()
}
