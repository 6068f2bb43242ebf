/** Renders the nunjucks pages and parts of pages. Everything is escaped; nothing is ever compiled from somebody's text. */
import { fileURLToPath } from 'node:url'
import nunjucks from 'nunjucks'
import type { WebContext } from './context.ts'
import { takeFlash } from './flash.ts'
import { may } from './permission.ts'
import { TABS } from './tabs.ts'

const FOLDER = fileURLToPath(new URL('../../views', import.meta.url))

const environment = new nunjucks.Environment(new nunjucks.FileSystemLoader(FOLDER), {
  autoescape: true,
  throwOnUndefined: true,
  trimBlocks: true,
  lstripBlocks: true,
})

/**
 * Answers with a page: `view` is its path below `views/` without the ending. A request of the script for a dialog gets the
 * content alone. The status is 200 unless one was set before.
 */
export function render(ctx: WebContext, view: string, data: object = {}): void {
  const status = ctx.body === undefined && ctx.status === 404 ? 200 : ctx.status
  ctx.body = renderText(ctx, view, { ...frame(ctx), ...data })
  ctx.type = 'text/html; charset=utf-8'
  ctx.status = status
}

/** The text of a part of a page, for a stream or for a script that replaces it. */
export function renderText(ctx: WebContext, view: string, data: object = {}): string {
  const { base, t, formats, identity, presentation, locale, csrf } = ctx.state
  return environment.render(`${view}.njk`, {
    t,
    formats,
    identity,
    mayOperate: may(identity, 'operate'),
    mayManage: may(identity, 'manage'),
    presentation: { stylesheets: [], ...presentation },
    locale,
    csrf,
    url: (path: string) => `${base}${path}`,
    ...data,
  })
}

/** What stands around the content. */
function frame(ctx: WebContext) {
  const dialog = ctx.get('X-Dialog') === '1' || ctx.state.presentation.embed === 'fragment'
  return {
    layoutFile: dialog ? 'layouts/dialog.njk' : (ctx.state.layout ?? 'layouts/page.njk'),
    dialog,
    tabs: TABS.map((tab) => ({
      ...tab,
      current: current(ctx.path, tab.path) || ('also' in tab && current(ctx.path, tab.also)),
    })),
    shellNavigation: ctx.state.navigation,
    logout: ctx.state.logout,
    trial: ctx.state.trial,
    above: ctx.state.above,
    severalDomains: (ctx.state.domains?.size ?? 0) > 0,
    flash: dialog ? undefined : takeFlash(ctx),
  }
}

function current(path: string, tab: string): boolean {
  return tab === '/' ? path === '/' : path === tab || path.startsWith(`${tab}/`)
}
