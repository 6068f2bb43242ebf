/** The settings and the accounts' overlays, changed by JSON merge patches. */
import { z } from 'zod'
import { accounts } from '../../../settings/account.ts'
import { serverSettings } from '../../../settings/schema.ts'
import { confirm } from '../confirm.ts'
import { operation } from '../operation.ts'
import type { Operation } from '../operation.ts'

const patch = z
  .record(z.string(), z.unknown())
  .describe(
    'A JSON merge patch (RFC 7396): what is named changes, null brings back what is given where nothing is said.',
  )

export const settingsOperations: readonly Operation[] = [
  operation({
    id: 'getSettings',
    method: 'get',
    path: '/settings',
    permission: 'view',
    tag: 'settings',
    summary: 'The settings of the server.',
    revised: true,
    answer: serverSettings,
    run: ({ parts: { service } }) => ({ value: service.settings().settings, revision: service.revision() }),
  }),
  operation({
    id: 'changeSettings',
    method: 'patch',
    path: '/settings',
    permission: 'manage',
    tag: 'settings',
    summary: 'Changes settings, in force at once for live sessions.',
    revised: true,
    merge: true,
    body: patch,
    query: z.strictObject({ confirm }),
    answer: serverSettings,
    run: async ({ parts: { service }, body, by, address, query, revision }) => {
      await service.rules.change({ settings: body }, { editor: { name: by, address }, ...query, revision })
      return { value: service.settings().settings, revision: service.revision() }
    },
  }),
  operation({
    id: 'getAccounts',
    method: 'get',
    path: '/accounts',
    permission: 'view',
    tag: 'settings',
    summary: "What is kept beside the appliance's users and groups.",
    revised: true,
    answer: accounts,
    run: ({ parts: { service } }) => ({ value: service.settings().accounts, revision: service.revision() }),
  }),
  operation({
    id: 'changeAccounts',
    method: 'patch',
    path: '/accounts',
    permission: 'manage',
    tag: 'settings',
    summary: 'Changes what is kept beside users and groups; null for a name forgets it.',
    revised: true,
    merge: true,
    body: patch,
    query: z.strictObject({ confirm }),
    answer: accounts,
    run: async ({ parts: { service }, body, by, address, query, revision }) => {
      await service.rules.change({ accounts: body }, { editor: { name: by, address }, ...query, revision })
      return { value: service.settings().accounts, revision: service.revision() }
    },
  }),
]
