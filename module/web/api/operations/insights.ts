/** Explanations: what a client would meet, decision by decision. */
import { z } from 'zod'
import type { WhyAnswer } from '../../../service/why.ts'
import { operation } from '../operation.ts'
import type { Operation } from '../operation.ts'
import { Refusal } from '../problem.ts'

const verdict = z.strictObject({
  allowed: z.boolean(),
  rule: z.string(),
  level: z.string(),
  detail: z.string().optional(),
})

const question = z.strictObject({
  address: z.string().min(1).max(64).describe('An IPv4 or IPv6 address.'),
  user: z.string().max(255).optional().describe('As clients type it; "anonymous" for guests.'),
  domain: z.string().max(64).optional().describe('Id of a domain; absent = the server itself.'),
  command: z.string().max(32).optional().describe('A verb such as `STOR`; absent = only the login.'),
  path: z.string().max(4096).optional().describe('What follows the verb.'),
  tls: z.enum(['true', 'false'], { error: 'must be true or false' }).default('false'),
  bytes: z
    .string()
    .regex(/^\d{1,15}$/, 'must be a whole number')
    .optional()
    .describe('The size of an upload.'),
  at: z
    .string()
    .regex(/^\d{1,14}$/, 'must be milliseconds since 1970')
    .optional()
    .describe('Stands for now where hours and ends decide; milliseconds since 1970.'),
})

const answer = z.strictObject({
  address: z.string(),
  domain: z.string(),
  user: z.strictObject({ name: z.string(), groups: z.array(z.string()) }).optional(),
  guest: z.boolean(),
  allowed: z.boolean(),
  steps: z
    .array(
      z.strictObject({
        stage: z.string(),
        verdict,
        owner: z.string().optional(),
        index: z.int().optional().describe('Which rule of the list, from 0.'),
      }),
    )
    .describe('In the order in which they are asked; the last one decides.'),
})

export const insightOperations: readonly Operation[] = [
  operation({
    id: 'explainWhy',
    method: 'get',
    path: '/why',
    permission: 'view',
    tag: 'access',
    summary: 'What would happen to a client, step by step; nothing is done and no password is asked.',
    query: question,
    answer,
    run: async ({ parts: { service }, query: { address, tls, user, domain, command, path, bytes, at } }) => {
      const asked = {
        address,
        secure: tls === 'true',
        ...(user !== undefined && { user }),
        ...(domain !== undefined && { domain }),
        ...(command !== undefined && { command }),
        ...(path !== undefined && { path }),
        ...(bytes !== undefined && { bytes: Number(bytes) }),
        ...(at !== undefined && { at: Number(at) }),
      }
      return { value: shown(await service.insights.why.ask(asked).catch(impossible)) }
    },
  }),
]

function shown({ user, steps, ...rest }: WhyAnswer): z.input<typeof answer> {
  return {
    ...rest,
    ...(user && { user: { name: user.name, groups: [...user.groups] } }),
    steps: steps.map(({ verdict: { allowed, rule, level, detail }, ...step }) => ({
      ...step,
      verdict: { allowed, rule, level, ...(detail !== undefined && { detail }) },
    })),
  }
}

function impossible(error: unknown): never {
  if (!(error instanceof RangeError)) throw error
  throw new Refusal(422, error.message === 'domain' ? 'There is no such domain.' : 'This is no IP address.')
}
