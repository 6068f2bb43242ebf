/** "Effective rights": what a user, or a guest from an address, may do at a path, and which entry decided each. */
import { Router } from '@koa/router'
import ipaddr from 'ipaddr.js'
import { Refusal } from '../../ftp/reply.ts'
import type { ExplainedRights, Whose } from '../../service/explorer.ts'
import type { WebContext, WebState } from '../context.ts'
import type { WebParts } from '../parts.ts'
import { rightLines } from '../resources/explained.ts'
import { people } from '../resources/who.ts'
import { render } from '../views.ts'

interface Question {
  readonly who: 'user' | 'guest'
  readonly user: string
  readonly address: string
  readonly path: string
  /** Id of the domain where they log in; empty for the default one. */
  readonly domain: string
}

export function effectiveRights({ service, shell }: WebParts): Router<WebState> {
  const router = new Router<WebState>()

  router.get('/resources/effective', async (ctx) => {
    const question = read(ctx)
    const { answer, errors } = await ask(question)
    const { resources, domains } = service.settings()
    const domain = domains.find(({ id }) => id === question.domain)
    if (Object.keys(errors).length > 0) ctx.status = 422
    render(ctx, 'pages/effective-rights', {
      question,
      errors,
      answer,
      lines: answer ? rightLines(ctx, answer, resources, domain) : [],
      domains: domains.map(({ id, name }) => ({ value: id, label: name })),
      users: (await people(shell.users)).users,
      paths: resources.map(({ name }) => `/${name}`),
    })
  })

  async function ask(question: Question): Promise<{ answer?: ExplainedRights; errors: Record<string, string> }> {
    const { who, user, path, domain } = question
    if (who === 'user' && user === '') return { errors: {} }
    if (who === 'guest' && !ipaddr.isValid(question.address)) return { errors: { address: 'address' } }
    try {
      const whose: Whose = who === 'user' ? { user } : { guestFrom: ipaddr.process(question.address).toString() }
      const answer = await service.explorer.explain(whose, path, domain)
      return answer ? { answer, errors: {} } : { errors: { user: 'user' } }
    } catch (error) {
      if (error instanceof Refusal) return { errors: { path: 'path' } }
      throw error
    }
  }

  return router
}

function read(ctx: WebContext): Question {
  const query = new URLSearchParams(ctx.querystring)
  const text = (name: string) => query.get(name)?.trim() ?? ''
  return {
    who: text('who') === 'guest' || (query.get('who') === null && text('address') !== '') ? 'guest' : 'user',
    user: text('user'),
    address: text('address'),
    path: text('path') || '/',
    domain: text('domain'),
  }
}
