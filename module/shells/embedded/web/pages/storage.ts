/** Folders of the machine that resources may lie in. */
import { Router } from '@koa/router'
import { accountName } from '../../../../settings/values.ts'
import { fields } from '../../../../web/body.ts'
import type { WebState } from '../../../../web/context.ts'
import { redirectWith } from '../../../../web/flash.ts'
import { requires } from '../../../../web/steps/identity.ts'
import { render } from '../../../../web/views.ts'
import { StorageError } from '../../storage-roots.ts'
import { audit, queryText, refuseForm, usesOf } from '../form.ts'
import type { ShellParts } from '../parts.ts'

export function storage(parts: ShellParts): Router<WebState> {
  const { shell } = parts
  const router = new Router<WebState>()
  const added = (id: string) => shell.file.current.storage.find((folder) => folder.id === id)

  router.get('/appliance/system/storage/add', requires('manage'), (ctx) => {
    render(ctx, 'shell/storage', { typed: { label: '', path: '' }, errors: {} })
  })

  router.post('/appliance/system/storage/add', requires('manage'), async (ctx) => {
    const { label = '', path = '' } = fields(ctx)
    const refuse = (errors: object) => refuseForm(ctx, 'shell/storage', { typed: { label, path }, errors })
    if (!accountName.safeParse(label).success) return refuse({ label: ctx.state.t('shell.faults.name') })
    try {
      await shell.storage.add(label, path)
    } catch (error) {
      if (error instanceof StorageError) return refuse({ path: ctx.state.t(`shell.storage.faults.${error.fault}`) })
      throw error
    }
    audit(parts, ctx, 'storage.added', `Storage ${JSON.stringify(label)} was added: ${path}`)
    redirectWith(ctx, '/appliance/system', 'shell.storage.added', { name: label })
  })

  router.get('/appliance/system/storage/remove', requires('manage'), async (ctx) => {
    const folder = added(queryText(ctx, 'id')) ?? ctx.throw(404)
    const action = '/appliance/system/storage/remove'
    const uses = await usesOf(ctx, parts, 'storage', folder.id)
    render(ctx, 'shell/delete', { what: 'storage', action, field: 'id', id: folder.id, label: folder.label, uses })
  })

  router.post('/appliance/system/storage/remove', requires('manage'), async (ctx) => {
    const folder = added(fields(ctx)['id'] ?? '') ?? ctx.throw(404)
    await shell.storage.remove(folder.id)
    audit(parts, ctx, 'storage.removed', `Storage ${JSON.stringify(folder.label)} was removed.`)
    redirectWith(ctx, '/appliance/system', 'shell.storage.removed', { name: folder.label })
  })

  return router
}
