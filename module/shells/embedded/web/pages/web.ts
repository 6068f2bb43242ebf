/** Where these pages are: the form, and the two buttons of a new place that is on trial. */
import { Router } from '@koa/router'
import { webAddress } from '../../../../settings/preset.ts'
import type { WebAddress } from '../../../../settings/preset.ts'
import { fields } from '../../../../web/body.ts'
import type { WebContext, WebState } from '../../../../web/context.ts'
import { redirectWith, setFlash } from '../../../../web/flash.ts'
import { requires } from '../../../../web/steps/identity.ts'
import { render } from '../../../../web/views.ts'
import { audit, refuseForm } from '../form.ts'
import type { Errors } from '../form.ts'
import type { ShellParts } from '../parts.ts'
import { WebListenError } from '../server.ts'

const SYSTEM = '/appliance/system'
const PATH = '/appliance/system/web'

export function webPages(parts: ShellParts): Router<WebState> {
  const { shell, place } = parts
  const router = new Router<WebState>()

  router.get(PATH, requires('manage'), async (ctx) => {
    const { names, port, certificate, ...web } = shell.webAddress
    const typed = { ...web, port: String(port), names: names.join(' '), certificate: certificate ?? '' }
    render(ctx, 'shell/web', await webForm(parts, typed, {}))
  })

  router.post(PATH, requires('manage'), async (ctx) => {
    const { address = '', port = '', names = '', https, certificate = '' } = fields(ctx)
    const typed = { address, port, names, certificate, https: https === 'on' }
    const wanted = webAddress.safeParse({
      address,
      port: shell.webPortFixed ? shell.file.current.web.port : portOf(port),
      https: typed.https,
      names: names
        .toLowerCase()
        .split(/[\s,;]+/)
        .filter(Boolean),
      ...(certificate === '' ? {} : { certificate }),
    })
    if (!wanted.success) {
      const errors = Object.fromEntries(
        wanted.error.issues.map(({ path }) => [path[0], ctx.state.t(`shell.web.faults.${String(path[0])}`)]),
      )
      return refuseForm(ctx, 'shell/web', await webForm(parts, typed, errors))
    }
    await change(ctx, parts, wanted.data, typed)
  })

  router.post(`${PATH}/confirm`, requires('manage'), async (ctx) => {
    // From the old place nobody can say that the new one is reached.
    const kept = place.onTrial(ctx.req) && (await place.confirm(ctx.state.identity.name))
    setFlash(ctx, {
      kind: kept ? 'good' : 'warning',
      key: kept ? 'shell.web.trial.kept' : 'shell.web.trial.notKept',
      values: {},
    })
    ctx.status = 303
    ctx.redirect(SYSTEM)
  })

  router.post(`${PATH}/undo`, requires('manage'), async (ctx) => {
    const here = place.onTrial(ctx.req)
    const undone = await place.undo(ctx.state.identity.name)
    if (here && undone)
      return render(ctx, 'shell/web-moved', { address: new URL(SYSTEM, place.url).href, onTrial: false })
    redirectWith(ctx, SYSTEM, undone ? 'shell.web.trial.undone' : 'shell.web.trial.notKept')
  })

  return router
}

/** What may shut everybody out is tried out first; the rest is stored at once. */
async function change(ctx: WebContext, parts: ShellParts, web: WebAddress, typed: object): Promise<void> {
  const { shell, place } = parts
  const before = shell.webAddress
  const next = { ...web, port: shell.webPortFixed ? before.port : web.port }
  const elsewhere = (['address', 'port', 'https'] as const).some((key) => next[key] !== before[key])
  if (!elsewhere) {
    if (next.certificate !== before.certificate) await parts.recertify(next.certificate)
    await shell.file.edit(() => ({ web }))
    audit(parts, ctx, 'web.changed', 'The host names or the certificate of the web pages were changed.')
    return redirectWith(ctx, SYSTEM, 'shell.web.changed')
  }
  try {
    const url = await place.begin(next, web, ctx.state.identity.name)
    // A form may not lead to another origin, so the way there is shown as a link.
    render(ctx, 'shell/web-moved', { address: new URL(SYSTEM, url).href, onTrial: true })
  } catch (error) {
    if (!(error instanceof WebListenError)) throw error
    refuseForm(ctx, 'shell/web', await webForm(parts, typed, { port: ctx.state.t('shell.web.faults.inUse') }))
  }
}

async function webForm({ shell }: ShellParts, typed: object, errors: Errors) {
  return { typed, errors, portFixed: shell.webPortFixed, certificates: await shell.certificates.list() }
}

function portOf(text: string): number {
  return /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
}
