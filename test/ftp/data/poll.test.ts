/** How a thread that has one transfer waits for its socket: until something can be done, something broke, or the time is over. */
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { Worker } from 'node:worker_threads'
import { expect } from 'chai'
import { descriptorOf } from '../../../module/ftp/data/kernel/descriptor.ts'
import { libc } from '../../../module/ftp/data/kernel/libc.ts'
import { polling } from '../../../module/ftp/data/kernel/poll.ts'
import { sockets } from '../../../module/ftp/data/kernel/sockets.ts'
import { capped } from '../../cap.ts'
import { Ground } from './move.ts'

/** Milliseconds of a wait that is to end by itself; longer than what it is waited for. */
const LONG = 15_000
const PIECE = Buffer.alloc(64 * 1024)

/** Tells that it is about to wait, and what that came to. */
const SCRIPT = `
const { parentPort, workerData } = require('node:worker_threads')
import(workerData).then(({ polling }) => {
  const wait = polling()
  parentPort.on('message', ({ socket, ready }) => {
    parentPort.postMessage('waits')
    parentPort.postMessage(wait(socket, ready, ${LONG}))
  })
  parentPort.postMessage('there')
})`

describe('waiting for a socket', () => {
  let ground: Ground
  let thread: Worker

  before(async () => {
    ground = await Ground.make()
    thread = new Worker(SCRIPT, { eval: true, workerData: new URL('../../../module/ftp/data/kernel/poll.ts', import.meta.url).href })
    await once(thread, 'message')
  })
  after(async () => {
    await thread?.terminate()
    await ground?.[Symbol.asyncDispose]()
  })

  /** A wait in the thread, while which something happens here. */
  async function meanwhile(socket: number, ready: 'readable' | 'writable', happens: () => void): Promise<unknown> {
    thread.postMessage({ socket, ready }, [])
    await once(thread, 'message')
    const answer = once(thread, 'message')
    happens()
    return (await capped(answer, 'the end of the wait'))[0]
  }

  async function connection() {
    const { ours, client } = await ground.connected()
    return { ours, client, socket: descriptorOf(ours) ?? -1 }
  }

  it('ends when octets come, and at once where they are there', async () => {
    const { client, socket } = await connection()
    expect(await meanwhile(socket, 'readable', () => client.write('x'))).to.equal(true)
    expect(polling()(socket, 'readable', LONG)).to.equal(true)
  })

  it('ends when the client takes octets again, and at once where there is room', async () => {
    const { client, socket } = await connection()
    expect(polling()(socket, 'writable', LONG)).to.equal(true)
    fill(socket)
    expect(await meanwhile(socket, 'writable', () => client.resume())).to.equal(true)
  })

  it('ends with the time, and not before', async () => {
    const { socket } = await connection()
    const began = performance.now()
    expect(polling()(socket, 'readable', 60)).to.equal(false)
    expect(performance.now() - began).to.be.at.least(59)
    fill(socket)
    expect(polling()(socket, 'writable', 0)).to.equal(false)
  })

  const ends: Readonly<Record<string, (client: Socket, socket: number) => void>> = {
    'when the client resets the connection': (client) => client.resetAndDestroy(),
    'when the transfer is told to stop': (_client, socket) => libc()?.shutdown(socket),
  }
  for (const [when, end] of Object.entries(ends)) {
    it(`ends ${when}, whatever is waited for`, async () => {
      const [down, up] = [await connection(), await connection()]
      expect(await meanwhile(up.socket, 'readable', () => end(up.client, up.socket))).to.equal(true)
      fill(down.socket)
      expect(await meanwhile(down.socket, 'writable', () => end(down.client, down.socket))).to.equal(true)
    })
  }

  it('ends when the client says the end', async () => {
    const { client, socket } = await connection()
    expect(await meanwhile(socket, 'readable', () => client.end())).to.equal(true)
  })
})

/** Sends until the network takes no more. */
function fill(socket: number): void {
  const net = sockets()
  for (let taken: number | undefined = 1; taken; taken = net?.send(socket, PIECE));
}
