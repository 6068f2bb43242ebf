/** Where the pages of a domain are, its own and those that others keep for it. */

export const DOMAINS = '/settings/domains'
/** Beside the domains: an id may be `new`. */
export const NEW_DOMAIN = '/settings/new-domain'

/** The form of a domain, behind the base path. */
export const domainPath = (id: string) => `${DOMAINS}/${encodeURIComponent(id)}`

/** Its IP rules, its commands and its texts, each on a page with those of the server. */
export const rulesPath = (id: string) => `/access/rules/domain/${encodeURIComponent(id)}`
export const commandsPath = (id: string) => `/settings/commands/domain/${encodeURIComponent(id)}`
export const messagesPath = (id: string) => `/settings/messages/domain/${encodeURIComponent(id)}`

/** The picker of a certificate for a domain, `new` for one that is none yet. */
export const pickerPath = (id: string | undefined) =>
  `/settings/encryption/certificates?for=${encodeURIComponent(pickerReason(id))}`

/** For what the picker is asked. */
export const pickerReason = (id: string | undefined) => (id === undefined ? 'new' : `domain ${id}`)

/** Where the picker leads back to with its choice. */
export function pickedPath(reason: string): string {
  if (reason === 'new') return NEW_DOMAIN
  return reason.startsWith('domain ') ? domainPath(reason.slice('domain '.length)) : '/settings/encryption'
}
