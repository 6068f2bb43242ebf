/** Settings, Messages: greeting, welcome, goodbye and global replies, with variables and a preview. */
import { Router } from '@koa/router'
import { STANDARD_TEXTS } from '../../ftp/standard-texts.ts'
import { unknownVariables } from '../../ftp/template.ts'
import { VARIABLE_GROUPS, VARIABLES } from '../../ftp/variables.ts'
import { fields } from '../body.ts'
import type { WebContext, WebState } from '../context.ts'
import { redirectWith } from '../flash.ts'
import { hasText } from '../locale.ts'
import type { WebParts } from '../parts.ts'
import { requires } from '../steps/identity.ts'
import { render } from '../views.ts'
import { pathOf, type Level } from '../words/level.ts'
import { codesOf, messageNames, messagePatch, messageValues, replyName, TEXTS } from '../words/messages.ts'
import { levelIn, wordView, type ShownWords } from '../words/page.ts'
import { previewsOf } from '../words/preview.ts'
import { saveWords } from '../words/saving.ts'
import { posted, recalled, touched, type Values } from '../words/values.ts'

const PAGE = { read: messageValues, patch: messagePatch }
const PATHS = ['/settings/messages', '/settings/messages/domain/:id']
const PREVIEWS = ['/settings/messages/preview', '/settings/messages/domain/:id/preview']

export function settingsMessages(parts: WebParts): Router<WebState> {
  const router = new Router<WebState>()
  const { service } = parts

  router.get(PATHS, (ctx) => {
    const { level, found } = levelIn(ctx, service)
    if (found) show(parts, ctx, level, stored(parts, level))
  })

  // A part of the page; it changes nothing, and is a POST only because texts can be long.
  router.post(PREVIEWS, requires('manage'), (ctx) => {
    const { level, found } = levelIn(ctx, service)
    if (found) render(ctx, 'partials/message-previews', { previews: previews(parts, level, typed(parts, ctx, level)) })
  })

  router.post(PATHS, requires('manage'), async (ctx) => {
    const { level, found } = levelIn(ctx, service)
    if (found) await save(parts, ctx, level)
  })

  return router
}

function stored({ service }: WebParts, level: Level): ShownWords {
  const values = messageValues(service.settings(), level)
  return { values, was: values, revision: service.revision() }
}

function typed({ service }: WebParts, ctx: WebContext, level: Level): Values {
  const names = messageNames(service.settings(), level)
  return posted(ctx, names, recalled(fields(ctx)['_was'], names))
}

async function save(parts: WebParts, ctx: WebContext, level: Level): Promise<void> {
  const { service } = parts
  const sent = fields(ctx)
  const revision = sent['_revision'] ?? ''
  const values = typed(parts, ctx, level)
  const was = recalled(sent['_was'], messageNames(service.settings(), level))
  const unsaved = true
  if (sent['_preview'] !== undefined) return show(parts, ctx, level, { values, was, revision, unsaved })
  const saved = await saveWords(service, PAGE, { level, values, was, revision }, ctx.state.identity.name)
  if (saved.kind === 'saved' || saved.kind === 'unchanged') {
    const path = pathOf('/settings/messages', level)
    const unknown = [...touched(was, values).values()].flatMap(unknownVariables).map((name) => `$${name}`)
    if (saved.kind === 'unchanged') return redirectWith(ctx, path, 'settings.unchanged')
    if (unknown.length === 0) return redirectWith(ctx, path, 'layout.saved')
    return redirectWith(ctx, path, 'settings.messages.savedUnknown', { names: [...new Set(unknown)].join(', ') })
  }
  if (saved.kind === 'refused') {
    ctx.status = 422
    return show(parts, ctx, level, { values, was, revision, unsaved, problems: saved.problems })
  }
  ctx.status = 409
  show(parts, ctx, level, { ...stored(parts, level), values: saved.values, meanwhile: saved.meanwhile, unsaved })
}

/** With the server's texts where a domain has none. */
function previews({ service }: WebParts, level: Level, values: Values) {
  if (!level) return previewsOf(values)
  const server = messageValues(service.settings(), undefined)
  return previewsOf(new Map([...values].map(([name, text]) => [name, text || (server.get(name) ?? '')])))
}

function show(parts: WebParts, ctx: WebContext, level: Level, shown: ShownWords): void {
  const settings = parts.service.settings()
  const { t } = ctx.state
  const { values } = shown
  const view = wordView(ctx, parts.service, 'messages', level, shown)
  const server = messageValues(settings, undefined)
  const input = (name: string) => ({
    name,
    text: values.get(name) ?? '',
    inherited: level ? (server.get(name) ?? '') : '',
    error: view.errors.get(name) ?? '',
  })
  render(ctx, 'pages/settings-messages', {
    ...view,
    texts: TEXTS.map(input),
    replies: codesOf(settings, level).map((code) => {
      const when = `settings.messages.sent.${code}`
      const standard = standardText(code) ?? ''
      return { ...input(replyName(code)), code, standard, when: hasText(when) ? t(when) : '' }
    }),
    previews: previews(parts, level, values),
    variables: VARIABLE_GROUPS.map((group) => ({
      group,
      members: [...VARIABLES].flatMap(([name, { group: own, sample }]) => (own === group ? [{ name, sample }] : [])),
    })),
  })
}

function standardText(code: number): string {
  return [...STANDARD_TEXTS].find(([known]) => known === code)?.[1] ?? ''
}
