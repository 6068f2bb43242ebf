/** "Effective limits": what holds for a user in a domain at a time, and which level and which hours decide each. */
import { Router } from '@koa/router'
import {
  disabledUntil,
  effectiveLimits,
  sharedSpeed,
  type EffectiveLimits,
  type When,
} from '../../settings/inheritance.ts'
import type { DirectoryUser } from '../../shell.ts'
import { accessNavigation } from '../access/navigation.ts'
import { LIMITS, SHARED } from '../accounts/account-form.ts'
import { limitText } from '../accounts/amount.ts'
import { accountPath, zoneOf } from '../accounts/directory.ts'
import { valueText } from '../accounts/show-account.ts'
import { sourceText } from '../accounts/source.ts'
import type { WebContext, WebState } from '../context.ts'
import { localText, localTime } from '../local-time.ts'
import type { WebParts } from '../parts.ts'
import { render } from '../views.ts'

/** Names that are offered while somebody types. */
const OFFERED = 200

const NAMES: readonly (keyof EffectiveLimits)[] = ['ftp', 'fromOutside', 'startFolder', ...LIMITS]

export function effectiveLimitsPage({ service, shell }: WebParts): Router<WebState> {
  const router = new Router<WebState>()

  router.get('/access/accounts/effective', async (ctx) => {
    const query = new URLSearchParams(ctx.querystring)
    const asked = (name: string) => (query.get(name) ?? '').trim()
    const zone = zoneOf(shell)
    const { domains } = service.settings()
    const at = asked('at') === '' ? Date.now() : localTime(asked('at'), zone)
    const user = asked('user') === '' ? undefined : await shell.users.find(asked('user'))
    const domain = domains.find(({ id }) => id === asked('domain'))
    const errors = {
      user: asked('user') !== '' && !user ? ctx.state.t('accounts.effective.unknown') : '',
      at: at === undefined ? ctx.state.t('accounts.effective.noTime') : '',
    }
    if (errors.user !== '' || errors.at !== '') ctx.status = 422
    const when = { at: at ?? Date.now(), timeZone: zone, ...(domain ? { domain: domain.id } : {}) }
    render(ctx, 'pages/effective-limits', {
      navigation: accessNavigation('accounts'),
      question: {
        user: asked('user'),
        domain: asked('domain'),
        at: asked('at') || localText(Date.now(), zone),
      },
      errors,
      zone,
      domains: [
        { value: '', label: ctx.state.t('accounts.effective.defaultDomain') },
        ...domains.map(({ id, name }) => ({ value: id, label: name })),
      ],
      users: (await shell.users.list().catch(() => [])).slice(0, OFFERED).map(({ name }) => name),
      answer: user && at !== undefined ? answer(ctx, user, when) : undefined,
    })
  })

  function answer(ctx: WebContext, user: DirectoryUser, when: When & { readonly at: number }) {
    const { t, formats } = ctx.state
    const settings = service.settings()
    const limits = effectiveLimits(settings, user, when)
    const disabled = disabledUntil(settings, user, when.at)
    const shared = SHARED.flatMap((name) => {
      const found = sharedSpeed(settings, user, name)
      if (!found) return []
      const value = limitText(name, found.value, ctx.state)
      return [
        {
          label: t('accounts.effective.shared', { what: t(`accounts.limits.${name}`) }),
          value,
          source: sourceText(found, settings, t),
        },
      ]
    })
    return {
      user,
      path: accountPath('user', user.name),
      disabled: disabled && {
        until: formats.dateTime(Date.parse(disabled.value)),
        source: sourceText(disabled, settings, t),
      },
      rows: [
        ...NAMES.map((name) => ({
          label: t(
            name === 'ftp' || name === 'fromOutside' || name === 'startFolder'
              ? `accounts.fields.${name}`
              : `accounts.limits.${name}`,
          ),
          value: valueText(ctx, name, limits[name].value),
          source: sourceText(limits[name], settings, t),
        })),
        ...shared,
      ],
    }
  }

  return router
}
