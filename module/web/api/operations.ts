/** All operations of the API, by what they are about. */
import { z } from 'zod'
import { openApi } from './openapi.ts'
import { operation } from './operation.ts'
import type { Operation } from './operation.ts'
import { accountOperations } from './operations/accounts.ts'
import { backupOperations } from './operations/backup.ts'
import { banOperations } from './operations/bans.ts'
import { domainOperations } from './operations/domains.ts'
import { insightOperations } from './operations/insights.ts'
import { logOperations } from './operations/log.ts'
import { resourceOperations } from './operations/resources.ts'
import { ruleOperations } from './operations/rules.ts'
import { serviceOperations } from './operations/service.ts'
import { sessionDeedOperations } from './operations/session-deeds.ts'
import { sessionOperations } from './operations/sessions.ts'
import { settingsOperations } from './operations/settings.ts'
import { storeOperations } from './operations/stores.ts'
import { tokenOperations } from './operations/tokens.ts'
import { wordOperations } from './operations/words.ts'

let document: object | undefined

const documentOperation = operation({
  id: 'getOpenApi',
  method: 'get',
  path: '/openapi.json',
  permission: 'view',
  tag: 'service',
  summary: 'This document.',
  answer: z.looseObject({ openapi: z.string() }),
  // The same for everybody, and seldom asked for.
  run: () => ({ value: { openapi: '3.1.0', ...(document ??= openApi(OPERATIONS)) } }),
})

export const OPERATIONS: readonly Operation[] = [
  ...serviceOperations,
  documentOperation,
  ...settingsOperations,
  ...accountOperations,
  ...wordOperations,
  ...domainOperations,
  ...resourceOperations,
  ...sessionOperations,
  ...sessionDeedOperations,
  ...logOperations,
  ...insightOperations,
  ...storeOperations,
  ...ruleOperations,
  ...banOperations,
  ...backupOperations,
  ...tokenOperations,
]
