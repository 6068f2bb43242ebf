/** Effective rights in words: yes or no, and which entry decided. */
import type { Verdict } from '../../ftp/verdict.ts'
import type { ExplainedRights } from '../../service/explorer.ts'
import type { Domain } from '../../settings/domain.ts'
import type { Resource, RightsEntry } from '../../settings/resource.ts'
import type { DirectoryUser } from '../../shell.ts'
import type { WebContext } from '../context.ts'
import { hasText, type Translate } from '../locale.ts'

export interface RightLine {
  readonly right: string
  readonly allowed: boolean
  readonly why: string
}

/** One line for each right, in the order of the rights window. */
export function rightLines(
  ctx: WebContext,
  answer: ExplainedRights,
  resources: readonly Resource[],
  domain?: Domain,
): readonly RightLine[] {
  const { t } = ctx.state
  const { rights, path } = answer.rights
  const name = path.split('/')[1] ?? ''
  const resource = resources.find((one) => one.name === name)
  return rights.map(({ right, verdict }) => {
    const hidden = verdict.rule === 'right.resource'
    const why =
      path === '/'
        ? t('resources.why.top')
        : resource
          ? hidden
            ? domain && !showsResource(domain, name)
              ? t('resources.why.domain', { name: domain.name })
              : hiddenText(t, resource, answer)
            : verdictText(t, verdict, resource)
          : t('resources.why.noResource', { name })
    return { right, allowed: verdict.allowed, why }
  })
}

const showsResource = ({ resources }: Domain, name: string) => resources === 'all' || resources.includes(name)

/** Texts of rules that stand for themselves. */
const RULES: Readonly<Record<string, string>> = {
  'resource.folder': 'resources.why.ownFolder',
  'right.exception': 'resources.why.exceptionFolder',
  'storage.read-only': 'resources.why.readOnlyStorage',
  'resource.unreachable': 'resources.why.unreachable',
  'system.refused': 'resources.why.system',
}

function verdictText(t: Translate, { rule, level, detail = '' }: Verdict, resource: Resource): string {
  const known = RULES[rule]
  if (known !== undefined)
    return t(known, { code: hasText(`resources.errno.${detail}`) ? t(`resources.errno.${detail}`) : detail })
  if (level === 'resource' && detail.startsWith('guests ')) return guestText(t, resource)
  if (level !== 'user' && level !== 'group') return t('resources.why.noEntry')
  // The detail is `user anna in a/b` or `group crew, staff`.
  const inside = resource.exceptions.find((exception) => detail.endsWith(` in ${exception.path}`))?.path
  const end = inside === undefined ? detail.length : detail.length - ` in ${inside}`.length
  return entryText(t, level, detail.slice(`${level} `.length, end), inside)
}

/** Nothing at all is allowed at the path, which therefore stays unknown. */
function hiddenText(t: Translate, resource: Resource, { user, rights: { path } }: ExplainedRights): string {
  if (!resource.enabled) return t('resources.why.off')
  if (!user) return guestText(t, resource)
  const decisive = decisiveEntries(resource, user, path.split('/').slice(2).join('/'))
  if (!decisive) return t('resources.why.noEntry')
  const names = decisive.entries.map((entry) => entry.user ?? entry.group ?? '').join(', ')
  return entryText(
    t,
    decisive.entries.some((entry) => entry.user !== undefined) ? 'user' : 'group',
    names,
    decisive.inside,
  )
}

function guestText(t: Translate, { guests: { profile, from } }: Resource): string {
  return t('resources.why.guests', { profile: t(`resources.profiles.${profile}`), from: t(`resources.from.${from}`) })
}

function entryText(t: Translate, level: 'user' | 'group', name: string, inside: string | undefined): string {
  const decided = t(level === 'user' ? 'resources.why.user' : 'resources.why.group', { name })
  return inside === undefined ? decided : t('resources.why.inside', { decided, path: inside })
}

/** The entries that give a user nothing: *no access* on the user, else those of the deepest folder that has some. */
function decisiveEntries(resource: Resource, user: DirectoryUser, at: string) {
  const whole = entriesOf(resource.rights, user)
  const deepest = resource.exceptions
    .filter(({ path }) => at === path || at.startsWith(`${path}/`))
    .map(({ path, rights }) => ({ inside: path, entries: entriesOf(rights, user) }))
    .filter(({ entries }) => entries.length > 0)
    .toSorted((one, other) => other.inside.length - one.inside.length)[0]
  const barred = whole.some((entry) => entry.user !== undefined && entry.level === 'none')
  if (deepest && !(barred && deepest.entries.every((entry) => entry.user === undefined))) return deepest
  return whole.length > 0 ? { inside: undefined, entries: whole } : undefined
}

/** Those that are about a user: an entry of the user's own replaces those of the groups. */
function entriesOf(entries: readonly RightsEntry[], { name, groups }: DirectoryUser): readonly RightsEntry[] {
  const own = entries.filter((entry) => entry.user === name)
  return own.length > 0 ? own : entries.filter(({ group }) => group !== undefined && groups.includes(group))
}
