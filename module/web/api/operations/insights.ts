/** Explanations: what a client would meet, decision by decision. */
import { z } from 'zod'
import type { WhyAnswer } from '../../../service/why.ts'
import { REPLAY_DAYS } from '../../../service/replay.ts'
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

const change = z.strictObject({
  settings: z.record(z.string(), z.unknown()).optional(),
  accounts: z.record(z.string(), z.unknown()).optional(),
  domains: z.array(z.unknown()).optional(),
})

const moment = { session: z.string(), time: z.int().describe('Milliseconds since 1970.') }

const past = z.strictObject({
  sessions: z.int().describe('Sessions that were looked at.'),
  since: z.int().describe('The oldest moment that was looked at, milliseconds since 1970.'),
  complete: z.boolean().describe('False where older sessions of these days were too many to be looked at.'),
  commands: z.boolean().describe('Whether commands are in the log.'),
  refused: z.int(),
  admitted: z.int().describe('Connections that a rule refused and that would have got in.'),
  untold: z.int().describe('Sessions about which a rule of names would have decided.'),
  groups: z.array(
    z.strictObject({
      address: z.string(),
      user: z.string().optional(),
      count: z.int(),
      verdict,
      first: z.strictObject(moment),
    }),
  ),
  examples: z.array(z.strictObject({ ...moment, verdict })),
})

export const insightOperations: readonly Operation[] = [
  operation({
    id: 'replayChange',
    method: 'post',
    path: '/replay',
    permission: 'manage',
    tag: 'settings',
    summary: `What a change would have done to the sessions of the last ${REPLAY_DAYS} days; nothing is changed.`,
    body: change.describe('A JSON merge patch (RFC 7396) of settings, accounts and domains.'),
    answer: past,
    run: async ({ parts: { service }, body }) => {
      const { groups, examples, ...counts } = await service.insights.replay.ask(body)
      return {
        value: {
          ...counts,
          groups: groups.map((group) => ({ ...group, verdict: { ...group.verdict }, first: { ...group.first } })),
          examples: examples.map((example) => ({ ...example, verdict: { ...example.verdict } })),
        },
      }
    },
  }),
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
