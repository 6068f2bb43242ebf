/** Rule lists as pages name them: their paths, and whose they are. */
import { DEFAULT_DOMAIN } from '../../settings/domain.ts'
import { rulePlaces, rulesAt, SERVER_RULES, type RuleLevel, type RulePlace } from '../../settings/rule-lists.ts'
import type { Settings } from '../../settings/schema.ts'
import type { WebContext } from '../context.ts'
import type { Translate } from '../locale.ts'

const LEVELS: readonly RuleLevel[] = ['server', 'domain', 'group', 'user']
/** The name of the server in paths, which have one for every level. */
const SERVER = '-'

/** Routes of lists; what lies below one adds to it. */
export const LIST_ROUTE = '/access/rules/:level/:name'

/** The list that the parts of a path name. Throws 404 where there is none. */
export function placeIn(ctx: WebContext & { params: Record<string, string> }, settings: Settings): RulePlace {
  const { level: asked, name = '' } = ctx.params
  const level = LEVELS.find((one) => one === asked) ?? ctx.throw(404)
  if (level === 'server') return name === SERVER ? SERVER_RULES : ctx.throw(404)
  if (level === 'domain' && name === DEFAULT_DOMAIN) return SERVER_RULES
  const place = { level, name }
  return rulesAt(settings, place) ? place : ctx.throw(404)
}

/** Where a list lies, below the base. */
export function placePath({ level, name }: RulePlace): string {
  return `/access/rules/${level}/${level === 'server' ? SERVER : encodeURIComponent(name)}`
}

/** The page of a list: that of the server is the tab itself. */
export function placePage(place: RulePlace): string {
  return place.level === 'server' ? '/access' : placePath(place)
}

/** `Group staff`. */
export function placeName(t: Translate, { level, name }: RulePlace, { domains }: Settings): string {
  const label = level === 'domain' ? (domains.find(({ id }) => id === name)?.name ?? name) : name
  return t(`access.levels.${level}`, { name: label })
}

/** The lists that there are, with the one that is shown: the way from one to the other. */
export function placeLinks(t: Translate, settings: Settings, shown: RulePlace) {
  const all = [
    ...rulePlaces(settings),
    ...settings.domains.map(({ id }): RulePlace => ({ level: 'domain', name: id })),
    shown,
  ]
  const once = new Map(all.map((place) => [placePath(place), place]))
  return [...once].map(([path, place]) => ({
    path: placePage(place),
    name: placeName(t, place, settings),
    count: rulesAt(settings, place)?.length ?? 0,
    current: path === placePath(shown),
  }))
}
