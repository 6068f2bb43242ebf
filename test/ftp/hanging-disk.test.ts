/** Transfers while a disk hangs: the threads that wait for it are held still. */
import { readdirSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { expect } from 'chai'
import { eventually } from '../cap.ts'
import { holdThreads } from '../held-threads.ts'
import { serve } from '../serve.ts'
import type { Served } from '../serve.ts'
import type { RawClient } from '../raw-client.ts'

const MIB = 1024 * 1024
const CONTENT = Buffer.alloc(6 * MIB, 'x')
/** More than a connection takes up while nobody reads. */
const LARGER = Buffer.alloc(64 * MIB, 'y')
const MEMORY = '/dev/shm'

describe('a disk that hangs', () => {
  it('lets ABOR end an upload, which is undone when the disk answers', async () => {
    await using it = await serve({ descriptors: true })
    const client = await it.login()
    it.files.partial = 'drop'
    await uploadInThread(it, client)
    const before = descriptors()
    {
      await using _held = await holdThreads('mover')
      client.send('ABOR\r\n')
      await client.reply(426)
      await client.reply(226)
      await client.say('NOOP', 200)
      expect(it.files.open, 'the upload is its thread’s until then').to.equal(1)
    }
    await eventually(() => it.files.open === 0 && descriptors() < before, 'the upload has been undone')
    await client.say('SIZE up.bin', 550)
    await client.store('STOR up.bin', CONTENT)
    expect(it.events.filter(({ kind }) => kind === 'fault')).to.deep.equal([])
    const ends = it.events.filter((event) => event.kind === 'transfer-ended').map(({ transfer }) => transfer.result)
    expect(ends).to.deep.equal(['aborted', 'complete'])
    expect(it.events.at(-1)?.kind, 'nothing is told of an upload that has ended').to.equal('reply')
  })

  it('lets clients go that wait for it, and calls nothing of that a fault', async () => {
    await using it = await serve({ files: { 'a.bin': 'a', folder: null } })
    const answer = Promise.withResolvers<void>()
    const [stat, enter] = [it.files.stat.bind(it.files), it.files.enter.bind(it.files)]
    const asked: Promise<unknown>[] = []
    const later = <T>(question: () => Promise<T>) => {
      const answered = answer.promise.then(question)
      asked.push(answered)
      return answered
    }
    it.files.stat = (path) => later(() => stat(path))
    it.files.enter = (path) => later(() => enter(path))
    const commands = ['CWD folder', 'CDUP', 'RNFR a.bin', 'STAT folder', 'XMD5 a.bin 0 1', 'SIZE a.bin', 'LIST folder']
    const clients = await Promise.all(commands.map(() => it.login()))
    for (const [at, client] of clients.entries()) client.send(`${commands[at]}\r\n`)
    await eventually(() => asked.length === commands.length, 'all wait for the disk')
    for (const client of clients) client.socket.destroy()
    await eventually(() => it.server.sessions().length === 0, 'the sessions have ended')
    answer.resolve()
    await Promise.allSettled(asked)
    await new Promise(setImmediate)
    expect(it.events.filter(({ kind }) => kind === 'fault')).to.deep.equal([])
  })

  it('ends an upload and a download after the time for a stalled one', async () => {
    await using it = await serve({
      descriptors: true,
      files: { 'a.bin': LARGER },
      options: { timeouts: { stall: 0.8 } },
    })
    const [up, down] = [await it.login(), await it.login()]
    await uploadInThread(it, up)
    const data = await (await down.epsv()).connected
    data.pause()
    await down.say('RETR a.bin', 150)
    const sent = () => it.server.sessions().some(({ transfer }) => transfer?.verb === 'RETR' && transfer.bytes > 0)
    await eventually(sent, 'the download has begun')
    await using _held = await holdThreads('mover')
    data.resume()
    expect((await up.reply(426)).text).to.contain('no data moved')
    expect((await down.reply(426)).text).to.contain('no data moved')
    await up.say('NOOP', 200)
    await down.say('NOOP', 200)
  })

  it('holds up no transfers of other disks', async () => {
    expect(statSync(MEMORY).dev, 'two disks are needed').not.to.equal(statSync(tmpdir()).dev)
    await using it = await serve({ descriptors: true, files: { 'quick.bin': CONTENT } })
    it.files.diskOf = (path) => (path.includes('quick') ? MEMORY : tmpdir())
    const clients = await Promise.all(Array.from({ length: 3 }, () => it.login()))
    for (const [at, client] of clients.entries()) await uploadInThread(it, client, `slow${at}.bin`)
    await using _held = await holdThreads('mover')
    const other = await it.login()
    expect((await other.retrieve('RETR quick.bin')).equals(CONTENT), 'RETR').to.equal(true)
    await other.store('STOR quick2.bin', CONTENT)
    expect((await other.retrieve('RETR quick2.bin')).equals(CONTENT), 'STOR').to.equal(true)
  })
})

/** An upload that a thread has taken over, which waits for more. */
async function uploadInThread(it: Served, client: RawClient, name = 'up.bin'): Promise<void> {
  const data = await (await client.epsv()).connected
  await client.say(`STOR ${name}`, 150)
  data.write(CONTENT)
  const come = () => it.server.sessions().filter(({ transfer }) => transfer?.bytes === CONTENT.length).length
  const before = come()
  await eventually(() => come() > before, 'the upload has come so far')
}

const descriptors = () => readdirSync('/proc/self/fd').length
