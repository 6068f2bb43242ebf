/** Sessions: who is there, and what an administrator may do with them. */
import { z } from 'zod'
import type { SessionRow } from '../../../activity/session-record.ts'
import { operation } from '../operation.ts'
import type { Operation } from '../operation.ts'
import { Refusal } from '../problem.ts'

const transfer = z.looseObject({ path: z.string(), bytes: z.number() })

const session = z.strictObject({
  id: z.string(),
  address: z.string(),
  port: z.int(),
  domain: z.string(),
  user: z.string().optional(),
  guest: z.boolean(),
  program: z.string(),
  secure: z.boolean(),
  folder: z.string(),
  since: z.number().describe('Milliseconds since 1970.'),
  idle: z.number().describe('Seconds.'),
  verb: z.string(),
  now: z.enum(['connected', 'idle', 'command', 'download', 'upload', 'listing']),
  transfer: transfer.optional(),
  failedLogins: z.int(),
  downloaded: z.number(),
  uploaded: z.number(),
  ended: z.strictObject({ at: z.number(), reason: z.string(), seconds: z.number() }).optional(),
})

/** One line that no reply can be broken with. */
const text = z
  .string()
  .trim()
  .min(1)
  .max(400)
  .refine((value) => !/[\p{Cc}\p{Cs}\u2028\u2029]/u.test(value), 'must be one line without control characters')

const tag = 'sessions'

export const sessionOperations: readonly Operation[] = [
  operation({
    id: 'listSessions',
    method: 'get',
    path: '/sessions',
    permission: 'view',
    tag,
    summary: 'Live sessions, in the order of their coming, or the last ones that have ended.',
    query: z.strictObject({ ended: z.enum(['true', 'false']).default('false') }),
    answer: z.strictObject({ sessions: z.array(session) }),
    run: ({ parts: { service }, query }) => {
      const { activity } = service
      const rows = query.ended === 'true' ? activity.finished() : activity.rows()
      return { value: { sessions: rows.map(shown) } }
    },
  }),
  operation({
    id: 'getSession',
    method: 'get',
    path: '/sessions/{id}',
    permission: 'view',
    tag,
    summary: 'One session, live or ended.',
    answer: session,
    run: ({ parts: { service }, path }) => {
      const found = service.activity.details(path['id'] ?? '')
      if (!found) throw new Refusal(404, 'There is no such session.')
      return { value: shown(found.row) }
    },
  }),
  operation({
    id: 'disconnectSession',
    method: 'post',
    path: '/sessions/{id}/disconnect',
    permission: 'operate',
    tag,
    summary: 'Ends a session; the client may be told why.',
    status: 204,
    body: z.strictObject({ message: text.optional() }),
    run: ({ parts: { service }, path, body, by }) =>
      done(service.disconnect(path['id'] ?? '', by, body.message), 'There is no such session.'),
  }),
  operation({
    id: 'abortTransfer',
    method: 'post',
    path: '/sessions/{id}/abort',
    permission: 'operate',
    tag,
    summary: 'Ends the transfer of a session, which goes on.',
    status: 204,
    run: ({ parts: { service }, path, by }) =>
      done(service.abortTransfer(path['id'] ?? '', by), 'There is no such session, or it has no transfer.'),
  }),
  operation({
    id: 'sendMessage',
    method: 'post',
    path: '/sessions/{id}/message',
    permission: 'operate',
    tag,
    summary: 'A message to the client, sent with its next reply.',
    status: 204,
    body: z.strictObject({ text }),
    run: ({ parts: { service }, path, body, by }) =>
      done(service.message(path['id'] ?? '', body.text, by), 'There is no such session.'),
  }),
]

function shown({ transfer: running, ended, ...row }: SessionRow): z.input<typeof session> {
  return { ...row, ...(running && { transfer: { ...running } }), ...(ended && { ended: { ...ended } }) }
}

function done(happened: boolean, otherwise: string): undefined {
  if (!happened) throw new Refusal(404, otherwise)
}
