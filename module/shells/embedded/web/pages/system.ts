/** The device itself: storage, networks, firewall, where these pages are, and who administers; what can be changed has pages of its own. */
import { Router } from '@koa/router'
import { fields } from '../../../../web/body.ts'
import type { WebState } from '../../../../web/context.ts'
import { redirectWith } from '../../../../web/flash.ts'
import { requires } from '../../../../web/steps/identity.ts'
import { render } from '../../../../web/views.ts'
import { audit } from '../form.ts'
import type { ShellParts } from '../parts.ts'

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
      web: { ...web, at: parts.place.url },
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

  return router
}

/** Without the machine itself. */
function outerNetworks(networks: readonly string[]): readonly string[] {
  return networks.filter((network) => !network.startsWith('127.') && !network.startsWith('::1/'))
}
