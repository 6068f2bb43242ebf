/** Settings, Commands: what each command is for, and which are switched off, for the server or for one domain. */
import { Router } from '@koa/router'
import { fields } from '../body.ts'
import type { WebContext, WebState } from '../context.ts'
import { redirectWith } from '../flash.ts'
import type { WebParts } from '../parts.ts'
import { answersPart, asksReplay, replayView, type ReplayView } from '../replay/view.ts'
import { requires } from '../steps/identity.ts'
import { render } from '../views.ts'
import { commandFamilies, SHOWN, type Filter } from '../words/command-rows.ts'
import { COMMAND_NAMES, commandPatch, commandValues, passiveOnlyValues } from '../words/commands.ts'
import { pathOf, type Level } from '../words/level.ts'
import { levelIn, wordView, type ShownWords } from '../words/page.ts'
import { saveWords } from '../words/saving.ts'
import { posted, recalled, touched, type Values } from '../words/values.ts'

const PAGE = { read: commandValues, patch: commandPatch }
const PATHS = ['/settings/commands', '/settings/commands/domain/:id']

export function settingsCommands(parts: WebParts): Router<WebState> {
  const router = new Router<WebState>()
  const { service } = parts

  router.get(PATHS, (ctx) => {
    const { level, found } = levelIn(ctx, service)
    if (found) show(parts, ctx, level, stored(parts, level))
  })

  router.post(PATHS, requires('manage'), async (ctx) => {
    const { level, found } = levelIn(ctx, service)
    if (found) await save(parts, ctx, level)
  })

  return router
}

function stored({ service }: WebParts, level: Level): ShownWords {
  const values = commandValues(service.settings(), level)
  return { values, was: values, revision: service.revision() }
}

async function save(parts: WebParts, ctx: WebContext, level: Level): Promise<void> {
  const { service } = parts
  const sent = fields(ctx)
  const revision = sent['_revision'] ?? ''
  const was = recalled(sent['_was'], COMMAND_NAMES)
  const values = asked(sent, posted(ctx, COMMAND_NAMES, was))
  if (asksReplay(ctx)) {
    const replay = await replayView(ctx, service, commandPatch(service.settings(), level, touched(was, values)))
    if (!answersPart(ctx, replay)) show(parts, ctx, level, { values, was, revision, unsaved: true }, replay)
    return undefined
  }
  const saved = await saveWords(service, PAGE, { level, values, was, revision }, ctx.state.identity.name)
  if (saved.kind === 'saved' || saved.kind === 'unchanged') {
    const text = saved.kind === 'saved' ? 'layout.saved' : 'settings.unchanged'
    return redirectWith(ctx, pathOf('/settings/commands', level) + ctx.search, text)
  }
  const unsaved = true
  if (saved.kind === 'refused') {
    ctx.status = 422
    return show(parts, ctx, level, { values, was, revision, unsaved, problems: saved.problems })
  }
  ctx.status = 409
  show(parts, ctx, level, { ...stored(parts, level), values: saved.values, meanwhile: saved.meanwhile, unsaved })
}

/** What the button that was pressed adds to what was typed. */
function asked(sent: Readonly<Record<string, string>>, values: Values): Values {
  const { _passive: passive } = sent
  return passive === 'on' || passive === 'off' ? passiveOnlyValues(values, passive) : values
}

function show({ service }: WebParts, ctx: WebContext, level: Level, shown: ShownWords, replay?: ReplayView): void {
  const settings = service.settings()
  const filter = filterIn(ctx)
  const view = wordView(ctx, service, 'commands', level, shown)
  render(ctx, 'pages/settings-commands', {
    ...view,
    families: commandFamilies(ctx.state.t, settings, level, { values: shown.values, errors: view.errors, filter }),
    filter,
    filters: SHOWN,
    replay,
    search: ctx.search,
    passiveOnly: settings.settings.passiveOnly,
  })
}

function filterIn(ctx: WebContext): Filter {
  const { q, show: wanted } = ctx.query
  return {
    words: typeof q === 'string' ? q.slice(0, 100) : '',
    show: SHOWN.find((one) => one === wanted) ?? 'all',
  }
}
