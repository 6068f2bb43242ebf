/** Programs people really use, run as they are; missing ones are never passed over in silence. */
import { spawn } from 'node:child_process'
import { delimiter, join } from 'node:path'
import { accessSync, constants } from 'node:fs'
import type { Context } from 'mocha'

export interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly input?: string
  readonly cwd?: string
  /** Milliseconds after which it is killed and the test fails. */
  readonly cap?: number
}

/** Runs a program to its end; its output is read as Latin 1 so that no octet is lost. */
export function run(program: string, parameters: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const { input = '', cwd, cap = 30_000 } = options
  return new Promise((resolve, reject) => {
    const home = { HOME: cwd ?? '/nonexistent', LC_ALL: 'C.UTF-8', NO_PROXY: '*', no_proxy: '*' }
    const child = spawn(program, parameters, { ...(cwd && { cwd }), env: { ...process.env, ...home } })
    let [stdout, stderr] = ['', '']
    child.stdout.setEncoding('latin1').on('data', (text: string) => (stdout += text))
    child.stderr.setEncoding('latin1').on('data', (text: string) => (stderr += text))
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      reject(new Error(`${program} did not end within ${cap} ms\n${stdout}\n${stderr}`))
    }, cap)
    child.once('error', reject)
    child.once('close', (code) => {
      clearTimeout(timer)
      resolve({ code, stdout, stderr })
    })
    child.stdin.on('error', () => undefined)
    child.stdin.end(input)
  })
}

/** Runs a program that must succeed; answers what it wrote. */
export async function succeed(program: string, parameters: readonly string[], options?: RunOptions): Promise<string> {
  const { code, stdout, stderr } = await run(program, parameters, options)
  if (code !== 0) throw new Error(`${program} ended with ${code}\n${stdout}\n${stderr}`)
  return stdout
}

/** Runs a Python script; `parameters` are its `sys.argv[1:]`. */
export function python(script: string, ...parameters: readonly (string | number)[]): Promise<string> {
  return succeed('python3', ['-c', script, ...parameters.map(String)])
}

/** In `before(function () …)`: leaves the suite out, loudly, when the program is missing; with CI=true that is a failure. */
export function needs(context: Context, program: string): void {
  if (installed(program)) return
  if (process.env['CI'] === 'true') throw new Error(`${program} is not installed and CI=true allows no gap`)
  console.warn(`\n  !!! ${program} is not installed: the suite "${context.test?.parent?.fullTitle()}" is LEFT OUT\n`)
  context.skip()
}

function installed(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
