/** The administrator's pages as one Koa middleware: a list of steps, then pages, then what is not found. */
import compose from 'koa-compose'
import type { Middleware } from 'koa'
import { api } from './api/api.ts'
import { probes } from './api/probes.ts'
import { endStreams } from './live.ts'
import { pages } from './pages.ts'
import type { WebParts } from './parts.ts'
import { answerErrors } from './steps/errors.ts'
import { checkOrigin } from './steps/csrf.ts'
import { identify } from './steps/identity.ts'
import { parseBody } from './steps/body.ts'
import { secureHeaders } from './steps/headers.ts'
import { serveFiles } from './steps/files.ts'
import { speak } from './steps/language.ts'
import { knowDomains } from './steps/domains.ts'
import { showTrial } from './steps/trial.ts'

/**
 * The pages of the module. The shell that mounts them has stripped its base path from the request. What has to be called when they
 * are not served any more is put into `ends`.
 */
export function createWeb(parts: WebParts, ends: (() => void)[] = []): Middleware {
  ends.push(parts.shell.on('session-revoked', endStreams))
  return compose([
    secureHeaders(parts),
    serveFiles(),
    // These bring their own way to know who asks.
    probes(parts),
    api(parts),
    identify(parts),
    speak(parts),
    knowDomains(parts),
    showTrial(parts),
    answerErrors(),
    parseBody(),
    checkOrigin(),
    pages(parts),
  ])
}
