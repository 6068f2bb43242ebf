/** Accounts: who has FTP and why, one switch for several users, and which level decides each limit of a user at a time. */
import { z } from 'zod'
import { inheritedLimits } from '../../../settings/account.ts'
import { DEFAULT_DOMAIN } from '../../../settings/domain.ts'
import { disabledUntil, effectiveLimits } from '../../../settings/inheritance.ts'
import { SettingsError } from '../../../settings/problems.ts'
import { accountName, limit } from '../../../settings/values.ts'
import { everybody, matching, sorted, zoneOf } from '../../accounts/directory.ts'
import { switchFtp } from '../../accounts/bulk.ts'
import { operation } from '../operation.ts'
import type { Operation } from '../operation.ts'
import { Refusal } from '../problem.ts'

const source = {
  level: z.enum(['server', 'domain', 'group', 'user']).describe('Who says so.'),
  from: z.string().optional().describe('The id of the domain, or the name of the group or user.'),
  hours: z.int().optional().describe("The row of that level's hours that says so, from 0; absent = at any time."),
}
const decided = <Value extends z.ZodType>(value: Value) => z.strictObject({ value, ...source })

const account = z.strictObject({
  name: z.string(),
  groups: z.array(z.string()),
  enabled: z.boolean().describe('Whether the appliance lets the user log in anywhere.'),
  gone: z.boolean().describe('Whether the appliance knows the name no more and only an entry is left.'),
  ftp: decided(z.boolean()),
  fromOutside: decided(z.boolean()),
})

const limits = Object.fromEntries(Object.keys(inheritedLimits).map((name) => [name, decided(limit)]))

const tag = 'accounts'

export const accountOperations: readonly Operation[] = [
  operation({
    id: 'listAccounts',
    method: 'get',
    path: '/account-list',
    permission: 'view',
    tag,
    summary: "The appliance's users or groups by name, with what they may do over FTP and who says so.",
    query: z.strictObject({
      kind: z.enum(['user', 'group']).default('user'),
      search: z.string().max(200).default('').describe('Part of a name or of the name of a group.'),
      offset: z.coerce.number().int().min(0).default(0),
      limit: z.coerce.number().int().min(1).max(1000).default(100),
    }),
    answer: z.strictObject({ accounts: z.array(account), total: z.int() }),
    async run({ parts: { service, shell }, query: { kind, search, offset, limit: most } }) {
      const settings = service.settings()
      const found = sorted((await everybody(kind, shell, settings.accounts)).filter(matching(search)))
      const accounts = found.slice(offset, offset + most).map((one) => {
        const member = kind === 'user' ? one : { name: '', groups: [one.name] }
        const { ftp, fromOutside } = effectiveLimits(settings, member)
        return { ...one, groups: [...one.groups], ftp, fromOutside }
      })
      return { value: { accounts, total: found.length } }
    },
  }),
  operation({
    id: 'switchFtp',
    method: 'post',
    path: '/account-list/ftp',
    permission: 'manage',
    tag,
    summary: 'Allows or forbids FTP for several users in one change; null = inherited.',
    status: 204,
    body: z.strictObject({ users: z.array(accountName).min(1).max(10_000), ftp: z.boolean().nullable() }),
    async run({ parts: { service, shell }, body: { users, ftp }, by }) {
      const known = new Set((await everybody('user', shell, service.settings().accounts)).map(({ name }) => name))
      const problems = users.flatMap((name, at) =>
        known.has(name) ? [] : [{ path: `users[${at}]`, text: 'must be a user of the appliance', got: name }],
      )
      if (problems.length > 0) throw new SettingsError(problems)
      await switchFtp(service, users, ftp, by)
      return undefined
    },
  }),
  operation({
    id: 'getEffectiveLimits',
    method: 'get',
    path: '/effective-limits',
    permission: 'view',
    tag,
    summary: 'What holds for a user in a domain at a time, and which level and which hours decide each value.',
    query: z.strictObject({
      user: z.string().min(1).max(64),
      domain: z.string().max(64).default(DEFAULT_DOMAIN),
      at: z.iso.datetime({ offset: true }).optional().describe('Absent = now.'),
    }),
    answer: z.strictObject({
      user: z.string(),
      groups: z.array(z.string()),
      timeZone: z.string().describe('The zone whose clock the hours go by.'),
      disabledUntil: decided(z.string()).optional(),
      limits: z.strictObject({
        ...limits,
        ftp: decided(z.boolean()),
        fromOutside: decided(z.boolean()),
        startFolder: decided(z.string()),
      }),
    }),
    async run({ parts: { service, shell }, query: { user: name, domain, at } }) {
      const settings = service.settings()
      const user = await shell.users.find(name)
      if (!user) throw new Refusal(404, 'There is no such user.')
      if (domain !== DEFAULT_DOMAIN && !settings.domains.some(({ id }) => id === domain)) {
        throw new Refusal(404, 'There is no such domain.')
      }
      const when = { domain, at: at === undefined ? Date.now() : Date.parse(at), timeZone: zoneOf(shell) }
      const disabled = disabledUntil(settings, user, when.at)
      const found = effectiveLimits(settings, user, when)
      return {
        value: {
          user: user.name,
          groups: [...user.groups],
          timeZone: when.timeZone,
          ...(disabled && { disabledUntil: disabled }),
          limits: found,
        },
      }
    },
  }),
]
