/** All pages, one line each. */
import compose from 'koa-compose'
import type { Middleware } from 'koa'
import type { Router } from '@koa/router'
import type { WebState } from './context.ts'
import type { WebParts } from './parts.ts'
import { access } from './pages/access.ts'
import { account } from './pages/account.ts'
import { accounts } from './pages/accounts.ts'
import { accessBlocked } from './pages/access-blocked.ts'
import { accessDelete } from './pages/access-delete.ts'
import { accessImport } from './pages/access-import.ts'
import { accessMove } from './pages/access-move.ts'
import { accessRule } from './pages/access-rule.ts'
import { accessTest } from './pages/access-test.ts'
import { accessTrial } from './pages/access-trial.ts'
import { activity } from './pages/activity.ts'
import { activityDisconnect } from './pages/activity-disconnect.ts'
import { activitySession } from './pages/activity-session.ts'
import { apiTokens } from './pages/api-tokens.ts'
import { effectiveRights } from './pages/effective-rights.ts'
import { effectiveLimitsPage } from './pages/effective-limits.ts'
import { limitHours } from './pages/limit-hours.ts'
import { log } from './pages/log.ts'
import { resourceFolders } from './pages/resource-folders.ts'
import { resourceForm } from './pages/resource-form.ts'
import { resources } from './pages/resources.ts'
import { session } from './pages/session.ts'
import { settings } from './pages/settings.ts'
import { settingsBackup } from './pages/settings-backup.ts'
import { settingsCertificates } from './pages/settings-certificates.ts'
import { settingsDomain } from './pages/settings-domain.ts'
import { settingsDomains } from './pages/settings-domains.ts'
import { settingsCommands } from './pages/settings-commands.ts'
import { settingsMessages } from './pages/settings-messages.ts'
import { start } from './pages/start.ts'
import { why } from './pages/why.ts'

/** Each makes the routes of one page. */
export const PAGES: readonly ((parts: WebParts) => Router<WebState>)[] = [
  start,
  activity,
  activityDisconnect,
  activitySession,
  effectiveRights,
  resourceFolders,
  resources,
  resourceForm,
  access,
  accessRule,
  accessMove,
  accessDelete,
  accessImport,
  accessTest,
  accessBlocked,
  accessTrial,
  accounts,
  effectiveLimitsPage,
  account,
  log,
  why,
  settings,
  limitHours,
  settingsBackup,
  settingsCertificates,
  settingsDomains,
  settingsDomain,
  settingsCommands,
  settingsMessages,
  apiTokens,
  session,
]

export function pages(parts: WebParts): Middleware {
  // A router brings the parts of the context that its routes ask for.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return compose(PAGES.map((page) => page(parts).routes() as unknown as Middleware))
}
