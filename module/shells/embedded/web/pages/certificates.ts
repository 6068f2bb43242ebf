/** The certificates of the device: what there is, what it says, and away with it. */
import { Router } from '@koa/router'
import { inspectPair } from '../../../../certificates/inspect.ts'
import { fields } from '../../../../web/body.ts'
import type { WebContext, WebState } from '../../../../web/context.ts'
import { redirectWith } from '../../../../web/flash.ts'
import { requires } from '../../../../web/steps/identity.ts'
import { render } from '../../../../web/views.ts'
import { OWN } from '../../certificate-store.ts'
import { audit, queryText, refuseForm, usesOf } from '../form.ts'
import type { ShellParts } from '../parts.ts'

const DAY = 86_400_000
/** Days before its end from which on a certificate is warned of. */
const WARN_DAYS = 21

export function certificates(parts: ShellParts): Router<WebState> {
  const { shell } = parts
  const router = new Router<WebState>()
  const known = async (ctx: WebContext, id: string) => {
    const ids = [...(await shell.certificates.list()).map((each) => each.id), ...(await shell.certificates.requests())]
    if (!ids.includes(id)) ctx.throw(404)
    return id
  }

  router.get('/appliance/certificates', async (ctx) => {
    const ids = (await shell.certificates.list()).map(({ id }) => id)
    const rows = await Promise.all(
      ids.map(async (id) => ({ id, uses: await usesOfCertificate(ctx, parts, id), ...(await look(parts, id)) })),
    )
    render(ctx, 'shell/certificates', { rows, requests: await shell.certificates.requests(), own: OWN })
  })

  router.get('/appliance/certificates/view', async (ctx) => {
    const id = queryText(ctx, 'id')
    if (!(await shell.certificates.list()).some((each) => each.id === id)) ctx.throw(404)
    render(ctx, 'shell/certificate', {
      id,
      uses: await usesOfCertificate(ctx, parts, id),
      own: OWN,
      ...(await look(parts, id)),
    })
  })

  // The certificate is public; a key is never handed out.
  router.get('/appliance/certificates/export', requires('manage'), async (ctx) => {
    const id = await known(ctx, queryText(ctx, 'id'))
    const waiting = (await shell.certificates.requests()).includes(id) && ctx.query['kind'] === 'request'
    ctx.attachment(`${id}.${waiting ? 'csr' : 'pem'}`)
    ctx.type = 'application/x-pem-file'
    ctx.body = waiting ? await shell.certificates.request(id) : (await shell.certificates.load(id)).certificate
  })

  router.get('/appliance/certificates/delete', requires('manage'), async (ctx) => {
    const id = await known(ctx, queryText(ctx, 'id'))
    const uses = await usesOfCertificate(ctx, parts, id)
    if (id === OWN || uses.length > 0) return refuseForm(ctx, 'shell/certificate-kept', { id, uses })
    render(ctx, 'shell/delete', {
      what: 'certificates',
      action: '/appliance/certificates/delete',
      field: 'id',
      id,
      uses: [],
    })
  })

  router.post('/appliance/certificates/delete', requires('manage'), async (ctx) => {
    const id = await known(ctx, fields(ctx)['id'] ?? '')
    const uses = await usesOfCertificate(ctx, parts, id)
    if (id === OWN || uses.length > 0) return refuseForm(ctx, 'shell/certificate-kept', { id, uses })
    await shell.certificates.remove(id)
    audit(parts, ctx, 'certificate.deleted', `Certificate ${id} was deleted.`)
    redirectWith(ctx, '/appliance/certificates', 'shell.certificates.deleted', { name: id })
  })

  return router
}

/** Settings that name it, and the pages themselves. */
async function usesOfCertificate(ctx: WebContext, parts: ShellParts, id: string): Promise<readonly string[]> {
  const { https, certificate } = parts.shell.webAddress
  const uses = await usesOf(ctx, parts, 'certificate', id)
  const named = parts.module.references().some(({ where }) => where === 'settings.tls.certificate')
  return [
    ...uses,
    // What the server gets that names none.
    ...(id === OWN && !named ? [ctx.state.t('shell.places.encryptionOwn')] : []),
    ...(https && (certificate ?? OWN) === id ? ['web'] : []),
  ]
}

/** What it says, and how it stands: `good`, `soon` (about to expire) or the kind of its fault. */
async function look({ shell }: ShellParts, id: string) {
  const now = Date.now()
  const { description, faults } = inspectPair(await shell.certificates.load(id), now)
  const soon = description !== undefined && description.validUntil - now < WARN_DAYS * DAY
  return { description: description ?? null, state: faults[0]?.kind ?? (soon ? 'soon' : 'good') }
}
