/** `npm start`: the embedded shell with the module mounted. The only place that owns the process. */
import { basename } from 'node:path'
import { parseArgs } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { CertificateError } from './certificates/choose.ts'
import { createFtpModule } from './index.ts'
import type { ApplianceModule } from './index.ts'
import { presetSchema, readPreset } from './settings/preset.ts'
import type { Preset } from './settings/preset.ts'
import { SettingsError } from './settings/problems.ts'
import { tuneAllocator } from './shells/embedded/allocator.ts'
import { DataFolderError } from './shells/embedded/data-folder.ts'
import { openEmbeddedShell } from './shells/embedded/embedded-shell.ts'
import type { EmbeddedShell } from './shells/embedded/embedded-shell.ts'
import { giveBackAtRest } from './shells/embedded/giving-back.ts'
import { startReport } from './shells/embedded/start-report.ts'
import { openWeb } from './shells/embedded/web/open.ts'
import type { EmbeddedWeb } from './shells/embedded/web/open.ts'
import { WebListenError } from './shells/embedded/web/server.ts'
import type { AuditEntry } from './shell.ts'

/** Milliseconds that transfers have to end when the process is asked to. */
const GRACE = 5000

/** Milliseconds within which two signals are one wish. */
const SAME_KEY = 500

/** Threads for work that waits for disks; one disk that hangs may hold half of them. */
const THREADS = '16'

/** Calls after which V8 compiles a function well, instead of 3,000: a small file makes one or two calls of each. */
const CALLS_UNTIL_COMPILED = 600
/** Versions of V8 (those of Node 22 and 24) that are known to take it. */
const TUNABLE = /^1[23]\./

const COMMAND =
  process.env['npm_lifecycle_event'] === 'start' ? 'npm start --' : `node ${basename(process.argv[1] ?? 'server.mjs')}`

const USAGE = `Usage: ${COMMAND} [--preset file.json] [--preset-schema]
  --preset file.json   settings, users and resources for the first start; also FTP_MODULE_PRESET
  --preset-schema      print the JSON Schema of a preset
  FTP_MODULE_DATA, FTP_MODULE_LOG, FTP_MODULE_RUN   folders; FTP_MODULE_WEB_PORT   port of the web pages`

/** Input that is refused: the message is all there is to say. */
class UsageError extends Error {}

async function main(): Promise<void> {
  // Read when the first of them is wanted.
  process.env['UV_THREADPOOL_SIZE'] ??= THREADS
  if (TUNABLE.test(process.versions.v8)) setFlagsFromString(`--invocation-count-for-turbofan=${CALLS_UNTIL_COMPILED}`)
  const options = commandLine()
  if (options.help) return console.log(USAGE)
  if (options['preset-schema']) return console.log(JSON.stringify(presetSchema(), undefined, 2))
  tuneAllocator()
  const { env } = process
  const presetPath = options.preset ?? (env['FTP_MODULE_PRESET'] || undefined)
  const preset = presetPath === undefined ? undefined : await readPreset(presetPath)
  const shell = await openEmbeddedShell({
    places: {
      data: env['FTP_MODULE_DATA'] || 'data',
      log: env['FTP_MODULE_LOG'] || undefined,
      runtime: env['FTP_MODULE_RUN'] || undefined,
    },
    preset,
    webPort: webPort(env['FTP_MODULE_WEB_PORT']),
    audit,
  })
  try {
    await run(shell, preset)
  } catch (error) {
    shell.close()
    throw error
  }
}

async function run(shell: EmbeddedShell, preset: Preset | undefined): Promise<void> {
  const ftp = await createFtpModule(shell, shell.factoryStart && preset ? { initial: stored(preset) } : {})
  const ended = untilAskedToEnd(shell)
  const web = await openWeb(shell, ftp)
  await ftp.start()
  const status = ftp.status()
  const warnings = status.warnings.filter(({ text }) => !said.has(text))
  console.log(await startReport(shell, { ...status, warnings }, web, preset !== undefined))
  giveBackAtRest()
  await ended
  await shutDown(ftp, web, shell)
}

function stored({ enabled, settings, accounts, domains, resources, tokens }: Preset): unknown {
  return { enabled, settings, accounts, domains, resources, tokens }
}

/** A second signal does not wait for transfers; but npm passes on a Ctrl-C that the terminal has sent us already. */
function untilAskedToEnd(shell: EmbeddedShell): Promise<void> {
  process.on('SIGHUP', () => shell.reload())
  return new Promise((resolve) => {
    let first = Infinity
    const asked = () => {
      if (performance.now() - first > SAME_KEY) process.exit(1)
      first = Math.min(first, performance.now())
      resolve()
    }
    process.on('SIGTERM', asked).on('SIGINT', asked)
  })
}

async function shutDown(ftp: ApplianceModule, web: EmbeddedWeb, shell: EmbeddedShell): Promise<void> {
  console.log('Stopping.')
  await web.close()
  await ftp.stop({ graceMs: GRACE })
  await ftp.dispose()
  shell.close()
  process.exit(0)
}

function commandLine() {
  try {
    const options = {
      preset: { type: 'string' },
      'preset-schema': { type: 'boolean' },
      help: { type: 'boolean' },
    } as const
    return parseArgs({ options }).values
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`)
  }
}

function webPort(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Infinity
  if (port > 65535)
    throw new UsageError(`FTP_MODULE_WEB_PORT: must be a port from 0 to 65535 (got ${JSON.stringify(text)})`)
  return port
}

/** Warnings that the console has already; the report at the start need not repeat them. */
const said = new Set<string>()

/** What people must know at once goes to the console. */
function audit({ level, event, text }: AuditEntry): void {
  // A start that fails ends with its reason anyway.
  if (event === 'service.failed' || (level !== 'error' && level !== 'warning')) return
  if (level === 'warning') said.add(text)
  console.error(text)
}

/** What people can put right: the message says how, a stack would not help. */
const EXPECTED = [SettingsError, UsageError, DataFolderError, CertificateError, WebListenError]

try {
  await main()
} catch (error) {
  const told = EXPECTED.some((kind) => error instanceof kind) && error instanceof Error
  console.error(told ? error.message : error)
  process.exit(1)
}
