/** What the steps of a request put together for the pages: who asks, where we are mounted, in which language. */
import type { ParameterizedContext } from 'koa'
import type { Identity, NavigationEntry, Presentation } from '../shell.ts'
import type { Formats } from './formats.ts'
import type { Translate } from './locale.ts'
import type { ShownTrial } from './steps/trial.ts'

export interface WebState {
  /** Who asks; set by the identity step for everything behind it. */
  identity: Identity
  /** Where the module is mounted: empty, or `/modules/ftp`; never ends with a slash. */
  base: string
  presentation: Presentation
  /** The language that was chosen: one of the locales we have. */
  locale: string
  t: Translate
  formats: Formats
  /** The shell's own entries beside our tabs. */
  navigation: readonly NavigationEntry[]
  /** Where a POST logs out; undefined when that is not our business. */
  logout: string | undefined
  /** Another frame around the content, for pages that come before a login; a view. */
  layout?: string
  /** Rules that are undone unless somebody confirms them; absent while there are none. */
  trial?: ShownTrial
  /** What the shell shows above each page; its view and what that needs. */
  above?: { readonly view: string }
  /** The labels of the domains by their ids; empty while there is only the default one. */
  domains?: ReadonlyMap<string, string>
  /** To be sent back with every form. */
  csrf: string
}

export type WebContext = ParameterizedContext<WebState>
