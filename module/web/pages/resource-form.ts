/** The form of one resource: a new one, or one that is there. Its buttons for rows work on the form and save nothing. */
import { Router } from '@koa/router'
import { checked, SettingsError, type Problem } from '../../settings/problems.ts'
import { resource as schema, type Resource } from '../../settings/resource.ts'
import { fields } from '../body.ts'
import type { WebContext, WebState } from '../context.ts'
import { redirectWith, setFlash } from '../flash.ts'
import type { WebParts } from '../parts.ts'
import { formOf, type ResourceForm } from '../resources/form.ts'
import { resourceInput, type ResourceInput } from '../resources/input.ts'
import { makeFolders } from '../resources/picker.ts'
import { readForm, without, withAdded } from '../resources/read-form.ts'
import { saveResource } from '../resources/save.ts'
import { showForm } from '../resources/show-form.ts'
import { kindOf, people } from '../resources/who.ts'
import { requires } from '../steps/identity.ts'

const BLANK: Resource = schema.parse({ name: '-', folder: '' })

export function resourceForm(parts: WebParts): Router<WebState> {
  const { service, shell } = parts
  const router = new Router<WebState>()
  const named = (name: string | undefined) => service.settings().resources.find((one) => one.name === name)

  router.get('/resources/new', requires('manage'), async (ctx) => {
    const form = { ...formOf(BLANK, await firstRoot(), ctx.state.t), name: '', makeFolder: true }
    await showForm(ctx, parts, { form, original: '', revision: service.revision() })
  })

  router.get(['/resources/named/:name', '/resources/:name'], async (ctx) => {
    const found = named(ctx.params['name']) ?? ctx.throw(404, 'resource')
    const form = formOf(found, await firstRoot(), ctx.state.t)
    await showForm(ctx, parts, { form, original: found.name, revision: service.revision() })
  })

  router.post('/resources/new', requires('manage'), (ctx) => post(ctx, ''))

  router.post(['/resources/named/:name', '/resources/:name'], requires('manage'), (ctx) =>
    post(ctx, ctx.params['name'] ?? ''),
  )

  async function post(ctx: WebContext, original: string): Promise<void> {
    const { do: deed = 'save', revision = '' } = fields(ctx)
    const [what = '', place = ''] = deed.split(/:(.*)/s)
    if (what === 'remove') {
      const form = without(readForm(ctx), place)
      return showForm(ctx, parts, { form, original, revision, changed: true, focus: place.replace(/\.\d+$/, '') })
    }
    const form = withAdded(readForm(ctx), kindOf(await people(shell.users)))
    const read = resourceInput(form, await firstRoot(), named(original))
    if (what === 'add') {
      const problems = read.problems.filter(({ path }) => path.endsWith('.add.name'))
      return showForm(ctx, parts, { form, original, revision, problems, changed: true, focus: place })
    }
    const problems = allProblems(read)
    if (problems.length > 0) return refuse(ctx, { form, original, revision, problems })
    const by = ctx.state.identity.name
    // First: a resource that is stored without its folder is hidden from clients, and administrators are told so.
    if (form.makeFolder) await makeFolders(service.explorer, checked(schema, read.input), by)
    const result = await saveResource(service, { original: original || undefined, input: read.input, revision, by })
    if (result.kind === 'refused') return refuse(ctx, { form, original, revision, problems: result.problems })
    if (result.kind === 'overtaken') {
      ctx.status = 409
      const now = { revision: service.revision(), original: result.gone ? '' : original }
      return showForm(ctx, parts, { form, ...now, overtaken: result, changed: true })
    }
    return saved(ctx, form)
  }

  function refuse(ctx: WebContext, shown: Parameters<typeof showForm>[2]): Promise<void> {
    ctx.status = 422
    return showForm(ctx, parts, shown)
  }

  /** Says so, and what clients will miss. */
  async function saved(ctx: WebContext, { name }: ResourceForm): Promise<void> {
    const { problem } = (await service.resources()).find((one) => one.name === name) ?? {}
    const whole = named(name)?.folder === '' ? 'whole' : undefined
    const but = problem ?? whole
    if (but === undefined) return redirectWith(ctx, '/resources', 'resources.saved', { name })
    setFlash(ctx, { kind: 'warning', key: `resources.savedBut.${but}`, values: { name } })
    ctx.status = 303
    ctx.redirect(`${ctx.state.base}/resources`)
  }

  async function firstRoot(): Promise<string> {
    return (await shell.storage.roots())[0]?.id ?? ''
  }

  return router
}

/** Everything that is wrong with it, so that nobody has to save five times to hear of five problems. */
function allProblems({ input, problems }: ResourceInput): readonly Problem[] {
  try {
    checked(schema, input)
    return problems
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error
    return [...problems, ...error.problems]
  }
}
