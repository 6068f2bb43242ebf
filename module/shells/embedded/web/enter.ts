/** Begins an administrator's session in a browser. */
import type { WebContext } from '../../../web/context.ts'
import { readCookie, writeCookie } from './cookies.ts'
import type { ShellParts } from './parts.ts'

/** Begins a session: always a new one (session fixation); the one this browser had before ends. */
export function enter(ctx: WebContext, { shell, audit }: ShellParts, name: string): void {
  const before = readCookie(ctx, 'login')
  if (before !== undefined) shell.web.sessions.end(before)
  writeCookie(ctx, 'login', shell.web.sessions.begin(name))
  writeCookie(ctx, 'visit', null)
  audit({ level: 'info', event: 'web.login', text: `Logged in from ${ctx.ip}.`, by: name })
}
