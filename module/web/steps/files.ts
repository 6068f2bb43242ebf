/** Serves our style sheet and scripts, and those of the packages we use, from where they are installed. */
import { createHash } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Middleware } from 'koa'

interface StaticFile {
  readonly content: Buffer
  readonly type: string
  readonly tag: string
}

/** Files of packages that pages use, by the name under which they are served. */
export const PACKAGED: Readonly<Record<string, string>> = {
  'htmx.js': 'htmx.org/dist/htmx.min.js',
  'hx-sse.js': 'htmx.org/dist/ext/hx-sse.min.js',
  'uplot.js': 'uplot/dist/uPlot.iife.min.js',
  'uplot.css': 'uplot/dist/uPlot.min.css',
}

/** Answers GET /public/name; everything is read once at start. */
export function serveFiles(): Middleware {
  const files = load()
  return async (ctx, next) => {
    const name = /^\/public\/([\w.-]+)$/.exec(ctx.path)?.[1]
    const file = name === undefined ? undefined : files.get(name)
    if (!file || (ctx.method !== 'GET' && ctx.method !== 'HEAD')) {
      await next()
      return
    }
    ctx.set('Cache-Control', 'public, max-age=0, must-revalidate')
    ctx.etag = file.tag
    ctx.type = file.type
    ctx.status = 200
    if (ctx.fresh) ctx.status = 304
    else ctx.body = file.content
  }
}

function load(): ReadonlyMap<string, StaticFile> {
  const folder = fileURLToPath(new URL('../../../public', import.meta.url))
  const files = new Map<string, StaticFile>()
  for (const name of readdirSync(folder)) files.set(name, staticFile(`${folder}/${name}`))
  for (const [name, path] of Object.entries(PACKAGED)) {
    files.set(name, staticFile(fileURLToPath(new URL(path, packages()))))
  }
  return files
}

/** The folder of installed packages, found through one that has an entry file. */
function packages(): URL {
  return new URL(
    '../../',
    import.meta.resolve('htmx.org/dist/htmx.min.js').replace(/htmx\.org\/dist\/.*$/, 'htmx.org/dist/'),
  )
}

function staticFile(path: string): StaticFile {
  const content = readFileSync(path)
  return {
    content,
    type: path.slice(path.lastIndexOf('.')),
    tag: createHash('sha256').update(content).digest('base64url').slice(0, 22),
  }
}
