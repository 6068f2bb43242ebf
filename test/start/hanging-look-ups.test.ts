/** A folder below a resource whose disk hangs, while clients ask for it: the threads that open it really wait in the kernel. */
import { execFileSync } from 'node:child_process'
import { closeSync, constants, mkdirSync, openSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect } from 'chai'
import { eventually } from '../cap.ts'
import { RawClient } from '../raw-client.ts'
import { Place, type Started } from './started.ts'

const HANGING = pathToFileURL(join(import.meta.dirname, 'hanging-folder.ts')).href
const USERS = ['anna', 'ben', 'carl']
const PRESET = {
  enabled: true,
  users: USERS.map((name) => ({ name, password: 'secret' })),
  settings: { port: 0, passivePorts: 'any' },
  resources: ['Slow', 'Quick'].map((name) => ({
    name,
    folder: name.toLowerCase(),
    rights: USERS.map((user) => ({ user, level: 'readWrite' })),
  })),
}
/** What each of them asks of the folder that hangs; the number makes it a folder of its own. */
const QUESTIONS = ['CWD /Slow/usb/%', 'SIZE /Slow/usb/%/file', 'MLST /Slow/usb/%/file', 'MKD /Slow/usb/%/new']

describe('a folder that hangs below a resource', function () {
  this.timeout(30_000)

  it('leaves threads for logins, transfers and pages to everybody else, however many ask for it', async () => {
    await using place = await Place.make()
    const it = await started(place)
    const clients = await Promise.all(Array.from({ length: 16 }, async () => (await connected(it)).login('anna')))
    for (const [at, client] of clients.entries()) {
      client.send(`${QUESTIONS[at % QUESTIONS.length]?.replace('%', String(at))}\r\n`)
    }
    // Nobody of this name has logged in before: the password takes a thread.
    await using ben = await (await connected(it)).login('ben')
    await ben.say('TYPE I', 200)
    await ben.store('STOR /Quick/new', 'new')
    expect(String(await ben.retrieve('RETR /Quick/file'))).to.equal('there')
    await ben.say('MKD /Quick/folder', 257)
    expect((await fetch(it.pages)).ok).to.equal(true)
    for (const client of clients.slice(8)) client.socket.destroy()
    await using carl = await (await connected(it)).login('carl')
    await carl.say('SIZE /Slow/whole', 213)

    it.answer()
    for (const client of clients.slice(0, 8)) {
      await client.reply(550, 'the answer about what is not there')
      await client.say('QUIT', 221)
    }
    const left = () => readdirSync(`/proc/${it.started.pid}/fd`).map((fd) => target(it.started, fd))
    await eventually(() => !left().some((path) => path.startsWith(it.folder)), 'nothing of the folder is open')
    expect(it.started.errors).to.equal('')
  })
})

/** The service with 4 threads, and a folder in it that does not answer until it is told to. */
async function started(place: Place) {
  const [slow, quick, fifo] = [
    ...['storage/slow', 'storage/quick'].map((at) => join(place.data, at)),
    join(place.folder, 'fifo'),
  ]
  const folder = join(slow ?? '', 'usb')
  mkdirSync(folder, { recursive: true })
  mkdirSync(quick ?? '')
  writeFileSync(join(slow ?? '', 'whole'), 'whole')
  writeFileSync(join(quick ?? '', 'file'), 'there')
  execFileSync('mkfifo', [fifo ?? ''])
  const process = await place.start(PRESET, [], {
    NODE_OPTIONS: `--disable-warning=ExperimentalWarning --import=${HANGING}`,
    UV_THREADPOOL_SIZE: '4',
    HANGING_FOLDER: folder,
    HANGING_FIFO: fifo ?? '',
  })
  const port = await process.port()
  const [, pages = ''] = await process.printed(/(http:\/\/\S+)/)
  const answer = () => {
    // Both ends at once do not wait for the other one; who opens it for reading from now on goes on at once.
    const fd = openSync(fifo ?? '', constants.O_RDWR)
    return () => closeSync(fd)
  }
  return { started: process, port, pages, folder, answer }
}

const connected = ({ port }: { readonly port: number }) => RawClient.connect(port)

function target({ pid }: Started, fd: string): string {
  try {
    return readlinkSync(`/proc/${pid}/fd/${fd}`)
  } catch {
    return ''
  }
}
