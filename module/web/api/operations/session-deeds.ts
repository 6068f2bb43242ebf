/** What an administrator may do with sessions: disconnect them in all its forms, abort a transfer, write to clients. */
import { z } from 'zod'
import { LONGEST_MESSAGE } from '../../../activity/chat.ts'
import { KickRefused, LONGEST_BAN } from '../../../service/kick.ts'
import type { KickProblem } from '../../../service/kick.ts'
import { operation } from '../operation.ts'
import type { Operation } from '../operation.ts'
import { Refusal } from '../problem.ts'

/** One line that no reply can be broken with. */
const text = z
  .string()
  .trim()
  .min(1)
  .max(LONGEST_MESSAGE)
  .refine((value) => !/[\p{Cc}\p{Cs}\u2028\u2029]/u.test(value), 'must be one line without control characters')

const order = z.strictObject({
  message: text.optional().describe('Told to the client before the cut.'),
  others: z.boolean().default(false).describe('Whether the other sessions of the address end as well.'),
  ban: z.int().min(1).max(LONGEST_BAN).optional().describe('Minutes for which the address is banned.'),
  block: z
    .boolean()
    .default(false)
    .describe('Whether a deny rule for the address is put before all others; needs the permission `manage`.'),
  scope: z.enum(['server', 'domain']).default('server').describe('Where ban and rule hold.'),
  disableAccount: z
    .boolean()
    .default(false)
    .describe('Whether the account may not use FTP any more; needs the permission `manage`.'),
  confirm: z.string().max(100).optional().describe('The address, to ban or block your own.'),
})

const STATUS: Readonly<Record<KickProblem, number>> = {
  gone: 404,
  'own-address': 409,
  'no-account': 422,
  'default-domain': 422,
  'too-many-bans': 409,
  changed: 409,
}

const tag = 'sessions'

export const sessionDeedOperations: readonly Operation[] = [
  operation({
    id: 'disconnectSession',
    method: 'post',
    path: '/sessions/{id}/disconnect',
    permission: 'operate',
    tag,
    summary: 'Ends a session, and bans or blocks its address or disables its account: all of it or nothing.',
    body: order,
    answer: z.strictObject({
      address: z.string(),
      sessions: z.int().describe('Sessions that were ended.'),
      banned: z.boolean(),
      blocked: z.boolean(),
      disabled: z.string().optional().describe('The account that was disabled.'),
    }),
    async run({ parts: { service }, path, body, by, address, demand }) {
      const { confirm, message, ban, ...rest } = body
      if (rest.block || rest.disableAccount) demand('manage')
      const wanted = { ...rest, ...(message === undefined ? {} : { message }), ...(ban === undefined ? {} : { ban }) }
      try {
        return { value: await service.supervisor.kick(path['id'] ?? '', wanted, { name: by, address, confirm }) }
      } catch (error) {
        throw error instanceof KickRefused ? new Refusal(STATUS[error.problem], error.message) : error
      }
    },
  }),
  operation({
    id: 'abortTransfer',
    method: 'post',
    path: '/sessions/{id}/abort',
    permission: 'operate',
    tag,
    summary: 'Ends the transfer of a session, which goes on; many clients begin it again.',
    status: 204,
    run: ({ parts: { service }, path, by }) =>
      done(service.supervisor.abortTransfer(path['id'] ?? '', by), 'There is no such session, or it has no transfer.'),
  }),
  operation({
    id: 'sendMessage',
    method: 'post',
    path: '/sessions/{id}/message',
    permission: 'operate',
    tag,
    summary: 'A message to the client: it travels with the next reply, or at once where the client is known to cope.',
    status: 204,
    body: z.strictObject({ text }),
    run: ({ parts: { service }, path, body, by }) =>
      done(
        service.supervisor.message(path['id'] ?? '', body.text, by),
        'There is no such session, or it is not reading.',
      ),
  }),
  operation({
    id: 'broadcast',
    method: 'post',
    path: '/broadcast',
    permission: 'operate',
    tag,
    summary: 'A message to the clients of all sessions.',
    body: z.strictObject({ text }),
    answer: z.strictObject({ reached: z.int().describe('Sessions that were written to.') }),
    run: ({ parts: { service }, body, by }) => ({ value: { reached: service.supervisor.broadcast(body.text, by) } }),
  }),
]

function done(happened: boolean, otherwise: string): undefined {
  if (!happened) throw new Refusal(404, otherwise)
}
