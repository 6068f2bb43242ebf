/** Forms that carry a file (multipart/form-data, RFC 7578), within bounds; the platform's own parser reads them. */
import type { Context } from 'koa'

/** Bytes of such a form: a backup and the parts around it. */
const LARGEST = 2_200_000

export const UPLOAD = 'multipart/form-data'

/** The fields by name, of a name that was sent several times all values; files as the text in them. */
export async function uploadedFields(ctx: Context): Promise<Record<string, string | string[]>> {
  const content = await bounded(ctx)
  const sent = new Response(content, { headers: { 'Content-Type': ctx.get('Content-Type') } })
  const form = await sent.formData().catch(() => ctx.throw(400))
  const found: Record<string, string | string[]> = Object.create(null)
  const files = new Map<string, Buffer>()
  for (const [name, value] of form) {
    if (typeof value !== 'string' && value.size > 0) files.set(name, Buffer.from(await value.arrayBuffer()))
  }
  received.set(ctx.req, files)
  for (const name of new Set(form.keys())) {
    const all = await Promise.all(
      form.getAll(name).map(async (value) => (typeof value === 'string' ? value : value.text())),
    )
    found[name] = all.length === 1 ? (all[0] ?? '') : all
  }
  return found
}

/** The octets of a file, for one that is no text; undefined when none was chosen. */
export function uploadedFile(ctx: Pick<Context, 'req'>, name: string): Buffer | undefined {
  return received.get(ctx.req)?.get(name)
}

const received = new WeakMap<object, ReadonlyMap<string, Buffer>>()

async function bounded(ctx: Context): Promise<Uint8Array<ArrayBuffer>> {
  if ((ctx.request.length ?? 0) > LARGEST) ctx.throw(413)
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of ctx.req) {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a request without an encoding gives buffers
    const octets = chunk as Buffer
    size += octets.length
    // A length that was not announced: the rest is not read.
    if (size > LARGEST) ctx.throw(413)
    chunks.push(octets)
  }
  return Buffer.concat(chunks)
}
