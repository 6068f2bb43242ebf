/** What was said in a session, as the page shows it: the lines of its log and of the conversation. */
import type { ChatLine } from '../../activity/chat.ts'
import type { TranscriptLine } from '../../activity/transcript.ts'
import { printable } from '../../ftp/printable.ts'
import type { WebContext } from '../context.ts'
import { hasText } from '../locale.ts'

const SIGNS = { client: '>', server: '<', note: '·' } as const

/** Lines of the log behind the number `seen`; `gap` counts those before a line that are not kept any more. */
export function logLines({ state: { t, formats } }: WebContext, lines: readonly TranscriptLine[], seen: number) {
  let last = seen
  return lines.map(({ number, at, from, text }) => {
    const gap = number - last - 1
    last = number
    const key = `activity.reasons.${text}`
    return {
      number,
      gap,
      from,
      sign: SIGNS[from],
      time: formats.time(at),
      stamp: new Date(at).toISOString(),
      text: from === 'note' && hasText(key) ? t(key) : printable(text),
    }
  })
}

/** Lines of the conversation; `name` is what the client is called. */
export function chatLines({ state: { formats } }: WebContext, lines: readonly ChatLine[], name: string) {
  return lines.map(({ number, at, from, by = '', text }) => ({
    number,
    client: from === 'client',
    who: from === 'client' ? name : by,
    time: formats.time(at),
    stamp: new Date(at).toISOString(),
    text: printable(text),
  }))
}
