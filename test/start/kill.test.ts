/** A power cut: kill -9 in the middle of 100 uploads and of settings being written, then a restart. */
import { spawn } from 'node:child_process'
import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { capped } from '../cap.ts'
import { RawClient } from '../raw-client.ts'

const SERVER = join(import.meta.dirname, 'busy-server.ts')
const UPLOADS = 100
/** Uploads that are complete before the cut. */
const WHOLE = 20

describe('kill -9 in the middle of 100 uploads and settings writes', () => {
  let data: string
  before(async () => {
    data = await mkdtemp(join(tmpdir(), 'kill-'))
  })
  after(() => rm(data, { recursive: true, force: true }))

  it('leaves nothing half visible and loses nothing that was saved', async function () {
    this.timeout(60_000)
    const first = await Running.start(data)
    const open = await uploadHalves(first.port)
    first.change()
    await first.line(/^stored (\d{2,})$/)
    first.kill()
    await first.ended
    for (const client of open) client.socket.destroy()
    const stored = first.last(/^stored (\d+)$/)

    await using second = await Running.start(data)
    // The change that was being written may or may not have made it; none before it is lost.
    const goodbye = Number(/\d+/.exec(second.last(/^goodbye (.*)$/))?.[0])
    expect(goodbye).to.be.within(Number(stored), Number(stored) + 1)
    await using client = await RawClient.connect(second.port)
    await client.login()
    await client.say('TYPE I', 200)
    const names = (await client.listing('NLST Files')).map((name) => name.replace(/^Files\//, ''))
    expect(names.toSorted()).to.deep.equal(Array.from({ length: WHOLE }, (_, at) => `whole-${at}`).toSorted())
    for (const name of names) expect(String(await client.retrieve(`RETR Files/${name}`))).to.equal(content(name))
    await swept(join(data, 'storage', 'files'))
  })
})

/** Twenty files that arrive whole, and a hundred that are half there; answers the clients that hold them open. */
async function uploadHalves(port: number): Promise<RawClient[]> {
  const clients: RawClient[] = []
  for (let at = 0; at < UPLOADS; at++) {
    const client = await RawClient.connect(port)
    clients.push(client)
    await client.login()
    await client.say('TYPE I', 200)
    if (at < WHOLE) await client.store(`STOR Files/whole-${at}`, content(`whole-${at}`))
    // Half of them replace a file that is there and has to stay as it was.
    const data = await client.epsv()
    client.send(`STOR Files/${at < WHOLE / 2 ? `whole-${at}` : `half-${at}`}\r\n`)
    await client.reply(150)
    await data.write('x'.repeat(50_000))
  }
  return clients
}

const content = (name: string) => `${name} is whole. `.repeat(1000)

/** What the cut left behind is removed in the background of the start. */
async function swept(folder: string): Promise<void> {
  const end = performance.now() + 5000
  for (;;) {
    const left = (await readdir(folder)).filter((name) => name.startsWith('.'))
    if (left.length === 0) return
    if (performance.now() > end) throw new Error(`left behind: ${left.join(' ')}`)
    await new Promise((resolve) => {
      setTimeout(resolve, 20)
    })
  }
}

class Running implements AsyncDisposable {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #lines: string[] = []
  readonly ended: Promise<unknown>
  #more: () => void = () => undefined
  #errors = ''

  private constructor(data: string) {
    this.#child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', SERVER, data])
    this.ended = once(this.#child, 'close')
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => (this.#errors += text))
    createInterface(this.#child.stdout).on('line', (line) => {
      this.#lines.push(line)
      this.#more()
    })
  }

  static async start(data: string): Promise<Running> {
    const running = new Running(data)
    await running.line(/^goodbye /)
    return running
  }

  get port(): number {
    return Number(this.last(/^port (\d+)$/))
  }

  change(): void {
    this.#child.stdin.write('\n')
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }

  /** What the pattern found in the last line that fits. */
  last(pattern: RegExp): string {
    return this.#lines.map((line) => pattern.exec(line)?.[1]).findLast((found) => found !== undefined) ?? ''
  }

  async line(pattern: RegExp): Promise<void> {
    const seen = async () => {
      while (!this.#lines.some((line) => pattern.test(line))) {
        await new Promise<void>((resolve) => {
          this.#more = resolve
        })
      }
    }
    await capped(seen(), `the line ${pattern}`, () => this.#errors, 20_000)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill()
    await this.ended
  }
}
