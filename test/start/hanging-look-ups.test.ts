/** Folders whose disk hangs, as clients and administrators notice it: the threads that ask for them really wait in the kernel. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect } from 'chai'
import { eventually } from '../cap.ts'
import { atTheEnd } from '../hooks.ts'
import { RawClient } from '../raw-client.ts'
import { Place, type Started } from './started.ts'

const HANGING = pathToFileURL(join(import.meta.dirname, 'hanging-folder.ts')).href
const USERS = ['anna', 'ben', 'carl']
const rights = USERS.map((user) => ({ user, level: 'readWrite' }))
const TOKEN = 'ftpmodule_known'
const PRESET = {
  enabled: true,
  users: USERS.map((name) => ({ name, password: 'secret' })),
  settings: { port: 0, passivePorts: 'any' },
  tokens: [{ id: 'watch', note: 'watch', permission: 'view', hash: createHash('sha256').update(TOKEN).digest('hex') }],
}
/** What each client asks of the folder that hangs; the number makes it a folder of its own. */
const QUESTIONS = ['CWD /Slow/usb/%', 'SIZE /Slow/usb/%/file', 'MLST /Slow/usb/%/file', 'MKD /Slow/usb/%/new']

describe('a disk that hangs', function () {
  this.timeout(30_000)

  it('leaves threads for logins, transfers and pages, however many ask for a folder on it', async () => {
    await using place = await Place.make()
    const [slow, quick] = [storage(place, 'slow'), storage(place, 'quick')]
    const folder = join(slow, 'usb')
    mkdirSync(folder)
    writeFileSync(join(slow, 'whole'), 'whole')
    writeFileSync(join(quick, 'file'), 'there')
    const resources = ['Slow', 'Quick'].map((name) => ({ name, folder: name.toLowerCase(), rights }))
    const it = await started(place, { ...PRESET, resources }, folder)
    const clients = await Promise.all(Array.from({ length: 16 }, () => it.login('anna')))
    for (const [at, client] of clients.entries()) {
      client.send(`${QUESTIONS[at % QUESTIONS.length]?.replace('%', String(at))}\r\n`)
    }
    // Nobody of this name has logged in before: the password takes a thread.
    await using ben = await it.login('ben')
    await ben.say('TYPE I', 200)
    await ben.store('STOR /Quick/new', 'new')
    expect(String(await ben.retrieve('RETR /Quick/file'))).to.equal('there')
    await ben.say('MKD /Quick/folder', 257)
    expect((await it.get('/')).ok).to.equal(true)
    for (const client of clients.slice(8)) client.socket.destroy()
    await using carl = await it.login('carl')
    await carl.say('SIZE /Slow/whole', 213)

    it.answer()
    for (const client of clients.slice(0, 8)) {
      await client.reply(550, 'the answer about what is not there')
      await client.say('QUIT', 221)
    }
    const left = () => readdirSync(`/proc/${it.started.pid}/fd`).map((fd) => target(it.started, fd))
    await eventually(() => !left().some((path) => path.startsWith(folder)), 'nothing of the folder is open')
    expect(it.started.errors).to.equal('')
  })

  it('is told of, while everything on other disks starts and is shown as ever', async () => {
    await using place = await Place.make()
    const disk = join(place.folder, 'disk')
    for (const path of [place.data, disk]) mkdirSync(path)
    using memory = inMemory()
    expect(statSync(memory.path).dev, 'two disks are needed').not.to.equal(statSync(place.folder).dev)
    writeFileSync(join(memory.path, 'file'), 'there')
    const leftOver = join(memory.path, `.ftp-upload-1-never-${'0'.repeat(24)}`)
    writeFileSync(leftOver, 'of a process that died')
    const added = [
      { id: 'memory', label: 'Memory', path: memory.path },
      { id: 'disk', label: 'Disk', path: disk },
    ]
    writeFileSync(join(place.data, 'shell.json'), JSON.stringify({ version: 1, storage: added }))
    const slow = Array.from({ length: 12 }, (_, at) => ({ name: `Slow ${at}`, root: 'disk', folder: '', rights }))
    const quick = { name: 'Quick', root: 'memory', folder: '', rights }
    const it = await started(place, { ...PRESET, resources: [...slow, quick] }, disk)

    await using anna = await it.login('anna')
    await anna.say('TYPE I', 200)
    expect(String(await anna.retrieve('RETR /Quick/file'))).to.equal('there')
    await eventually(() => !existsSync(leftOver), 'left-overs on other disks are removed')
    const { states } = await it.json<{ states: object[] }>('/api/v1/resource-states')
    expect(states.slice(0, -1)).to.deep.equal(slow.map(({ name }) => ({ name, enabled: true, silent: true })))
    expect(states.at(-1)).to.include({ name: 'Quick', enabled: true }).and.to.include.keys('freeBytes')

    process.kill(it.started.pid, 'SIGUSR2')
    await untilStatus(it, 503)
    expect(JSON.stringify(await it.json('/healthz'))).to.include(String.raw`The disk of \"Slow 11\" does not answer.`)
    const { warnings } = await it.json<{ warnings: { code: string; values: { name: string } }[] }>('/api/v1/status')
    const silent = warnings.filter(({ code }) => code === 'disk-silent').map(({ values }) => values.name)
    expect(silent).to.deep.equal(slow.map(({ name }) => name))
    it.answer()
    await untilStatus(it, 200)
    const after = await it.json<{ states: object[] }>('/api/v1/resource-states')
    for (const state of after.states) expect(state).to.include.keys('freeBytes').and.not.to.include.keys('silent')
    expect(it.started.errors).to.equal('')
  })
})

type Running = Awaited<ReturnType<typeof started>>

/** The service with 4 threads, and a folder that does not answer until it is told to. */
async function started(place: Place, preset: object, folder: string) {
  const fifo = join(place.folder, 'fifo')
  execFileSync('mkfifo', [fifo])
  const process = await place.start(preset, [], {
    NODE_OPTIONS: `--disable-warning=ExperimentalWarning --import=${HANGING}`,
    UV_THREADPOOL_SIZE: '4',
    HANGING_FOLDER: folder,
    HANGING_FIFO: fifo,
  })
  const port = await process.port()
  const [, pages = ''] = await process.printed(/(http:\/\/[^/\s]+)/)
  const get = (path: string, headers = {}) => fetch(pages + path, { headers })
  return {
    started: process,
    login: async (name: string) => (await RawClient.connect(port)).login(name),
    get,
    json: async <T>(path: string) => (await (await get(path, { Authorization: `Bearer ${TOKEN}` })).json()) as T,
    // Both ends at once do not wait for the other one; who opens it for reading from now on goes on at once.
    answer: () => atTheEnd(closing(openSync(fifo, constants.O_RDWR))),
  }
}

async function untilStatus(it: Running, wanted: number): Promise<void> {
  const end = performance.now() + 8000
  for (;;) {
    const { status } = await it.get('/healthz')
    if (status === wanted) return
    if (performance.now() > end) throw new Error(`/healthz still says ${status}, not ${wanted}`)
  }
}

const closing = (fd: number) => async () => closeSync(fd)

/** A folder of the storage root, made before the first start. */
function storage(place: Place, name: string): string {
  const path = join(place.data, 'storage', name)
  mkdirSync(path, { recursive: true })
  return path
}

function inMemory() {
  const path = mkdtempSync('/dev/shm/start-')
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) }
}

function target({ pid }: Started, fd: string): string {
  try {
    return readlinkSync(`/proc/${pid}/fd/${fd}`)
  } catch {
    return ''
  }
}
