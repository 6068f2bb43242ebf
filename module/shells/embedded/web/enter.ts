/** Begins an administrator's session in a browser. */
import type { WebContext } from '../../../web/context.ts'
import { readCookie, writeCookie } from './cookies.ts'
import type { ShellParts } from './parts.ts'
import { plainContext } from './plain-context.ts'

/** Begins a session: always a new one (session fixation); the one this browser had before ends. */
export function enter(ctx: WebContext, { shell }: ShellParts, name: string): void {
  const plain = plainContext(ctx)
  const before = readCookie(plain, 'login')
  if (before !== undefined) shell.web.sessions.end(before)
  writeCookie(plain, 'login', shell.web.sessions.begin(name))
  writeCookie(plain, 'visit', null)
  shell.audit({ level: 'info', event: 'web.login', text: `Logged in from ${plain.ip}.`, by: name })
}
