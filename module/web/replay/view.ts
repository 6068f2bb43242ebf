/** "Show what this would have done": a change that is not saved yet, held against the sessions of the last days. */
import { REPLAY_DAYS, type ReplayAnswer } from '../../service/replay.ts'
import type { FtpService } from '../../service.ts'
import { SettingsError } from '../../settings/problems.ts'
import type { Verdict } from '../../ftp/verdict.ts'
import { fields } from '../body.ts'
import type { WebContext } from '../context.ts'
import { detailText, levelText, ruleText } from '../log/words.ts'
import { problemText } from '../problem-text.ts'
import { render } from '../views.ts'

/** Whether a form was sent to be held against the past, not to be saved. */
export const asksReplay = (ctx: WebContext): boolean => fields(ctx)['_replay'] !== undefined

/** What the partial shows. */
export type ReplayView = object

/** What a patch of the settings would have done, in words. */
export async function replayView(ctx: WebContext, service: FtpService, patch: object): Promise<ReplayView> {
  try {
    return shown(ctx, await service.insights.replay.ask(patch))
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error
    return { problems: error.problems.map((problem) => problemText(problem, ctx.state.t)) }
  }
}

/** Answers a script with the part alone; false where there is none, and the page is to be made with what this gives. */
export function answersPart(ctx: WebContext, replay: ReplayView): boolean {
  if (ctx.get('HX-Request') !== 'true') return false
  render(ctx, 'partials/replay', { replay })
  return true
}

function shown(ctx: WebContext, answer: ReplayAnswer): ReplayView {
  const { t, formats } = ctx.state
  const number = (count: number) => formats.number(count)
  const sessions = t('replay.sessions', { count: answer.sessions, number: number(answer.sessions) })
  const days = t('replay.days', { count: REPLAY_DAYS })
  const counted = (key: string, count: number) =>
    count > 0 ? [t(`replay.${key}`, { count, number: number(count), sessions, days })] : []
  const verdictText = (verdict: Verdict) =>
    `${ruleText(t, verdict.rule)} (${[levelText(t, verdict.level), detailText(t, verdict)].filter(Boolean).join(': ')})`
  return {
    lines: [
      ...(answer.sessions === 0 ? [t('replay.nothing', { days })] : []),
      ...(answer.sessions > 0 && answer.refused === 0 ? [t('replay.none', { sessions, days })] : []),
      ...counted('refused', answer.refused),
      ...counted('admitted', answer.admitted),
      ...counted('untold', answer.untold),
      ...(answer.complete
        ? []
        : [t('replay.partial', { number: number(answer.sessions), since: formats.dateTime(answer.since) })]),
      ...(answer.commands ? [] : [t('replay.commands')]),
    ],
    bad: answer.refused > 0,
    groups: answer.groups.map(({ address, user, count, verdict, first }) => ({
      address,
      user: user ?? '',
      count: number(count),
      why: verdictText(verdict),
      session: first.session,
      time: formats.dateTime(first.time),
    })),
  }
}
