/** The page of one session, and what it hears while it is open. */
import { setTimeout as pause } from 'node:timers/promises'
import type { SessionDetails } from '../../activity/registry.ts'
import { takesMessagesAtOnce } from '../../ftp/unasked.ts'
import type { FtpService } from '../../service.ts'
import { DEFAULT_DOMAIN } from '../../settings/domain.ts'
import type { WebContext } from '../context.ts'
import type { LiveMessage } from '../live.ts'
import { renderText } from '../views.ts'
import { factsOf } from './facts.ts'
import { chatLines, logLines } from './said.ts'

type Parts = Pick<FtpService, 'activity' | 'access' | 'settings'>

/** Milliseconds between two looks. */
const BETWEEN = 300

/** Numbers of the last lines that a page has. */
export interface Seen {
  readonly transcript: number
  readonly chat: number
}

/** Reads `12.3`, the id of a message of the stream or the parameter of its address. */
export function seenOf(text: string): Seen {
  const [, transcript, chat] = /^(\d{1,9})\.(\d{1,9})$/.exec(text) ?? []
  return { transcript: Number(transcript ?? 0), chat: Number(chat ?? 0) }
}

/** Who it is, for headings: the user, or that nobody is logged in. */
export function nameOf({ state: { t } }: WebContext, { user }: { readonly user?: string }): string {
  return user ?? t('activity.nobody')
}

/** The path of a session's page below the base. */
export const sessionPath = (id: string) => `/activity/${encodeURIComponent(id)}`

/** What the page of a session shows; `spy` with its log and the conversation. */
export function sessionData(ctx: WebContext, service: Parts, details: SessionDetails, spy: boolean) {
  const { row, last } = details
  return {
    id: row.id,
    path: sessionPath(row.id),
    name: nameOf(ctx, row),
    address: row.address,
    live: row.ended === undefined,
    transfer: row.transfer !== undefined,
    spy,
    facts: facts(ctx, service, details),
    after: spy ? `?after=${last.transcript}.${last.chat}` : '',
    lines: spy ? logLines(ctx, details.transcript, 0) : [],
    chat: spy ? chatLines(ctx, details.chat, nameOf(ctx, row)) : [],
    waiting: waitingText(ctx, details),
    atOnce: takesMessagesAtOnce(row.program),
    typed: '',
    problem: '',
  }
}

/** Messages `session` until it has ended: facts, whether a transfer runs, and with `seen` what has been said since. */
export async function* followSession(
  ctx: WebContext,
  service: Parts,
  id: string,
  { seen, signal }: { readonly seen: Seen | undefined; readonly signal: AbortSignal },
): AsyncGenerator<LiveMessage, void, undefined> {
  let [sent, at] = ['', seen]
  while (!signal.aborted) {
    const details = service.activity.details(id, at)
    if (!details) return
    const { row, last } = details
    const message = JSON.stringify({
      facts: renderText(ctx, 'partials/activity-facts', { facts: facts(ctx, service, details) }),
      transfer: row.transfer !== undefined,
      over: row.ended !== undefined,
      ...(at && {
        lines: renderText(ctx, 'partials/activity-lines', { lines: logLines(ctx, details.transcript, at.transcript) }),
        chat: renderText(ctx, 'partials/activity-chat', { chat: chatLines(ctx, details.chat, nameOf(ctx, row)) }),
        waiting: waitingText(ctx, details),
      }),
    })
    if (message !== sent) yield { event: 'session', id: `${last.transcript}.${last.chat}`, data: message }
    sent = message
    if (at) at = last
    if (row.ended) return
    await pause(BETWEEN, undefined, { signal, ref: false }).catch(() => undefined)
  }
}

function facts(ctx: WebContext, service: Parts, { row }: SessionDetails) {
  const { domains } = service.settings()
  const named = domains.find(({ id }) => id === row.domain)
  return factsOf(ctx, row, {
    host: service.access.names.nameOf(row.address) ?? '',
    domain: row.domain === DEFAULT_DOMAIN ? '' : (named?.name ?? row.domain),
    several: domains.length > 0,
  })
}

function waitingText({ state: { t } }: WebContext, { row, waiting }: SessionDetails): string {
  if (waiting <= 0) return ''
  return row.ended ? t('activity.chat.undelivered', { count: waiting }) : t('activity.chat.waiting', { count: waiting })
}
