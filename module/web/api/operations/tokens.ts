/** Tokens of the API itself. */
import { z } from 'zod'
import { tokenRequest } from '../../../settings/token.ts'
import { operation } from '../operation.ts'
import type { Operation } from '../operation.ts'
import { Refusal } from '../problem.ts'

const view = {
  id: z.string(),
  note: z.string(),
  permission: z.enum(['view', 'operate', 'manage']),
  created: z.number().optional().describe('These are milliseconds since 1970.'),
  expires: z.number().optional(),
  lastUsed: z.number().optional(),
  expired: z.boolean(),
}

const tag = 'tokens'

export const tokenOperations: readonly Operation[] = [
  operation({
    id: 'listTokens',
    method: 'get',
    path: '/tokens',
    permission: 'view',
    tag,
    summary: 'The tokens there are; what they say is known to nobody.',
    answer: z.strictObject({ tokens: z.array(z.strictObject(view)) }),
    run: ({ parts: { service } }) => ({ value: { tokens: [...service.tokens.list()] } }),
  }),
  operation({
    id: 'createToken',
    method: 'post',
    path: '/tokens',
    permission: 'manage',
    tag,
    summary: 'Makes a token; this answer is the only place where it can be read.',
    status: 201,
    body: tokenRequest,
    answer: z.strictObject({ ...view, token: z.string() }),
    run: async ({ parts: { service }, body, by }) => {
      const made = await service.tokens.create(body, by)
      return { value: made, location: `/tokens/${made.id}` }
    },
  }),
  operation({
    id: 'revokeToken',
    method: 'delete',
    path: '/tokens/{id}',
    permission: 'manage',
    tag,
    summary: 'Accepts a token no longer.',
    status: 204,
    run: async ({ parts: { service }, path, by }) => {
      if (!(await service.tokens.revoke(path['id'] ?? '', by))) throw new Refusal(404, 'There is no such token.')
      return undefined
    },
  }),
]
