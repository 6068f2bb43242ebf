/** The page "Why?": what would happen to a client, step by step, and which rule decides; asked by a form or by an entry of the log. */
import { Router } from '@koa/router'
import { commandTable } from '../../ftp/commands/table.ts'
import { parseAddress } from '../../access/address.ts'
import type { WhyAnswer } from '../../service/why.ts'
import type { WebState } from '../context.ts'
import { levelText, ruleText } from '../log/words.ts'
import type { WebParts } from '../parts.ts'
import { people } from '../resources/who.ts'
import { render } from '../views.ts'
import { questionOf, readQuestion, securedBefore } from '../why/question.ts'
import { stepRows } from '../why/steps.ts'

export function why({ service, shell }: WebParts): Router<WebState> {
  const router = new Router<WebState>()

  router.get('/why', async (ctx) => {
    const { t, presentation } = ctx.state
    const { asked: typed, origin } = readQuestion(ctx.querystring, presentation.timeZone)
    const { question, errors: unreadable } = questionOf(typed, presentation.timeZone)
    const story = origin.session === '' ? [] : await service.journal.story(origin.session)
    const secure = typed.tls || securedBefore(story, question.at ?? Infinity)
    const { domains, resources } = service.settings()
    const errors = [
      ...unreadable,
      ...(typed.address !== '' && !parseAddress(typed.address) ? ['address'] : []),
      ...(typed.domain !== '' && typed.domain !== 'default' && !domains.some(({ id }) => id === typed.domain)
        ? ['domain']
        : []),
    ]
    const asks = typed.address !== '' && errors.length === 0
    const answer = asks ? await ask({ ...question, secure }) : undefined
    if (errors.length > 0) ctx.status = 422
    const steps = answer ? stepRows(t, answer, typed.path) : []
    render(ctx, 'pages/why', {
      asked: { ...typed, tls: secure },
      errors,
      answer,
      steps,
      decisive: steps.at(-1),
      before:
        origin.rule === ''
          ? undefined
          : { ...origin, text: ruleText(t, origin.rule), level: levelText(t, origin.level) },
      changed: answer !== undefined && origin.rule !== '' && answer.steps.at(-1)?.verdict.rule !== origin.rule,
      unknown: answer !== undefined && typed.user !== '' && !answer.guest && !answer.user,
      domains: domains.map(({ id, name }) => ({ id, name })),
      commands: [...commandTable.keys()],
      users: (await people(shell.users)).users,
      paths: resources.map(({ name }) => `/${name}`),
    })
  })

  /** Undefined where the domain has gone since the form was made. */
  async function ask(question: Parameters<typeof service.insights.why.ask>[0]): Promise<WhyAnswer | undefined> {
    try {
      return await service.insights.why.ask(question)
    } catch (error) {
      if (error instanceof RangeError) return undefined
      throw error
    }
  }

  return router
}
