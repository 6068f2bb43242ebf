/** The domains as the engine wants them: what is otherwise there than on the server, worked out once for each change. */
import { hostname } from 'node:os'
import type { DomainOptions, DomainRules, KeyPair, Options } from '../ftp/options.ts'
import type { Domain } from './domain.ts'
import { DEFAULT_DOMAIN } from './domain.ts'
import { orInfinity, replyTexts, speed } from './limit-options.ts'
import type { ServerSettings, Settings } from './schema.ts'
import { UNLIMITED } from './values.ts'

/** The words and commands of the server, which those of a domain are added to. */
export type ServerWords = Pick<Options, 'texts' | 'disabled' | 'disabledTexts'>

/** The server itself and the domains that are switched on; `keyPairs` are those of domains that have their own, by id. */
export function domainOptions(
  { settings, domains }: Pick<Settings, 'settings' | 'domains'>,
  server: ServerWords,
  keyPairs: ReadonlyMap<string, KeyPair> = new Map(),
): Options['domains'] {
  return [
    // Where there is nothing to choose between, the server answers to every name.
    { id: DEFAULT_DOMAIN, names: serverNames(settings), anyName: domains.length === 0 },
    ...domains.filter(({ enabled }) => enabled).map((domain) => ofDomain(domain, server, keyPairs.get(domain.id))),
  ]
}

/** The names that the server itself has beside domains: that of the machine, and the one that is announced. */
function serverNames({ externalAddress }: ServerSettings): readonly string[] {
  const name = externalAddress.toLowerCase().replace(/\.$/, '')
  const announced = name === 'automatic' || /^[\d.]+$/.test(name) ? [] : [name]
  return [hostname().toLowerCase(), ...announced]
}

function ofDomain(domain: Domain, server: ServerWords, keyPair: KeyPair | undefined): DomainOptions {
  const { connections = UNLIMITED, connectionsPerHost = UNLIMITED } = domain.together
  return {
    id: domain.id,
    names: domain.names,
    ...(keyPair && { keyPair }),
    sessions: orInfinity(connections),
    sessionsPerHost: orInfinity(connectionsPerHost),
    own: { ...wordsOf(domain, server), ...commandsOf(domain, server), speeds: speedsOf(domain) },
  }
}

function wordsOf({ messages }: Domain, server: ServerWords): DomainRules {
  const { greeting, welcome, goodbye, replies } = messages
  return {
    ...(greeting !== undefined && { greeting: greeting.split('\n') }),
    ...(welcome !== undefined && { welcome: welcome.split('\n') }),
    ...(goodbye !== undefined && { goodbye }),
    texts: new Map([...server.texts, ...replyTexts(replies)]),
  }
}

function commandsOf({ commands }: Domain, server: ServerWords): DomainRules {
  const disabled = new Set([...server.disabled, ...commands.disabled])
  for (const verb of commands.enabled) disabled.delete(verb)
  return { disabled, disabledTexts: new Map([...server.disabledTexts, ...Object.entries(commands.texts)]) }
}

function speedsOf({ id, together }: Domain): NonNullable<DomainRules['speeds']> {
  const { downloadBytesPerSecond = UNLIMITED, uploadBytesPerSecond = UNLIMITED } = together
  return {
    download: speed(`domain:${id}:download`, downloadBytesPerSecond),
    upload: speed(`domain:${id}:upload`, uploadBytesPerSecond),
  }
}
