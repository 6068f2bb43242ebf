/** The default shell for a machine that has none: its users, certificate, storage and network live under one data folder. */
import { EventEmitter } from 'node:events'
import { VERSION } from '../../service/version.ts'
import type { Preset, WebAddress } from '../../settings/preset.ts'
import { SettingsStore } from '../../settings/store.ts'
import type { ApplianceShell, AuditEntry } from '../../shell.ts'
import { Administrators } from './administrators.ts'
import { CertificateStore } from './certificate-store.ts'
import { openDataFolder } from './data-folder.ts'
import type { DataPlaces } from './data-folder.ts'
import { applyPreset } from './factory-start.ts'
import { Nftables } from './firewall.ts'
import { HostFirewall } from './host-firewall.ts'
import { HostNetwork } from './host-network.ts'
import { PasswordCheck } from './password-check.ts'
import { ShellFile } from './shell-file.ts'
import { StorageRoots } from './storage-roots.ts'
import { UserStore } from './user-store.ts'
import { EmbeddedHost } from './web/host.ts'
import { Sessions } from './web/sessions.ts'

export interface EmbeddedOptions {
  readonly places: DataPlaces
  /** Applied if nothing is stored yet. */
  readonly preset?: Preset | undefined
  /** Port of the web pages, whatever is stored. */
  readonly webPort?: number | undefined
  audit(entry: AuditEntry): void
}

export interface EmbeddedShell extends ApplianceShell {
  readonly users: UserStore
  readonly administrators: Administrators
  readonly certificates: CertificateStore
  readonly storage: StorageRoots
  readonly network: HostNetwork
  readonly firewall: HostFirewall
  readonly web: EmbeddedHost
  /** What is stored for the shell itself. */
  readonly file: ShellFile
  /** What people should know about how the shell started. */
  readonly notices: readonly string[]
  /** Where the web pages are to be served; the port is the one from outside, where that was given. */
  readonly webAddress: WebAddress
  /** Whether the port of the web pages was given from outside, so that a stored one has no effect. */
  readonly webPortFixed: boolean
  /** The first administrator's name; undefined while there is none. */
  readonly administrator: string | undefined
  /** Path of the storage root that is always there. */
  readonly storageFolder: string
  /** Whether the preset was applied. */
  readonly factoryStart: boolean
  /** Certificates may have been put into the folder by hand: whoever uses one loads it again. */
  reload(): void
  /** Stops the timers and lets another process use the data folder. */
  close(): void
}

/** Opens the data folder and everything in it. Rejects with `SettingsError` or `DataFolderError`. */
export async function openEmbeddedShell(options: EmbeddedOptions): Promise<EmbeddedShell> {
  const folder = await openDataFolder(options.places)
  try {
    return await assemble(options, folder)
  } catch (error) {
    folder.release()
    throw error
  }
}

async function assemble(
  options: EmbeddedOptions,
  folder: Awaited<ReturnType<typeof openDataFolder>>,
): Promise<EmbeddedShell> {
  const events = new EventEmitter().setMaxListeners(0)
  const { config } = folder.paths
  const shellFile = await ShellFile.open(config)
  const passwords = new PasswordCheck()
  const users = await UserStore.open(config, () => events.emit('users-changed'), passwords)
  const factoryStart = options.preset !== undefined && !(await SettingsStore.exists(config))
  if (options.preset && factoryStart) await applyPreset(options.preset, { users, shellFile, storage: folder.storage })

  const web = () => ({ ...shellFile.current.web, ...(options.webPort === undefined ? {} : { port: options.webPort }) })
  const network = new HostNetwork(
    () => [web().port].filter((port) => port !== 0),
    () => events.emit('network-changed'),
  )
  const certificates = new CertificateStore(
    folder.certificates,
    () => network.names(),
    () => events.emit('certificates-changed'),
  )
  await certificates.ensure()
  const administrators = new Administrators(shellFile, passwords)
  const firewall = new HostFirewall(shellFile, new Nftables(), () => network.lan())
  events.on('network-changed', () => void firewall.refresh().catch(() => undefined))
  return {
    api: 1,
    product: { name: 'FTP server', version: VERSION },
    paths: folder.paths,
    users,
    certificates,
    administrators,
    storage: new StorageRoots(shellFile, config, folder.storage, () => events.emit('storage-changed')),
    firewall,
    web: new EmbeddedHost(administrators, new Sessions((key) => events.emit('session-revoked', key))),
    file: shellFile,
    network,
    audit: (entry) => options.audit(entry),
    on: (event, listener) => {
      /* oxlint-disable typescript/no-misused-promises -- listeners see to their own failures */
      events.on(event, listener)
      return () => events.off(event, listener)
      /* oxlint-enable typescript/no-misused-promises */
    },
    notices: [...shellFile.notices, ...users.notices],
    get webAddress() {
      return web()
    },
    get administrator() {
      return shellFile.current.administrators[0]?.name
    },
    webPortFixed: options.webPort !== undefined,
    storageFolder: folder.storage,
    factoryStart,
    reload: () => events.emit('certificates-changed'),
    close: () => {
      network.close()
      certificates.close()
      folder.release()
    },
  }
}
