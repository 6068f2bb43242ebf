/** The question before rules shut out whoever changes them, or everybody: the same form once more, with a word to type. */
import type { LockOut } from '../../service/rules.ts'
import type { FtpService } from '../../service.ts'
import { fields } from '../body.ts'
import type { WebContext } from '../context.ts'
import { render } from '../views.ts'
import { placeName } from './place.ts'

export interface LockOutQuestion {
  /** The page that leaves everything as it is, below the base. */
  readonly back: string
  /** Fields that are sent again with the word. */
  readonly sent: Readonly<Record<string, string>>
}

/** What the question brings itself. */
const OWN: ReadonlySet<string> = new Set(['_csrf', 'confirm', 'trial'])

export function askLockOut(
  ctx: WebContext,
  service: Pick<FtpService, 'settings'>,
  { dangers, word }: LockOut,
  { back, sent }: LockOutQuestion,
): void {
  const { t } = ctx.state
  const settings = service.settings()
  const texts = dangers.map(({ kind, place }) =>
    t(`access.lockOut.${kind}`, { address: word, place: place ? placeName(t, place, settings) : '' }),
  )
  showLockOut(ctx, { texts, word, back, sent, onTrial: true })
}

/** Shows the question with these sentences. */
export function showLockOut(
  ctx: WebContext,
  { sent, ...shown }: LockOutQuestion & { readonly texts: readonly string[]; word: string; onTrial: boolean },
): void {
  ctx.status = 409
  render(ctx, 'pages/access-lock-out', {
    ...shown,
    wrong: fields(ctx)['confirm'] !== undefined,
    action: ctx.path,
    sent: Object.entries(sent).filter(([name]) => !OWN.has(name)),
  })
}
