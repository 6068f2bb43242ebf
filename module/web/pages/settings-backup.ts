/** Backup & restore: the settings as a file, and back, with the differences shown before anything changes. */
import { Router } from '@koa/router'
import { CertificateError } from '../../certificates/choose.ts'
import { backupOf, restorationOf } from '../../service/backup.ts'
import { ChangedMeanwhile } from '../../service/changes.ts'
import { LockOut } from '../../service/rules.ts'
import { SettingsError } from '../../settings/problems.ts'
import { askLockOut } from '../access/lock-out.ts'
import { fields } from '../body.ts'
import type { WebContext, WebState } from '../context.ts'
import { redirectWith } from '../flash.ts'
import type { WebParts } from '../parts.ts'
import { problemText } from '../problem-text.ts'
import { differenceRows } from '../settings/difference-rows.ts'
import { settingsNavigation } from '../settings/page-view.ts'
import { PendingRestores } from '../settings/pending-restores.ts'
import { requires } from '../steps/identity.ts'
import { render } from '../views.ts'

const PATH = '/settings/backup'

export function settingsBackup({ service, shell }: WebParts): Router<WebState> {
  const router = new Router<WebState>()
  const pending = new PendingRestores()

  /** What a backup would change, to be confirmed. */
  const preview = (ctx: WebContext, text: string, overtaken = false) => {
    const restoration = restorationOf(text, service.settings())
    const { product, time } = restoration
    const rows = differenceRows(ctx.state, restoration.differences)
    const name = pending.put(ctx.state.identity.sessionId, { text, revision: service.revision() })
    const made = {
      product: product.name,
      version: product.version,
      time: time === undefined ? '?' : ctx.state.formats.dateTime(time),
    }
    const navigation = settingsNavigation('backup')
    render(ctx, 'pages/settings-restore', { navigation, rows, made, name, overtaken })
  }

  router.get(PATH, (ctx) => show(ctx))

  router.get(`${PATH}/download`, requires('manage'), (ctx) => {
    const backup = backupOf(service.settings(), shell.product)
    ctx.attachment(`ftp-backup-${backup.time.slice(0, 10)}.json`)
    ctx.type = 'application/json; charset=utf-8'
    ctx.body = `${JSON.stringify(backup, undefined, 2)}\n`
  })

  router.post(`${PATH}/restore`, requires('manage'), (ctx) => {
    const text = fields(ctx)['file'] ?? ''
    if (text === '') return refuse(ctx, [ctx.state.t('settings.backup.noFile')])
    return attempt(ctx, () => preview(ctx, text))
  })

  router.post(`${PATH}/confirm`, requires('manage'), async (ctx) => {
    const { identity } = ctx.state
    const waiting = pending.take(identity.sessionId, fields(ctx)['name'] ?? '')
    if (!waiting) return refuse(ctx, [ctx.state.t('settings.backup.gone')])
    await attempt(ctx, async () => {
      try {
        const { patch } = restorationOf(waiting.text, service.settings())
        const editor = { name: identity.name, address: ctx.ip }
        await service.rules.change(patch, { editor, confirm: fields(ctx)['confirm'], revision: waiting.revision })
        redirectWith(ctx, PATH, 'settings.backup.restored')
      } catch (error) {
        if (error instanceof LockOut) {
          const sent = { name: pending.put(identity.sessionId, waiting) }
          return askLockOut(ctx, service, error, { back: PATH, sent })
        }
        if (!(error instanceof ChangedMeanwhile)) throw error
        ctx.status = 409
        preview(ctx, waiting.text, true)
      }
    })
  })

  return router
}

/** Does something with a backup; why it cannot be is said on the page. */
async function attempt(ctx: WebContext, work: () => void | Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (error instanceof CertificateError) return refuse(ctx, [error.message])
    if (!(error instanceof SettingsError)) throw error
    const { t } = ctx.state
    refuse(
      ctx,
      error.problems.slice(0, 20).map((problem) => [problem.path, problemText(problem, t)].filter(Boolean).join(': ')),
    )
  }
}

function refuse(ctx: WebContext, reasons: readonly string[]): void {
  ctx.status = 422
  show(ctx, reasons)
}

function show(ctx: WebContext, reasons: readonly string[] = []): void {
  render(ctx, 'pages/settings-backup', { navigation: settingsNavigation('backup'), reasons })
}
