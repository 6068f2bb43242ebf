/** The server in a process of its own, as `npm start` starts it, with the probe inside and a folder that goes with it. */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import type { Look, Order } from './probe.ts'

const root = join(import.meta.dirname, '..', '..', '..')
const PROBE = join(import.meta.dirname, 'probe.ts')
/** Descriptors that 5,000 sessions and 200 transfers take, and as many again for files and threads. */
const DESCRIPTORS = 12_000

export const ADMINISTRATOR = { name: 'admin', password: 'growth of a server' }

/**
 * A new folder in memory, where the machine has such a place: disks are not what is measured. GROWTH_FOLDER names another place, for
 * files that memory should not hold.
 */
export function newFolder(): string {
  return mkdtempSync(
    join(process.env['GROWTH_FOLDER'] ?? (existsSync('/dev/shm') ? '/dev/shm' : tmpdir()), 'ftp-growth-'),
  )
}

export class Server implements AsyncDisposable {
  readonly port: number
  /** Such as `http://127.0.0.1:8080`. */
  readonly web: string
  /** Milliseconds from the start of the process to the line that says where it listens. */
  readonly startedIn: number
  readonly pid: number
  readonly folder: string
  readonly #process: ChildProcess

  private constructor(child: ChildProcess, folder: string, report: string, startedIn: number) {
    this.#process = child
    this.pid = child.pid ?? 0
    this.folder = folder
    this.startedIn = startedIn
    this.port = Number(/ftp:\/\/\S+:(\d+)$/m.exec(report)?.[1])
    this.web = /(http:\/\/\S+?)\/?$/m.exec(report)?.[1] ?? ''
  }

  /** The preset only counts in a folder that was not used before. */
  static async start(preset: object, folder = newFolder()): Promise<Server> {
    needDescriptors()
    const path = join(folder, 'preset.json')
    writeFileSync(path, JSON.stringify(preset))
    const began = performance.now()
    const said = openSync(join(folder, 'errors.txt'), 'a')
    const child = fork(join(root, 'module', 'main.ts'), ['--preset', path], {
      execArgv: [...flagsOfStart(), ...(process.env['GROWTH_FLAGS']?.split(' ') ?? []), '--import', PROBE],
      env: { ...process.env, FTP_MODULE_DATA: folder },
      stdio: ['ignore', 'pipe', said, 'ipc'],
    })
    closeSync(said)
    let report = ''
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (report += text))
    while (!/^Storage: .*\n/m.test(report)) {
      await Promise.race([once(child.stdout ?? child, 'data'), once(child, 'exit')])
      if (child.exitCode !== null) throw new Error(`The server did not start: ${errorsIn(folder)}`)
    }
    const server = new Server(child, folder, report, performance.now() - began)
    if (!server.port || !server.web) throw new Error(`The server does not listen: ${report}`)
    return server
  }

  /** Where the folders of resources are. */
  get storage(): string {
    return join(this.folder, 'storage')
  }

  /** What the server wrote to its console as errors and warnings. */
  get errors(): string {
    return errorsIn(this.folder)
  }

  /** One question at a time. */
  async ask(order: Order): Promise<Look> {
    this.#process.send(order)
    const [look] = (await once(this.#process, 'message')) as [Look]
    return look
  }

  /** Bytes after the garbage has been collected: what objects take, and the share of the process in the machine's memory. */
  async memory(): Promise<{ readonly objects: number; readonly process: number }> {
    const { heap, external } = await this.ask('tidy')
    return { objects: heap + external, process: kilobytes(`/proc/${this.pid}/smaps_rollup`, 'Pss') * 1024 }
  }

  /** The largest resident memory since {@link forgetPeak}, bytes. */
  peak(): number {
    return kilobytes(`/proc/${this.pid}/status`, 'VmHWM') * 1024
  }

  forgetPeak(): void {
    writeFileSync(`/proc/${this.pid}/clear_refs`, '5')
  }

  descriptors(): number {
    return readdirSync(`/proc/${this.pid}/fd`).length
  }

  /** Ends the process as a person would, and leaves the folder. */
  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    this.#process.kill('SIGTERM')
    await once(this.#process, 'exit')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** Everything free, so that only what is measured is felt. */
export function presetWith(more: object = {}): object {
  return {
    enabled: true,
    administrator: ADMINISTRATOR,
    web: { port: 0 },
    users: [{ name: 'anna', password: 'secret' }],
    settings: {
      port: 0,
      address: '127.0.0.1',
      passivePorts: 'any',
      limits: { connections: 8000 },
      timeouts: { idle: 3600 },
      logins: { failureDelaySeconds: 0 },
    },
    resources: [{ name: 'Files', folder: 'files', rights: [{ user: 'anna', level: 'readWrite' }] }],
    ...more,
  }
}

/** The options of Node that `npm start` has. */
function flagsOfStart(): readonly string[] {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: { start: string } }
  return scripts.start.split(' ').filter((word) => word.startsWith('--'))
}

/** Node raises its own limit to the hard one; the hard one is the administrator's. */
function needDescriptors(): void {
  const hard = Number(/^Max open files\s+\S+\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1] ?? Infinity)
  if (hard >= DESCRIPTORS) return
  throw new Error(`Only ${hard} descriptors are allowed here: run "ulimit -Hn ${DESCRIPTORS}" as root and start again.`)
}

function errorsIn(folder: string): string {
  return readFileSync(join(folder, 'errors.txt'), 'utf8')
}

function kilobytes(path: string, field: string): number {
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync(path, 'utf8'))?.[1])
}
