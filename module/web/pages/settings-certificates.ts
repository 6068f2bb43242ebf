/** The picker of the certificate: what the shell has, to choose from. */
import { Router } from '@koa/router'
import type { WebState } from '../context.ts'
import { pickedPath, pickerReason } from '../domains/links.ts'
import type { WebParts } from '../parts.ts'
import { certificateRows } from '../settings/certificates.ts'
import { render } from '../views.ts'

export function settingsCertificates({ shell, service }: WebParts): Router<WebState> {
  const router = new Router<WebState>()

  router.get('/settings/encryption/certificates', async (ctx) => {
    const { settings, domains } = service.settings()
    const asked = ctx.query['for']
    const reason = typeof asked === 'string' ? asked : ''
    const domain = domains.find(({ id }) => pickerReason(id) === reason)
    const current = (reason === '' ? settings.tls : domain)?.certificate ?? ''
    const rows = await certificateRows(shell.certificates)
    render(ctx, 'pages/settings-certificates', { rows, current, back: pickedPath(reason), ofDomain: reason !== '' })
  })

  return router
}
