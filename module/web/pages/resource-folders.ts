/** The folder picker [...]: in a dialog with script; without, a page that carries the whole form along and leads back to it. */
import { Router } from '@koa/router'
import { fields } from '../body.ts'
import type { WebContext, WebState } from '../context.ts'
import type { WebParts } from '../parts.ts'
import { choiceOf, makeFolder, pickerLevel, pickerPlace, withChoice, type PickerPlace } from '../resources/picker.ts'
import { readForm } from '../resources/read-form.ts'
import { showForm } from '../resources/show-form.ts'
import { requires } from '../steps/identity.ts'
import { render } from '../views.ts'

export function resourceFolders(parts: WebParts): Router<WebState> {
  const { service, shell } = parts
  const router = new Router<WebState>()

  router.post('/resources/folders', requires('manage'), async (ctx) => {
    const sent = fields(ctx)
    const roots = await shell.storage.roots()
    const place = pickerPlace(sent, roots)
    if (sent['pick.cancel'] !== undefined) return back(ctx)
    if (sent['pick.choose'] !== undefined) return back(ctx, place)
    const made =
      sent['pick.create'] === undefined
        ? { place }
        : await makeFolder(service.explorer, place, sent['pick.new'] ?? '', ctx.state.identity.name)
    const level = await pickerLevel(service.explorer, made.place, roots, made.problem)
    render(ctx, 'pages/resource-folders', {
      level,
      roots,
      choice: choiceOf(level),
      typed: made.problem === undefined ? '' : (sent['pick.new'] ?? ''),
      carried: ctx.get('X-Dialog') === '1' ? [] : carried(ctx),
    })
  })

  /** To the form as it was, with the choice if one was made. */
  function back(ctx: WebContext, choice?: PickerPlace): Promise<void> {
    const form = readForm(ctx)
    const { original = '', revision = '' } = fields(ctx)
    return showForm(ctx, parts, {
      form: choice ? withChoice(form, choice) : form,
      original,
      revision,
      changed: true,
    })
  }

  return router
}

/** Everything that was typed into the form of the resource. */
function carried(ctx: WebContext): readonly (readonly [name: string, value: string])[] {
  const { body } = ctx.request
  return Object.entries(typeof body === 'object' && body !== null ? body : {}).flatMap(([name, value]) =>
    name === '_csrf' || name === 'do' || name === 'pick' || name.startsWith('pick.')
      ? []
      : [value].flat().map((each) => [name, String(each)] as const),
  )
}
