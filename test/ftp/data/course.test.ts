/** One transfer as the threads of the kernel mover make it, here in the thread of the test. */
import { openSync, readFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { expect } from 'chai'
import { descriptorOf } from '../../../module/ftp/data/kernel/descriptor.ts'
import { libc } from '../../../module/ftp/data/kernel/libc.ts'
import type { Answer, Failure } from '../../../module/ftp/data/kernel/messages.ts'
import { Receiving } from '../../../module/ftp/data/kernel/receiving.ts'
import { capped } from '../../cap.ts'
import { Ground } from './move.ts'

const OCTETS = Buffer.alloc(50_000, 'some text, ')

describe('a transfer of the kernel mover', () => {
  it('ends at once, and has all, when the client resets the connection behind octets that nobody has read', async () => {
    await using ground = await Ground.make()
    const { ours, client } = await ground.connected()
    const received = receiving(ours, ground.path('target'))
    // Both are there before anybody looks.
    client.write(OCTETS)
    reset(client)
    expect(await capped(received, 'the end')).to.deep.equal({ side: 'network', code: 'ECONNRESET' })
    expect(readFileSync(ground.path('target')).equals(OCTETS)).to.equal(true)
  })
})

/** Receives beside others until the end. */
function receiving(connection: Socket, path: string): Promise<Failure | undefined> {
  const calls = libc()
  if (!calls) throw new Error('unreachable')
  return new Promise((resolve) => {
    const answer = (content: Answer) => {
      if (content.kind === 'ended') resolve(content.failure)
    }
    const around = { libc: calls, wait: () => false, alone: () => false, answer, ended: () => undefined }
    const own = { socket: calls.duplicate(descriptorOf(connection) ?? -1), file: openSync(path, 'w') }
    const job = { id: 1, ...own, from: 0, until: Infinity, credit: Infinity, stall: Infinity }
    new Receiving(around, job).go()
  })
}

/** At once: `resetAndDestroy` waits until everything has been taken. */
function reset(socket: Socket): void {
  Object.assign(socket, { resetAndClosing: true }).destroy()
}
