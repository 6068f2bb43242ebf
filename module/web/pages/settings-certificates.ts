/** The picker of the certificate: what the shell has, to choose from. */
import { Router } from '@koa/router'
import type { WebState } from '../context.ts'
import type { WebParts } from '../parts.ts'
import { certificateRows } from '../settings/certificates.ts'
import { render } from '../views.ts'

export function settingsCertificates({ shell, service }: WebParts): Router<WebState> {
  const router = new Router<WebState>()

  router.get('/settings/encryption/certificates', async (ctx) => {
    const current = service.settings().settings.tls.certificate ?? ''
    render(ctx, 'pages/settings-certificates', { rows: await certificateRows(shell.certificates), current })
  })

  return router
}
