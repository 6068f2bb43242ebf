/** Backups of the settings, and restoring them. */
import { Readable } from 'node:stream'
import { z } from 'zod'
import { backupOf, LARGEST_BACKUP, restorationOf } from '../../../service/backup.ts'
import { confirm } from '../confirm.ts'
import { operation } from '../operation.ts'
import type { Operation } from '../operation.ts'

const tag = 'backup'

export const backupOperations: readonly Operation[] = [
  operation({
    id: 'getBackup',
    method: 'get',
    path: '/backup',
    permission: 'manage',
    tag,
    summary: 'Settings, accounts and resources as one JSON document; without tokens.',
    files: ['application/json'],
    run: ({ parts: { service, shell } }) => ({
      type: 'application/json',
      name: 'ftp-backup.json',
      content: Readable.from([`${JSON.stringify(backupOf(service.settings(), shell.product), undefined, 2)}\n`]),
    }),
  }),
  operation({
    id: 'restore',
    method: 'post',
    path: '/restore',
    permission: 'manage',
    tag,
    summary: 'Takes a backup; with `dryRun=true` only says what would change.',
    limit: LARGEST_BACKUP,
    query: z.strictObject({ dryRun: z.enum(['true', 'false']).default('false'), confirm }),
    body: z.record(z.string(), z.unknown()).describe('What `getBackup` answers.'),
    answer: z.strictObject({ changes: z.array(z.string()).describe('Paths of the settings that differ.') }),
    run: async ({ parts: { service }, query, body, by, address }) => {
      const { differences, patch } = restorationOf(JSON.stringify(body), service.settings())
      const { dryRun, ...sure } = query
      const editor = { name: by, address }
      if (dryRun === 'false') await service.rules.change(patch, { editor, ...sure, revision: service.revision() })
      return { value: { changes: differences.map(({ path }) => path) } }
    },
  }),
]
