/** Follows every link of the pages, as a browser that opens everything it is shown. */

/** Pages somewhere, and who asks for them. */
export interface Site {
  readonly origin: string
  readonly base: string
  readonly cookies: ReadonlyMap<string, string>
}

export interface Crawled {
  /** The path below the base, with its query. */
  readonly path: string
  readonly status: number
  readonly headers: Headers
  /** Empty for what is no HTML. */
  readonly text: string
}

/** Pages of one kind, such as those of single days, that are opened; the others look the same. */
const OF_A_KIND = 3

/** All pages that can be reached by GET from these; streams and downloads are begun and left. */
export async function crawl(it: Site, from: readonly string[] = ['/']): Promise<readonly Crawled[]> {
  const seen = new Set<string>()
  const kinds = new Map<string, number>()
  const waiting = [...from]
  const found: Crawled[] = []
  for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
    const kind = kindOf(path).replaceAll(/=[^&]*/g, '=')
    const times = kinds.get(kind) ?? 0
    if (seen.has(path) || times >= OF_A_KIND) continue
    seen.add(path)
    kinds.set(kind, times + 1)
    const page = await open(it, path)
    found.push(page)
    waiting.push(...links(page, it))
  }
  return found
}

/** A path without what tells pages of one kind apart: numbers, ids, names of people and domains. */
export function kindOf(path: string): string {
  return path
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}|\d+/g, '#')
    .replaceAll(/\/(user|group|domain|domains|named)\/[^/?]+/g, '/$1/#')
    .replace(/^\/resources\/(?!(?:new|effective|folders|named)(?:[/?]|$))[^/?]+/, '/resources/#')
}

async function open(it: Site, path: string): Promise<Crawled> {
  const leaving = new AbortController()
  const answer = await fetch(it.origin + it.base + path, {
    redirect: 'manual',
    signal: leaving.signal,
    headers: { cookie: [...it.cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
  })
  const html = answer.headers.get('content-type')?.startsWith('text/html') === true
  const text = html ? await answer.text() : ''
  leaving.abort()
  return { path, status: answer.status, headers: answer.headers, text }
}

/** Paths below the base that the page leads to by GET. */
function links({ path, text, headers }: Crawled, it: Site): readonly string[] {
  const written = [...text.matchAll(/\s(?:href|src|hx-get|hx-sse:connect|data-[a-z-]+)="([^"]*)"/g)].map(
    ([, link]) => link ?? '',
  )
  const here = new URL(it.origin + it.base + path)
  const location = headers.get('location')
  return [...written, ...(location === null ? [] : [location])]
    .filter((link) => /^[/?.]/.test(link))
    .map((link) => new URL(plain(link), here))
    .filter((url) => url.origin === it.origin && `${url.pathname}/`.startsWith(`${it.base}/`))
    .map((url) => (url.pathname.slice(it.base.length) || '/') + url.search)
}

export interface Form {
  /** The path below the base. */
  readonly action: string
  readonly fields: Readonly<Record<string, string>>
  /** Whether it has a button and is not disabled. */
  readonly sendable: boolean
}

/** An attribute's text. */
function plain(attribute: string): string {
  return attribute
    .replaceAll('&#39;', "'")
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
}

/** The forms of a page that change something, with what they hold. */
export function forms({ path, text }: Crawled, it: Site): readonly Form[] {
  return [...text.matchAll(/<form\b([^>]*)>([^]*?)<\/form>/g)]
    .filter(([, attributes = '']) => /method="post"/i.test(attributes))
    .map(([, attributes = '', content = '']) => {
      const action = /\saction="([^"]*)"/.exec(attributes)?.[1] ?? it.base + path
      const fields = Object.fromEntries(
        [...content.matchAll(/<(?:input|button)\b[^>]*\bname="([^"]*)"[^>]*>/g)].map(([tag, name = '']) => [
          name,
          /\bvalue="([^"]*)"/.exec(tag)?.[1] ?? '',
        ]),
      )
      return {
        action: plain(action).slice(it.base.length),
        fields,
        sendable: /<button\b/.test(content) && !/<fieldset[^>]*\sdisabled/.test(content),
      }
    })
}
