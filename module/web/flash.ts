/** One sentence for the page behind a redirect: what has just been done. It travels in a short-lived cookie. */
import type { WebContext } from './context.ts'
import { hasText } from './locale.ts'

export interface Flash {
  readonly kind: 'good' | 'warning' | 'bad'
  readonly key: string
  readonly values: Readonly<Record<string, string>>
}

const COOKIE = 'ftp-module-flash'

/** Redirects to a page of the module with 303, where the text of this key is shown once. */
export function redirectWith(
  ctx: WebContext,
  path: string,
  key: string,
  values: Readonly<Record<string, string>> = {},
): void {
  setFlash(ctx, { kind: 'good', key, values })
  ctx.status = 303
  ctx.redirect(`${ctx.state.base}${path}`)
}

/** A text for the next page that is rendered for this browser. */
export function setFlash(ctx: WebContext, flash: Flash): void {
  const value = Buffer.from(JSON.stringify(flash)).toString('base64url')
  // A text of somebody else's making would only be a text: it is escaped, and its key must be one of ours.
  if (value.length < 3000) ctx.cookies.set(COOKIE, value, cookie(ctx))
}

export function takeFlash(ctx: WebContext): Flash | undefined {
  const value = ctx.cookies.get(COOKIE)
  if (value === undefined) return undefined
  ctx.cookies.set(COOKIE, null, cookie(ctx))
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- checked below
    const { kind, key, values } = JSON.parse(Buffer.from(value, 'base64url').toString()) as Flash
    if (!['good', 'warning', 'bad'].includes(kind) || typeof key !== 'string' || !hasText(key)) return undefined
    return { kind, key, values: typeof values === 'object' ? values : {} }
  } catch {
    return undefined
  }
}

function cookie(ctx: WebContext) {
  return {
    path: `${ctx.state.base}/`,
    httpOnly: true,
    sameSite: 'strict' as const,
    secure: ctx.secure,
    maxAge: 60_000,
    signed: false,
  }
}
