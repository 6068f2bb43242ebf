/** The device itself: storage, networks, firewall, where these pages are, and who administers. */
import { Router } from '@koa/router'
import { webAddress } from '../../../../settings/preset.ts'
import type { WebAddress } from '../../../../settings/preset.ts'
import { fields } from '../../../../web/body.ts'
import type { WebContext, WebState } from '../../../../web/context.ts'
import { redirectWith } from '../../../../web/flash.ts'
import { requires } from '../../../../web/steps/identity.ts'
import { render } from '../../../../web/views.ts'
import { audit, refuseForm } from '../form.ts'
import type { Errors } from '../form.ts'
import type { ShellParts } from '../parts.ts'
import { WebListenError } from '../server.ts'

export function system(parts: ShellParts): Router<WebState> {
  const { shell } = parts
  const router = new Router<WebState>()

  router.get('/appliance/system', async (ctx) => {
    const web = shell.webAddress
    const roots = await shell.storage.roots()
    render(ctx, 'shell/system', {
      roots,
      network: {
        lan: outerNetworks(shell.network.lan()),
        wan: shell.network.wanAddress() ?? '',
        names: shell.network.names(),
      },
      firewall: await shell.firewall.state(),
      web: { ...web, at: parts.at() },
      administrators: shell.administrators.list(),
    })
  })

  router.post('/appliance/system/firewall', requires('manage'), async (ctx) => {
    const on = fields(ctx)['to'] === 'on'
    if (!(await shell.firewall.state()).available) ctx.throw(403)
    await shell.firewall.manage(on)
    audit(parts, ctx, 'firewall.changed', `The firewall is ${on ? 'managed' : 'not managed'} from now on.`)
    redirectWith(ctx, '/appliance/system', on ? 'shell.firewall.turnedOn' : 'shell.firewall.turnedOff')
  })

  router.get('/appliance/system/web', requires('manage'), async (ctx) => {
    const { names, port, certificate, ...web } = shell.webAddress
    const typed = { ...web, port: String(port), names: names.join(' '), certificate: certificate ?? '' }
    render(ctx, 'shell/web', await webForm(parts, typed, {}))
  })

  router.post('/appliance/system/web', requires('manage'), async (ctx) => {
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
    await move(ctx, parts, wanted.data, typed)
  })

  return router
}

/** Without the machine itself. */
function outerNetworks(networks: readonly string[]): readonly string[] {
  return networks.filter((network) => !network.startsWith('127.') && !network.startsWith('::1/'))
}

/** First the new place, then the file: a place that does not work is never stored. */
async function move(ctx: WebContext, parts: ShellParts, web: WebAddress, typed: object): Promise<void> {
  const { shell } = parts
  const before = shell.webAddress
  const next = { ...web, port: shell.webPortFixed ? before.port : web.port }
  const elsewhere = (['address', 'port', 'https'] as const).some((key) => next[key] !== before[key])
  let url = '/appliance/system'
  try {
    if (elsewhere || next.certificate !== before.certificate) url = new URL(url, await parts.move(next)).href
  } catch (error) {
    if (!(error instanceof WebListenError)) throw error
    return refuseForm(ctx, 'shell/web', await webForm(parts, typed, { port: ctx.state.t('shell.web.faults.inUse') }))
  }
  await shell.file.edit(() => ({ web }))
  audit(parts, ctx, 'web.changed', `The web pages are at ${url} from now on.`)
  if (!elsewhere) return redirectWith(ctx, '/appliance/system', 'shell.web.changed')
  // A form may not lead to another origin, so the way there is shown as a link.
  render(ctx, 'shell/web-moved', { address: url })
}

async function webForm({ shell }: ShellParts, typed: object, errors: Errors) {
  return { typed, errors, portFixed: shell.webPortFixed, certificates: await shell.certificates.list() }
}

function portOf(text: string): number {
  return /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
}
