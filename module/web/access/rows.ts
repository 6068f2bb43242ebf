/** The page of a rule list: which rows it shows, and what stands in them. */
import { printable } from '../../ftp/printable.ts'
import type { AccessRule } from '../../settings/access.ts'
import type { WebState } from '../context.ts'
import type { CompiledList } from './compiled.ts'
import { meaning } from './mask-text.ts'

/** Rows of one page. */
export const PAGE = 100
/** A longer list has a search. */
const SHORT = 20

export interface RuleQuery {
  readonly search: string
  readonly sorted: boolean
  /** From 1. */
  readonly page: number
}

export function ruleQuery(search: string): RuleQuery {
  const given = new URLSearchParams(search)
  const page = Number(given.get('page'))
  return {
    search: (given.get('q') ?? '').trim().slice(0, 200),
    sorted: given.get('view') === 'sorted',
    page: Number.isInteger(page) && page > 0 ? page : 1,
  }
}

/** The same page with something else about it, as a query. */
export function queryText({ search, sorted, page }: RuleQuery): string {
  const parameters = new URLSearchParams({
    ...(search && { q: search }),
    ...(sorted && { view: 'sorted' }),
    ...(page > 1 && { page: String(page) }),
  })
  return parameters.size > 0 ? `?${parameters.toString()}` : ''
}

/** What the view needs of a list. */
export function rulesView(
  state: Pick<WebState, 't' | 'formats'>,
  rules: readonly AccessRule[],
  { list, sorted, never, closed }: CompiledList,
  query: RuleQuery,
  now: number,
) {
  const order = query.sorted ? sorted : [...rules.keys()]
  const words = query.search.toLowerCase().split(/\s+/).filter(Boolean)
  const found = words.length === 0 ? order : order.filter((at) => holdsAll(rules[at], words))
  const pages = Math.max(1, Math.ceil(found.length / PAGE))
  const page = Math.min(query.page, pages)
  const expired = list.rules.filter(({ until }) => until <= now).length
  return {
    rows: found.slice((page - 1) * PAGE, page * PAGE).flatMap((at) => row(at)),
    total: rules.length,
    found: found.length,
    page,
    pages,
    query: { ...query, page },
    long: rules.length > SHORT || query.search !== '',
    // Moving makes sense only where neighbours are shown beside each other.
    movable: !query.sorted && words.length === 0,
    closed,
    expired,
  }

  function row(at: number) {
    const [rule, compiledRule] = [rules[at], list.rules[at]]
    if (!rule || !compiledRule) return []
    const by = (never.get(at) ?? []).map((index) => index + 1)
    return [
      {
        at,
        number: at + 1,
        allow: rule.action === 'allow',
        mask: rule.mask,
        meaning: meaning(state, compiledRule.mask),
        note: printable(rule.note),
        expires: rule.expires === undefined ? undefined : state.formats.dateTime(compiledRule.until),
        expired: compiledRule.until <= now,
        never: by.length === 0 ? undefined : neverText(state, by),
        first: at === 0,
        last: at === rules.length - 1,
      },
    ]
  }
}

function neverText({ t }: Pick<WebState, 't'>, by: readonly number[]): string {
  const shown = by.slice(0, 4).join(', ') + (by.length > 4 ? ' …' : '')
  return t('access.rules.never', { count: by.length, rules: shown })
}

function holdsAll(rule: AccessRule | undefined, words: readonly string[]): boolean {
  const text = `${rule?.action} ${rule?.mask} ${rule?.note}`.toLowerCase()
  return words.every((word) => text.includes(word))
}
