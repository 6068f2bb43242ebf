/** `npm start` as a child process with a data folder of its own. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { capped } from '../cap.ts'

const MAIN = join(import.meta.dirname, '..', '..', 'module', 'main.ts')

/** A folder for the data and the preset of some starts; removed at the end of its scope. */
export class Place implements AsyncDisposable {
  readonly folder: string
  readonly #script: string
  readonly #started: Started[] = []

  private constructor(folder: string, script: string) {
    this.folder = folder
    this.#script = script
  }

  /** `script` is what to start; `npm start` unless said. */
  static async make(script = MAIN): Promise<Place> {
    return new Place(await mkdtemp(join(tmpdir(), 'start-')), script)
  }

  get data(): string {
    return join(this.folder, 'data')
  }

  /** Starts with a preset, or as it is; `before`: a program and its options that start it, such as `nice`. */
  async start(
    preset?: object | string,
    args: readonly string[] = [],
    env: Readonly<Record<string, string>> = {},
    before: readonly string[] = [],
  ): Promise<Started> {
    const file = join(this.folder, 'preset.json')
    if (preset !== undefined) await writeFile(file, typeof preset === 'string' ? preset : JSON.stringify(preset))
    const named = preset === undefined ? [] : ['--preset', file]
    const all = { FTP_MODULE_DATA: this.data, FTP_MODULE_WEB_PORT: '0', ...env }
    const started = new Started(this.#script, [...named, ...args], all, before)
    this.#started.push(started)
    return started
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const started of this.#started) await started.end('SIGKILL')
    await rm(this.folder, { recursive: true })
  }
}

export class Started {
  output = ''
  errors = ''
  readonly #child
  readonly #closed: Promise<unknown>

  constructor(
    script: string,
    args: readonly string[],
    env: Readonly<Record<string, string>>,
    before: readonly string[] = [],
  ) {
    const { FTP_MODULE_PRESET: _preset, ...clean } = process.env
    // As package.json says it; V8's own options are refused for a thread alone.
    const options = ['--max-semi-space-size=8', '--disable-warning=ExperimentalWarning']
    const [program = process.execPath, ...rest] = [...before, process.execPath, ...options, script, ...args]
    this.#child = spawn(program, rest, {
      env: { ...clean, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#closed = once(this.#child, 'close')
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => (this.output += text))
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => (this.errors += text))
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** The port of the first listener, once it listens. */
  async port(scheme = 'ftp'): Promise<number> {
    return Number((await this.printed(new RegExp(`^Listening: ${scheme}://.+:(\\d+)$`, 'm')))[1])
  }

  /** What the pattern finds in the output, once it is there. */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    const look = async () => {
      for (;;) {
        const found = pattern.exec(this.output)
        if (found) return found
        if (this.#child.exitCode !== null || this.#child.signalCode !== null)
          throw new Error(`it ended: ${this.errors}`)
        await Promise.race([once(this.#child.stdout, 'data'), this.#closed])
      }
    }
    return capped(look(), String(pattern), () => this.output + this.errors, 10_000)
  }

  /** Ends it by a signal and answers the exit code; null when the signal ended it. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill(signal)
    return this.exit()
  }

  reload(): void {
    this.#child.kill('SIGHUP')
  }

  /** The exit code, once it has ended by itself. */
  async exit(): Promise<number | null> {
    await capped(this.#closed, 'the end of the process', () => this.output + this.errors, 10_000)
    return this.#child.exitCode
  }
}
