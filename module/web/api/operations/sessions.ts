/** Sessions: who is there, what was said, and who wrote what to whom. */
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
  activeAt: z.number().describe('The last command or byte, milliseconds since 1970.'),
  verb: z.string(),
  now: z.enum(['connected', 'idle', 'command', 'download', 'upload', 'listing']),
  transfer: transfer.optional(),
  failedLogins: z.int(),
  downloaded: z.number(),
  uploaded: z.number(),
  ended: z.strictObject({ at: z.number(), reason: z.string(), seconds: z.number() }).optional(),
})

/** The number of the last line that the caller has already. */
const after = z.coerce.number().int().min(0).default(0)

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
    run: ({ parts: { service }, path }) => ({
      value: shown(found(service.activity.details(path['id'] ?? '')).row),
    }),
  }),
  operation({
    id: 'getTranscript',
    method: 'get',
    path: '/sessions/{id}/transcript',
    permission: 'view',
    tag,
    summary:
      'What client and server said since the connection: the beginning and the latest lines; passwords are never there.',
    query: z.strictObject({ after }),
    answer: z.strictObject({
      lines: z.array(
        z.strictObject({
          number: z.int(),
          at: z.number(),
          from: z.enum(['client', 'server', 'note']),
          text: z.string(),
        }),
      ),
      last: z.int(),
    }),
    run: ({ parts: { service }, path, query }) => {
      const { transcript, last } = found(service.activity.details(path['id'] ?? '', { transcript: query.after }))
      return { value: { lines: transcript.map((line) => ({ ...line })), last: last.transcript } }
    },
  }),
  operation({
    id: 'getChat',
    method: 'get',
    path: '/sessions/{id}/chat',
    permission: 'view',
    tag,
    summary:
      'The conversation of the administrators with the client; `waiting` of their lines no reply has carried yet.',
    query: z.strictObject({ after }),
    answer: z.strictObject({
      lines: z.array(
        z.strictObject({
          number: z.int(),
          at: z.number(),
          from: z.enum(['client', 'administrator']),
          by: z.string().optional(),
          text: z.string(),
        }),
      ),
      last: z.int(),
      waiting: z.int(),
    }),
    run: ({ parts: { service }, path, query }) => {
      const { chat, last, waiting } = found(service.activity.details(path['id'] ?? '', { chat: query.after }))
      return { value: { lines: chat.map((line) => ({ ...line })), last: last.chat, waiting } }
    },
  }),
]

function shown({ transfer: running, ended, ...row }: SessionRow): z.input<typeof session> {
  return { ...row, ...(running && { transfer: { ...running } }), ...(ended && { ended: { ...ended } }) }
}

function found<Found>(details: Found | undefined): Found {
  if (details === undefined) throw new Refusal(404, 'There is no such session.')
  return details
}
