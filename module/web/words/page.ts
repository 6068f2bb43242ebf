/** What the pages of commands and of texts have in common: the level in the address, and what is said above the form. */
import type { FtpService } from '../../service.ts'
import type { Problem } from '../../settings/problems.ts'
import type { WebContext } from '../context.ts'
import { problemText } from '../problem-text.ts'
import { differenceRows } from '../settings/difference-rows.ts'
import type { Meanwhile } from '../settings/saving.ts'
import { settingsNavigation } from '../settings/page-view.ts'
import { problemLine } from '../settings/problem-place.ts'
import { domainOf, levelLinks, pathOf, type Level } from './level.ts'
import { inputOf } from './saving.ts'
import { remembered, type Values } from './values.ts'

/** A page as it is shown: after a GET what is stored, after a refused POST what was typed. */
export interface ShownWords {
  readonly values: Values
  readonly was: Values
  readonly revision: string
  readonly problems?: readonly Problem[]
  readonly meanwhile?: Meanwhile
  readonly unsaved?: boolean
}

/** The level that an address asks for; answers false, with 404, for a domain that does not exist. */
export function levelIn(ctx: WebContext & { readonly params: Readonly<Record<string, string>> }, service: FtpService) {
  const { id } = ctx.params
  if (id === undefined) return { level: undefined, found: true as const }
  const level = domainOf(service.settings(), id)
  return level ? { level, found: true as const } : { level, found: false as const }
}

/** For the views. */
export function wordView(
  ctx: WebContext,
  service: FtpService,
  id: 'commands' | 'messages',
  level: Level,
  shown: ShownWords,
) {
  const { t } = ctx.state
  const { problems = [], meanwhile } = shown
  const page = `/settings/${id}`
  return {
    page: { id, path: pathOf(page, level) },
    navigation: settingsNavigation(id),
    levels: levelLinks(service.settings(), page, level),
    domain: level?.name ?? '',
    was: remembered(shown.was),
    revision: shown.revision,
    refused: problems.length,
    other: problems.flatMap((problem) => (inputOf(problem) === undefined ? [problemLine(ctx.state, problem)] : [])),
    meanwhile: meanwhile && {
      names: meanwhile.names.join(', '),
      rows: differenceRows(ctx.state, meanwhile.differences),
    },
    unsaved: shown.unsaved ?? false,
    errors: new Map(problems.flatMap((problem) => errorOf(problem, problemText(problem, t)))),
  }
}

function errorOf(problem: Problem, text: string): [string, string][] {
  const input = inputOf(problem)
  return input === undefined ? [] : [[input, text]]
}
