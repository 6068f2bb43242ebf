/** The engine's options made out of the settings. */
import type { KeyPair, ListenerOptions, Options, TlsOptions } from '../ftp/options.ts'
import { DEFAULTS } from '../ftp/options.ts'
import { controlPorts } from './connection.ts'
import { domainOptions } from './domain-options.ts'
import { DEFAULT_DOMAIN } from './domain.ts'
import { orInfinity, replyTexts, speed } from './limit-options.ts'
import { networkTest } from './networks.ts'
import { switchedOff } from './passive-only.ts'
import { portRange } from './port-range.ts'
import type { ServerSettings, Settings } from './schema.ts'

/** What the options need besides the settings. */
export interface Surroundings {
  /** The certificate to use; absent = there is none, and so no TLS. */
  readonly keyPair?: KeyPair | undefined
  /** The certificates of domains that have their own, by the ids of the domains. */
  readonly domainKeyPairs?: ReadonlyMap<string, KeyPair>
  /** What `$ServerName` says in texts: the appliance's name. */
  readonly serverName?: string
  /** The IPv4 address to announce to a client; undefined = the control connection's own. */
  readonly externalAddress: (clientAddress: string) => string | undefined
}

/** Says no more than that: why is the administrator's to know. */
const DENIED = 'This address is not allowed here.'

/** How the engine is to behave. */
export function engineOptions(stored: Pick<Settings, 'settings' | 'domains'>, surroundings: Surroundings): Options {
  const { settings } = stored
  const { limits, messages, listing, compression, logins } = settings
  const words = {
    texts: replyTexts(messages.replies),
    disabled: switchedOff(settings),
    disabledTexts: new Map(Object.entries(settings.commands.texts)),
  }
  const tls = surroundings.keyPair && tlsOptions(settings, surroundings.keyPair)
  return {
    ...(surroundings.serverName !== undefined && { serverName: surroundings.serverName }),
    domains: domainOptions(stored, words, surroundings.domainKeyPairs),
    greeting: messages.greeting.split('\n'),
    welcome: messages.welcome.split('\n'),
    goodbye: messages.goodbye,
    ...(settings.access.tellDenied && { deniedText: DENIED }),
    ...words,
    passive: { ...passiveRange(settings.passivePorts), externalAddress: surroundings.externalAddress },
    ...(tls ? { tls } : {}),
    limits: {
      sessions: orInfinity(limits.connections),
      sessionsPerHost: orInfinity(limits.connectionsPerHost),
      reserve: DEFAULTS.limits.reserve,
      replaceOldestIdle: limits.replaceOldestIdle,
      download: speed('server:download', limits.downloadBytesPerSecond),
      upload: speed('server:upload', limits.uploadBytesPerSecond),
    },
    timeouts: {
      ...settings.timeouts,
      idle: orInfinity(settings.timeouts.idle),
      session: orInfinity(settings.timeouts.session),
    },
    login: { attempts: logins.attempts, failureDelay: Math.round(logins.failureDelaySeconds * 1000) },
    listing,
    ...(compression.enabled ? { deflate: { level: compression.level, maximumRatio: compression.maximumRatio } } : {}),
  }
}

/** Where the engine is to listen. */
export function listenerOptions(stored: Pick<Settings, 'settings' | 'domains'>): readonly ListenerOptions[] {
  return controlPorts(stored).map(({ address, port, implicitTls, domain = DEFAULT_DOMAIN }) => ({
    address,
    port,
    implicitTls,
    domain,
  }))
}

function tlsOptions({ tls }: ServerSettings, keyPair: KeyPair): TlsOptions | undefined {
  if (tls.policy === 'off') return undefined
  return {
    keyPair,
    required: tls.policy === 'optional' ? 'never' : tls.policy,
    exempt: networkTest(tls.exemptNetworks),
    minimum: tls.minimum,
    sessionReuse: tls.sessionReuse,
    strictEnd: tls.strictEnd,
  }
}

function passiveRange(text: string): { from: number; to: number } {
  return portRange(text) ?? { from: 0, to: 0 }
}
