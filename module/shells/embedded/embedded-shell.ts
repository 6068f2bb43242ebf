/** The default shell for a machine that has none: its users, certificate, storage and network live under one data folder. */
import { EventEmitter } from 'node:events'
import { VERSION } from '../../service/version.ts'
import type { Preset, WebAddress } from '../../settings/preset.ts'
import { SettingsStore } from '../../settings/store.ts'
import type { ApplianceShell, AuditEntry, ShellEvent } from '../../shell.ts'
import { CertificateStore } from './certificate-store.ts'
import { openDataFolder } from './data-folder.ts'
import type { DataPlaces } from './data-folder.ts'
import { applyPreset } from './factory-start.ts'
import { HostNetwork } from './host-network.ts'
import { ShellFile } from './shell-file.ts'
import { UserStore } from './user-store.ts'

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
  /** What people should know about how the shell started. */
  readonly notices: readonly string[]
  /** Where the web pages are to be served. */
  readonly webAddress: WebAddress
  /** The administrator's name; undefined while there is none. */
  readonly administrator: string | undefined
  /** Path of the only storage root. */
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
  const events = new EventEmitter<Record<ShellEvent, []>>().setMaxListeners(0)
  const { config } = folder.paths
  const shellFile = await ShellFile.open(config)
  const users = await UserStore.open(config, () => events.emit('users-changed'))
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
  return {
    api: 1,
    product: { name: 'FTP server', version: VERSION },
    paths: folder.paths,
    users,
    certificates,
    storage: { roots: async () => [{ id: 'data', label: 'Data', path: folder.storage, readOnly: false }] },
    network,
    audit: (entry) => options.audit(entry),
    on: (event, listener) => {
      events.on(event, listener)
      return () => events.off(event, listener)
    },
    notices: [...shellFile.notices, ...users.notices],
    get webAddress() {
      return web()
    },
    get administrator() {
      return shellFile.current.administrator?.name
    },
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
