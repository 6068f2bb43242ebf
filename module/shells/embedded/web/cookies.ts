/** The cookies of the embedded shell. */
import type { Context } from 'koa'

const YEAR = 365 * 86_400_000

/** Under HTTPS the browser itself sees to it that no other host and no clear-text page has set them. */
const nameOf = (ctx: Context, name: string) => (ctx.secure ? `__Host-${name}` : name)

const options = (ctx: Context) => ({
  path: '/',
  httpOnly: true,
  sameSite: 'strict' as const,
  secure: ctx.secure,
  signed: false,
  overwrite: true,
})

/** A cookie of ours that ends with the browser's session; `login` and `visit` are secrets. */
export function readCookie(ctx: Context, name: 'login' | 'visit'): string | undefined {
  return ctx.cookies.get(nameOf(ctx, `ftp-${name}`))
}

/** Sets it, or with null takes it away. */
export function writeCookie(ctx: Context, name: 'login' | 'visit', value: string | null): void {
  ctx.cookies.set(nameOf(ctx, `ftp-${name}`), value, options(ctx))
}

/** What this browser has chosen. */
export function readChoice(ctx: Context, name: 'language' | 'theme'): string | undefined {
  return ctx.cookies.get(`ftp-${name}`)
}

/** Keeps it for a year. */
export function writeChoice(ctx: Context, name: 'language' | 'theme', value: string): void {
  ctx.cookies.set(`ftp-${name}`, value, { ...options(ctx), maxAge: YEAR })
}
