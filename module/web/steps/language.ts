/** In which language, zone and theme the pages of this request are. */
import type { Middleware } from 'koa'
import { formatsFor } from '../formats.ts'
import { chooseLocale, translator } from '../locale.ts'
import type { WebParts } from '../parts.ts'

export function speak({ host }: Pick<WebParts, 'host'>): Middleware {
  return async (ctx, next) => {
    const presentation = host.present(ctx)
    const locale = chooseLocale([presentation.locale])
    const t = translator(locale)
    const formats = formatsFor(locale, presentation.timeZone, t)
    const navigation = host.navigation?.(ctx) ?? []
    Object.assign(ctx.state, { presentation, locale, t, formats, navigation, logout: host.logoutUrl(ctx) })
    await next()
  }
}
