/** The embedded shell's web side as one Koa application: its own pages, and the module's beside them. */
import Koa, { HttpError } from 'koa'
import type { Middleware } from 'koa'
import compose from 'koa-compose'
import type { Router } from '@koa/router'
import type { WebState } from '../../../web/context.ts'
import { brokenOff } from '../../../web/broken-off.ts'
import { parseBody } from '../../../web/steps/body.ts'
import { checkOrigin } from '../../../web/steps/csrf.ts'
import { answerErrors } from '../../../web/steps/errors.ts'
import { secureHeaders } from '../../../web/steps/headers.ts'
import { identify } from '../../../web/steps/identity.ts'
import { speak } from '../../../web/steps/language.ts'
import { knownHost } from './known-host.ts'
import { account } from './pages/account.ts'
import { administrators } from './pages/administrators.ts'
import { certificateMaking } from './pages/certificate-making.ts'
import { certificates } from './pages/certificates.ts'
import { firstSteps } from './pages/first-steps.ts'
import { groups } from './pages/groups.ts'
import { login, logout } from './pages/login.ts'
import { setup } from './pages/setup.ts'
import { storage } from './pages/storage.ts'
import { system } from './pages/system.ts'
import { userFiles } from './pages/user-files.ts'
import { userForm } from './pages/user-form.ts'
import { users } from './pages/users.ts'
import type { ShellParts } from './parts.ts'
import { webPages } from './pages/web.ts'
import { showFirstSteps } from './show-first-steps.ts'
import { showPlace } from './show-place.ts'
import { visitor } from './visitor.ts'

const VISITOR_PAGES = [login, setup]
const PAGES = [
  logout,
  firstSteps,
  userForm,
  userFiles,
  users,
  groups,
  certificateMaking,
  certificates,
  storage,
  system,
  webPages,
  administrators,
  account,
]

/** `strict` says whether browsers may be told to use HTTPS only from now on. */
export function createShellApp(parts: ShellParts, strict: () => boolean): Koa {
  const { shell, module } = parts
  const host = shell.web
  const app = new Koa()
  app.silent = true
  app.on('error', (error: unknown) => {
    // A visitor who goes away in the middle of an answer, or asks for what cannot be, is no fault.
    if (brokenOff(error) || (error instanceof HttpError && error.expose)) return
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    parts.audit({ level: 'error', event: 'fault.web', text })
  })
  const speaking = [speak({ host }), answerErrors()]
  app.use(knownHost(() => [...shell.network.names(), ...shell.webAddress.names, ...parts.place.namesOnTrial]))
  app.use(secureHeaders({ host }))
  app.use(async (ctx, next) => {
    if (ctx.secure && strict()) ctx.set('Strict-Transport-Security', 'max-age=31536000')
    await next()
  })
  app.use(showPlace(parts))
  app.use(showFirstSteps(parts))
  const visiting = [
    visitor(),
    ...speaking,
    parseBody({ visitors: true }),
    checkOrigin(),
    ...routes(VISITOR_PAGES, parts),
  ]
  app.use(below(/^\/(?:login|setup)$/, visiting))
  const administering = [identify({ host }), ...speaking, parseBody(), checkOrigin(), ...routes(PAGES, parts)]
  app.use(below(/^\/(?:logout$|appliance(?:\/|$))/, administering))
  if (module.web) app.use(module.web)
  return app
}

function below(path: RegExp, steps: readonly Middleware[]): Middleware {
  const branch = compose([...steps])
  // What no page answers is not found: it does not go on to the module.
  return (ctx, next) => (path.test(ctx.path) ? branch(ctx, async () => undefined) : next())
}

function routes(pages: readonly ((parts: ShellParts) => Router<WebState>)[], parts: ShellParts): Middleware[] {
  // A router brings the parts of the context that its routes ask for.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return pages.map((page) => page(parts).routes() as unknown as Middleware)
}
