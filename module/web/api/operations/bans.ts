/** Who is kept out for now, and what the gate would say to an address. */
import { z } from 'zod'
import { parseAddress } from '../../../access/address.ts'
import { parseMask } from '../../../access/ip-rule.ts'
import { describeMask } from '../../../access/mask.ts'
import { LONGEST_BAN } from '../../../service/kick.ts'
import { DEFAULT_DOMAIN } from '../../../settings/domain.ts'
import { foundBans } from '../../access/ban-rows.ts'
import { operation } from '../operation.ts'
import type { Operation } from '../operation.ts'
import { Refusal } from '../problem.ts'

const tag = 'access'

const ban = z.strictObject({
  id: z.string(),
  reason: z.enum(['failures', 'manual']),
  subject: z.string().describe('An address, the /64 of IPv6, or a mask.'),
  domain: z
    .string()
    .optional()
    .describe(
      'Manual: where it holds, absent = everywhere. Failures: where the last one was; such a ban holds everywhere.',
    ),
  since: z.number().describe('Milliseconds since 1970.'),
  expiresIn: z.int().describe('Seconds.'),
  failures: z.int().optional(),
  times: z.int().optional().describe('Bans in a row, this one included.'),
  user: z.string().optional().describe('The last name tried.'),
  by: z.string().optional(),
  note: z.string().optional(),
})

const whole = (most: number) =>
  z
    .string()
    .regex(/^\d{1,6}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.int().max(most))

export const banOperations: readonly Operation[] = [
  operation({
    id: 'listBans',
    method: 'get',
    path: '/bans',
    permission: 'view',
    tag,
    summary: 'Addresses that are blocked for a time, those that end last first.',
    query: z.strictObject({
      search: z
        .string()
        .max(200)
        .default('')
        .describe('Part of address, name or note, or an address that is kept out.'),
      offset: whole(999_999).default(0),
      limit: whole(1000).default(100),
    }),
    answer: z.strictObject({ total: z.int(), bans: z.array(ban) }),
    run: ({ parts: { service }, query: { search, offset, limit } }) => {
      const found = foundBans(service.access.bans.rows(), search)
      return { value: { total: found.length, bans: found.slice(offset, offset + limit) } }
    },
  }),
  operation({
    id: 'banAddress',
    method: 'post',
    path: '/bans',
    permission: 'manage',
    tag,
    summary: 'Blocks an address or a mask of addresses: for minutes, or for good by a deny rule before all others.',
    status: 204,
    body: z.strictObject({
      mask: z.string().min(1).max(255),
      minutes: z.int().min(1).max(LONGEST_BAN).optional().describe('Absent = for good.'),
      domain: z.string().max(64).optional().describe('Id of a domain; absent = the whole server.'),
      note: z
        .string()
        .trim()
        .max(200)
        .regex(/^\P{Cc}*$/u, 'must be one line without control characters')
        .default(''),
      confirm: z.string().max(100).optional().describe('Your own address, where it is among them.'),
    }),
    run: async ({ parts: { service }, body: { confirm, ...order }, by, address }) => {
      await service.blocks.ban(order, { name: by, address }, confirm)
      return undefined
    },
  }),
  operation({
    id: 'liftBan',
    method: 'post',
    path: '/bans/lift',
    permission: 'operate',
    tag,
    summary: 'Ends a ban and starts the count of its address anew.',
    status: 204,
    body: z.strictObject({ id: z.string().max(400) }),
    run: ({ parts: { service }, body, by }) => {
      if (!service.blocks.lift(body.id, by)) throw new Refusal(404, 'There is no such ban.')
      return undefined
    },
  }),
  operation({
    id: 'liftAllBans',
    method: 'post',
    path: '/bans/lift-all',
    permission: 'operate',
    tag,
    summary: 'Ends every ban.',
    answer: z.strictObject({ lifted: z.int() }),
    run: ({ parts: { service }, by }) => ({ value: { lifted: service.blocks.liftAll(by) } }),
  }),
  operation({
    id: 'explainAccess',
    method: 'get',
    path: '/access/explain',
    permission: 'view',
    tag,
    summary: 'Which ban or rule decides about an address, level by level, as the gate itself decides.',
    query: z.strictObject({
      address: z.string().max(100),
      user: z.string().max(64).optional(),
      domain: z.string().max(64).default(DEFAULT_DOMAIN),
    }),
    answer: z.strictObject({
      allowed: z.boolean(),
      steps: z.array(
        z.strictObject({
          level: z.string(),
          owner: z.string().optional(),
          allowed: z.boolean(),
          rule: z.string(),
          detail: z.string().optional(),
          number: z.int().optional().describe('Number of the rule in its list, from 1.'),
        }),
      ),
    }),
    run: async ({ parts: { service, shell }, query: { address, user, domain } }) => {
      if (!parseAddress(address)) throw new Refusal(422, 'This is no address.')
      const found = user === undefined ? undefined : await shell.users.find(user)
      const who = user === undefined ? {} : { user: found?.name ?? user, groups: found?.groups ?? [] }
      const steps = await service.access.gate.explain(address, { domain, ...who })
      const rows = steps.map(({ level, owner, index, verdict: { allowed, rule, detail } }) => ({
        level,
        allowed,
        rule,
        ...(owner === undefined ? {} : { owner }),
        ...(detail === undefined ? {} : { detail }),
        ...(index === undefined ? {} : { number: index + 1 }),
      }))
      return { value: { allowed: rows.every((row) => row.allowed), steps: rows } }
    },
  }),
  operation({
    id: 'describeMask',
    method: 'get',
    path: '/access/mask',
    permission: 'view',
    tag,
    summary: 'What a mask of a rule stands for, or what is wrong with it.',
    query: z.strictObject({ mask: z.string().max(300) }),
    answer: z.strictObject({
      mask: z.string().optional().describe('Written the shortest way.'),
      count: z.string().optional().describe('Addresses, as a decimal number; absent for names.'),
      first: z.string().optional(),
      last: z.string().optional(),
      problem: z.string().optional(),
      meant: z.string().optional(),
    }),
    run: ({ query }) => {
      const result = parseMask(query.mask)
      if ('problem' in result) {
        const { message, meant } = result.problem
        return { value: meant === undefined ? { problem: message } : { problem: message, meant } }
      }
      const described = describeMask(result.mask)
      const { text } = result.mask
      if (!described) return { value: { mask: text } }
      return { value: { mask: text, count: String(described.count), first: described.first, last: described.last } }
    },
  }),
]
