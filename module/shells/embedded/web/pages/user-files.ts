/** Users out of a file and into one. */
import { Router } from '@koa/router'
import { fields } from '../../../../web/body.ts'
import type { WebContext, WebState } from '../../../../web/context.ts'
import { redirectWith } from '../../../../web/flash.ts'
import { requires } from '../../../../web/steps/identity.ts'
import { uploadedFile } from '../../../../web/upload.ts'
import { render } from '../../../../web/views.ts'
import { audit } from '../form.ts'
import type { ShellParts } from '../parts.ts'
import { readUsers, usersAsCsv } from '../user-list.ts'

export function userFiles(parts: ShellParts): Router<WebState> {
  const { shell } = parts
  const router = new Router<WebState>()

  router.get('/appliance/users/export', requires('manage'), async (ctx) => {
    ctx.attachment('users.csv')
    ctx.type = 'text/csv; charset=utf-8'
    ctx.body = usersAsCsv(await shell.users.list())
  })

  router.get('/appliance/users/import', requires('manage'), (ctx) => {
    render(ctx, 'shell/user-import', { text: '', preview: null, error: '' })
  })

  router.post('/appliance/users/import', requires('manage'), async (ctx) => {
    const text = uploadedFile(ctx, 'file')?.toString('utf8') ?? fields(ctx)['text'] ?? ''
    const { users, faults } = readUsers(text)
    const confirmed = fields(ctx)['confirm'] === 'yes'
    if (!confirmed || faults.length > 0 || users.length === 0) return preview(ctx, parts, text)
    await shell.users.put(users)
    audit(parts, ctx, 'user.imported', `${users.length} users were imported.`)
    redirectWith(ctx, '/appliance/users', 'shell.users.imported', { count: String(users.length) })
  })

  return router
}

async function preview(ctx: WebContext, { shell }: ShellParts, text: string): Promise<void> {
  const { users, faults } = readUsers(text)
  const known = new Set((await shell.users.list()).map(({ name }) => name))
  if (faults.length > 0 || users.length === 0) ctx.status = 422
  const rows = users.map(({ name, groups, enabled, password }) => ({
    name,
    groups,
    enabled,
    withPassword: password !== undefined,
    isNew: !known.has(name),
  }))
  const shown = { rows: rows.slice(0, 200), more: Math.max(0, rows.length - 200), count: rows.length, faults }
  render(ctx, 'shell/user-import', { text, preview: shown, error: '' })
}
