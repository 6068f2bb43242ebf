/**
 * What a file of 4 KiB costs: CPU time of the server, as `npm start` runs it, for RETR and STOR over a standing control
 * connection, in clear and over TLS. `node test/bench/small-files.ts [FILES] [WHAT …]`; WHAT: get, put, get-tls, put-tls. In a
 * network of its own (`unshare -n`, loopback up) and on one processor (`taskset -c 0`) the figures hold still.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { certificate } from '../certificate.ts'

const KINDS = ['get', 'put', 'get-tls', 'put-tls']
const BLOCK = Number(process.env['BLOCK'] ?? 250)
const FILE = Buffer.alloc(Number(process.env['OCTETS'] ?? 4096), 'some text, ')

const files = Number(process.argv[2] ?? 2000)
const wanted = process.argv.length > 3 ? process.argv.slice(3) : KINDS

interface Control {
  readonly stream: Socket
  readonly session: () => Buffer | undefined
  say(line: string): void
  reply(): Promise<string>
}

const folder = mkdtempSync(join(tmpdir(), 'small-files-'))
const port = 20_000 + (process.pid % 20_000)
const server = await start()
try {
  for (const kind of wanted) console.log(await measured(kind))
} finally {
  server.kill()
  await once(server, 'exit')
  rmSync(folder, { recursive: true, force: true })
}

async function start() {
  const { certificate: chain, key } = await certificate()
  mkdirSync(join(folder, 'data/certificates'), { recursive: true })
  mkdirSync(join(folder, 'data/storage/home'), { recursive: true })
  writeFileSync(join(folder, 'data/certificates/bench.pem'), chain, { mode: 0o600 })
  writeFileSync(join(folder, 'data/certificates/bench.key'), key, { mode: 0o600 })
  writeFileSync(join(folder, 'data/storage/home/file'), FILE)
  const preset = {
    enabled: true,
    web: { address: '127.0.0.1', port: 0 },
    users: [{ name: 'anna', password: 'secret-enough' }],
    accounts: { users: { anna: { startFolder: '/home' } } },
    settings: { port, address: '127.0.0.1', tls: { certificate: 'bench' } },
    resources: [{ name: 'home', folder: 'home', rights: [{ user: 'anna', level: 'readWrite' }] }],
  }
  writeFileSync(join(folder, 'preset.json'), JSON.stringify(preset))
  const flags = (process.env['NODE_FLAGS'] ?? '').split(' ').filter(Boolean)
  const main = join(import.meta.dirname, '../../module/main.ts')
  const options = ['--max-semi-space-size=8', '--disable-warning=ExperimentalWarning', ...flags]
  const env = { ...process.env, FTP_MODULE_DATA: join(folder, 'data') }
  const child = spawn(process.execPath, [...options, main, '--preset', join(folder, 'preset.json')], {
    env,
    stdio: 'ignore',
  })
  for (;;) {
    const socket = connect(port, '127.0.0.1')
    const stands = await new Promise((resolve) =>
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false)),
    )
    socket.destroy()
    if (stands) return child
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** The server's CPU time so far, microseconds: of its main thread, and of all. */
function cpu(): [main: number, all: number] {
  const tasks = `/proc/${server.pid}/task`
  let [main, all] = [0, 0]
  for (const task of readdirSync(tasks)) {
    const spent = Number(readFileSync(join(tasks, task, 'schedstat'), 'utf8').split(' ')[0]) / 1000
    if (Number(task) === server.pid) main = spent
    all += spent
  }
  return [main, all]
}

async function measured(kind: string): Promise<string> {
  const secure = kind.endsWith('-tls')
  const control = await login(secure)
  const move = kind.startsWith('get') ? get : put
  for (let file = 0; file < Number(process.env['WARM'] ?? 300); file += 1) await move(control, secure, file)
  const blocks: [number, number][] = []
  for (let file = 0; file < files; file += BLOCK) {
    const before = cpu()
    for (let at = file; at < file + BLOCK; at += 1) await move(control, secure, at)
    const after = cpu()
    blocks.push([(after[0] - before[0]) / BLOCK, (after[1] - before[1]) / BLOCK])
  }
  control.stream.destroy()
  const figures = (column: 0 | 1) => {
    const sorted = blocks.map((block) => block[column]).sort((a, b) => a - b)
    return `${sorted[sorted.length >> 1]?.toFixed(0)} (least ${sorted[0]?.toFixed(0)})`
  }
  return `${kind}: main thread ${figures(0)}, all threads ${figures(1)} µs of CPU for a file`
}

async function login(secure: boolean): Promise<Control> {
  let control = speakOver(connect({ port, host: '127.0.0.1', noDelay: true }))
  await control.reply()
  if (secure) {
    await ask(control, 'AUTH TLS', '234')
    control.stream.removeAllListeners('data')
    const stream = connectTls({ socket: control.stream, rejectUnauthorized: false })
    let session: Buffer | undefined
    stream.on('session', (ticket) => (session = ticket))
    control = { ...speakOver(stream), session: () => session }
    await once(stream, 'secureConnect')
  }
  await ask(control, 'USER anna', '331')
  await ask(control, 'PASS secret-enough', '230')
  await ask(control, 'TYPE I', '200')
  if (secure) await ask(control, 'PBSZ 0', '200')
  if (secure) await ask(control, 'PROT P', '200')
  return control
}

function speakOver(stream: Socket): Control {
  const lines: string[] = []
  let rest = ''
  let wake: (() => void) | undefined
  stream
    .on('error', () => undefined)
    .on('data', (chunk) => {
      const parts = (rest + chunk.toString('latin1')).split('\r\n')
      rest = parts.pop() ?? ''
      lines.push(...parts.filter((line) => /^\d{3} /.test(line)))
      wake?.()
    })
  return {
    stream,
    session: () => undefined,
    say: (line) => void stream.write(`${line}\r\n`),
    async reply() {
      while (lines.length === 0) await new Promise<void>((resolve) => (wake = resolve))
      return lines.shift() ?? ''
    },
  }
}

async function ask(control: Control, line: string, code: string): Promise<string> {
  control.say(line)
  const answer = await control.reply()
  if (!answer.startsWith(code)) throw new Error(`${line}: ${answer}`)
  return answer
}

async function dial(control: Control): Promise<Socket> {
  const data = /\|\|\|(\d+)\|/.exec(await ask(control, 'EPSV', '229'))?.[1]
  return connect({ port: Number(data), host: '127.0.0.1' })
}

function protect(control: Control, raw: Socket): Socket {
  const session = control.session()
  return connectTls({ socket: raw, rejectUnauthorized: false, ...(session && { session }) })
}

async function get(control: Control, secure: boolean): Promise<void> {
  const raw = await dial(control)
  control.say('RETR file')
  const data = secure ? protect(control, raw) : raw
  let octets = 0
  data.on('data', (chunk) => (octets += chunk.length))
  const ended = once(data, 'end')
  await expect(control, '150')
  await ended
  data.end()
  await expect(control, '226')
  if (octets !== FILE.length) throw new Error(`${octets} octets came`)
}

async function put(control: Control, secure: boolean, file: number): Promise<void> {
  const raw = await dial(control)
  control.say(`STOR put-${file % 1000}`)
  await expect(control, '150')
  const data = secure ? protect(control, raw) : raw
  data
    .on('error', () => undefined)
    .resume()
    .end(FILE)
  await expect(control, '226')
  data.destroy()
}

async function expect(control: Control, code: string): Promise<void> {
  const answer = await control.reply()
  if (!answer.startsWith(code)) throw new Error(answer)
}
