/** Saves a changed rule list for a page: what stands in the way becomes a question or a sentence. */
import { ChangedMeanwhile } from '../../service/changes.ts'
import { LockOut } from '../../service/rules.ts'
import type { FtpService } from '../../service.ts'
import type { AccessRule } from '../../settings/access.ts'
import type { RulePlace } from '../../settings/rule-lists.ts'
import { fields } from '../body.ts'
import type { WebContext } from '../context.ts'
import { redirectWith, setFlash } from '../flash.ts'
import { askLockOut } from './lock-out.ts'
import { placePage } from './place.ts'

export interface Saving {
  readonly place: RulePlace
  readonly rules: readonly AccessRule[]
  /** The text that says what has been done, and its values. */
  readonly done: string
  readonly values?: Readonly<Record<string, string>>
  /** Where the question leads back to, if it is not the list. */
  readonly back?: string
  /** Query of the list that is shown afterwards. */
  readonly query?: string
  /** Fields that the question sends instead of those that were sent. */
  readonly again?: Readonly<Record<string, string>>
}

/** Whether the form asks that the change be undone unless it is confirmed. */
export const onTrial = (ctx: WebContext): boolean => fields(ctx)['trial'] === 'on'

/** Saves the list and leads back to it; asks first where the change would shut out whom nobody means to. */
export async function saveRules(service: FtpService, ctx: WebContext, saving: Saving): Promise<void> {
  const { place, rules, done, values = {} } = saving
  const { confirm, revision } = fields(ctx)
  const page = saving.back ?? placePage(place) + (saving.query ?? '')
  try {
    const editor = { name: ctx.state.identity.name, address: ctx.ip }
    await service.rules.save({ place, rules, editor, revision, confirm, trial: onTrial(ctx) })
    redirectWith(ctx, page, done, values)
  } catch (error) {
    if (error instanceof LockOut) {
      const sent = { ...fields(ctx), ...saving.again }
      return askLockOut(ctx, service, error, { back: saving.back ?? placePage(place), sent })
    }
    if (!(error instanceof ChangedMeanwhile)) throw error
    setFlash(ctx, { kind: 'warning', key: 'access.rules.changedMeanwhile', values: {} })
    ctx.status = 303
    ctx.redirect(`${ctx.state.base}${placePage(place)}`)
  }
}
