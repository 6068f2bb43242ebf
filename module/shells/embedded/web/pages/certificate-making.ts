/** New certificates: self-signed, requested from an authority, or brought along in a file. */
import { isIP } from 'node:net'
import { Router } from '@koa/router'
import { BundleError } from '../../../../certificates/bundle.ts'
import { openBundle } from '../../../../certificates/open-bundle.ts'
import { fields } from '../../../../web/body.ts'
import type { WebContext, WebState } from '../../../../web/context.ts'
import { redirectWith } from '../../../../web/flash.ts'
import { requires } from '../../../../web/steps/identity.ts'
import { uploadedFile } from '../../../../web/upload.ts'
import { render } from '../../../../web/views.ts'
import { CERTIFICATE_ID, OWN } from '../../certificate-store.ts'
import { audit, queryText, refuseForm } from '../form.ts'
import type { Errors } from '../form.ts'
import type { ShellParts } from '../parts.ts'

const HOST = /^(?:\*\.)?(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/i
const NAMES = 50

export function certificateMaking(parts: ShellParts): Router<WebState> {
  const { shell } = parts
  const router = new Router<WebState>()
  const taken = async (id: string) =>
    [...(await shell.certificates.list()).map((each) => each.id), ...(await shell.certificates.requests())].includes(id)

  router.get('/appliance/certificates/make', requires('manage'), (ctx) => {
    const renewed = queryText(ctx, 'id') === OWN
    const typed = { id: renewed ? OWN : '', names: shell.network.names().join('\n'), kind: 'ec', how: 'self-signed' }
    render(ctx, 'shell/certificate-make', { typed, errors: {}, renewed })
  })

  router.post('/appliance/certificates/make', requires('manage'), async (ctx) => {
    const { id = '', names = '', kind = 'ec', how = 'self-signed' } = fields(ctx)
    const renewed = id === OWN && how === 'self-signed'
    const list = names.split(/[\s,;]+/).filter(Boolean)
    const errors: Errors = {
      ...(await idErrors(ctx, id, !renewed && (id === OWN || (await taken(id))))),
      ...(namesFault(list) ? { names: ctx.state.t('shell.certificates.faults.names') } : {}),
    }
    const typed = { id, names, kind, how }
    if (Object.keys(errors).length > 0) return refuseForm(ctx, 'shell/certificate-make', { typed, errors, renewed })
    const keys = kind === 'rsa' ? 'rsa' : 'ec'
    if (how === 'request') await shell.certificates.makeRequest(id, list, keys)
    else await shell.certificates.makeSelfSigned(id, list, keys)
    const what = how === 'request' ? 'requested' : 'made'
    audit(parts, ctx, `certificate.${what}`, `Certificate ${id} was ${what} for ${list.join(', ')}.`)
    redirectWith(ctx, '/appliance/certificates', `shell.certificates.${what}`, { name: id })
  })

  router.get('/appliance/certificates/import', requires('manage'), (ctx) => {
    const id = queryText(ctx, 'id')
    render(ctx, 'shell/certificate-import', { typed: { id, pem: '' }, errors: {}, waiting: id !== '' })
  })

  router.post('/appliance/certificates/import', requires('manage'), async (ctx) => {
    const { id = '', pem = '', password = '' } = fields(ctx)
    const waiting = (await shell.certificates.requests()).includes(id)
    const errors = await idErrors(ctx, id, id === OWN)
    const refuse = (more: Errors) =>
      refuseForm(ctx, 'shell/certificate-import', { typed: { id, pem }, errors: { ...errors, ...more }, waiting })
    const octets = uploadedFile(ctx, 'file') ?? Buffer.from(pem)
    if (octets.length === 0) return refuse({ file: ctx.state.t('shell.certificates.faults.no-file') })
    if (Object.keys(errors).length > 0) return refuse({})
    try {
      await shell.certificates.import(id, await openBundle(octets, password))
    } catch (error) {
      if (!(error instanceof BundleError)) throw error
      const field = error.fault === 'wrong-password' ? 'password' : 'file'
      return refuse({ [field]: ctx.state.t(`shell.certificates.faults.${error.fault}`) })
    }
    audit(parts, ctx, 'certificate.imported', `Certificate ${id} was imported.`)
    redirectWith(ctx, '/appliance/certificates', 'shell.certificates.imported', { name: id })
  })

  return router
}

async function idErrors(ctx: WebContext, id: string, taken: boolean): Promise<Errors> {
  if (!CERTIFICATE_ID.test(id)) return { id: ctx.state.t('shell.certificates.faults.id') }
  return taken ? { id: ctx.state.t('shell.faults.taken') } : {}
}

function namesFault(names: readonly string[]): boolean {
  return names.length === 0 || names.length > NAMES || !names.every((name) => isIP(name) !== 0 || HOST.test(name))
}
