/** Effective rights in words: yes or no, and which entry decided. */
import type { Verdict } from '../../ftp/verdict.ts'
import type { ExplainedRights } from '../../service/explorer.ts'
import type { Resource } from '../../settings/resource.ts'
import type { WebContext } from '../context.ts'

export interface RightLine {
  readonly right: string
  readonly allowed: boolean
  readonly why: string
}

/** One line for each right, in the order of the rights window. */
export function rightLines(
  { state: { t } }: WebContext,
  { rights: { rights, path }, lan }: ExplainedRights,
  resources: readonly Resource[],
): readonly RightLine[] {
  const name = path.split('/')[1] ?? ''
  const resource = resources.find((one) => one.name === name)
  return rights.map(({ right, verdict }) => ({ right, allowed: verdict.allowed, why: why(verdict) }))

  function why(verdict: Verdict): string {
    const { rule, level, detail = '' } = verdict
    if (path === '/') return t('resources.why.top')
    if (rule === 'right.resource') return hidden(verdict)
    if (rule === 'resource.folder') return t('resources.why.ownFolder')
    if (rule === 'right.exception') return t('resources.why.exceptionFolder')
    if (rule === 'storage.read-only') return t('resources.why.readOnlyStorage')
    if (rule === 'resource.unreachable') return t('resources.why.unreachable', { code: detail })
    if (rule === 'system.refused') return t('resources.why.system', { code: detail })
    if (level === 'user' || level === 'group') return entry(level, detail)
    if (level === 'resource' && detail.startsWith('guests ')) {
      return t('resources.why.guests', { profile: t(`resources.profiles.${detail.slice('guests '.length)}`) })
    }
    if (rule.startsWith('name.')) return t('resources.why.name')
    return t('resources.why.noEntry')
  }

  /** `user anna in a/b`, `group crew, staff`. */
  function entry(level: 'user' | 'group', detail: string): string {
    const inside = resource?.exceptions.find((exception) => detail.endsWith(` in ${exception.path}`))?.path
    const end = inside === undefined ? detail.length : detail.length - ` in ${inside}`.length
    const who = detail.slice(`${level} `.length, end)
    const decided = t(level === 'user' ? 'resources.why.user' : 'resources.why.group', { name: who })
    return inside === undefined ? decided : t('resources.why.inside', { decided, path: inside })
  }

  /** Nothing at all is allowed, so the path stays unknown. */
  function hidden({ level }: Verdict): string {
    if (!resource) return t('resources.why.noResource', { name })
    if (!resource.enabled) return t('resources.why.off')
    if (level === 'user') return t('resources.why.userNone')
    if (level === 'group') return t('resources.why.groupNone')
    return t(resource.guests.profile === 'off' || lan ? 'resources.why.noEntry' : 'resources.why.noEntryFrom')
  }
}
