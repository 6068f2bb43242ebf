/** Both movers keep the same promises: exact octets, limits, cuts, broken connections, and no descriptor left behind. */
import { execFile } from 'node:child_process'
import { randomBytes, randomInt } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync, readdirSync, readlinkSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { expect } from 'chai'
import { FilesError, type SpeedLimit } from '../../../module/ftp/backend.ts'
import { running } from '../../../module/ftp/data/kernel/link.ts'
import { kernelMover } from '../../../module/ftp/data/kernel-mover.ts'
import { DataLost, type Mover } from '../../../module/ftp/data/mover.ts'
import { streamMover } from '../../../module/ftp/data/stream-mover.ts'
import { eventually } from '../../cap.ts'
import { FileTarget, Ground, moveOver, openDownload, RoomyTarget, type Watched } from './move.ts'

const MIB = 1024 * 1024
const CONTENT = randomBytes(5 * MIB + 321)

const kernel = kernelMover()
const movers: readonly (readonly [string, Mover])[] = [
  ['stream mover', streamMover],
  ...(kernel ? [['kernel mover', kernel] as const] : []),
]

it('the kernel mover serves on Linux', () => {
  if (process.platform === 'linux' && ['x64', 'arm64'].includes(process.arch)) expect(kernel).to.not.equal(undefined)
})

for (const [name, mover] of movers) {
  describe(`the ${name}`, () => {
    let ground: Ground
    beforeEach(async () => {
      ground = await Ground.make()
      writeFileSync(ground.path('source'), CONTENT)
    })
    afterEach(async () => await ground[Symbol.asyncDispose]())

    /** Sends the source; whoever calls closes the file. */
    async function sending(from: number, changes: Parameters<typeof moveOver>[2] = {}) {
      const { ours, client } = await ground.connected()
      const file = openDownload(ground.path('source'))
      const move = moveOver(ground, ours, changes)
      const done = closing(mover.sendFile(file, from, move), async () => await file.close())
      done.catch(() => undefined)
      return { ours, client, move, done }
    }

    async function receiving(target: FileTarget, changes: Parameters<typeof moveOver>[2] = {}) {
      const { ours, client } = await ground.connected()
      const move = moveOver(ground, ours, changes)
      const done = closing(mover.receiveFile(target, move), async () => await target.commit())
      done.catch(() => undefined)
      return { ours, client, move, done }
    }

    it('sends a file from an offset to its end, and says the end', async () => {
      const { client, move, done } = await sending(1234)
      const got = await buffer(client)
      await done
      expect(got.equals(CONTENT.subarray(1234))).to.equal(true)
      expect(move.seen.octets).to.equal(CONTENT.length - 1234)
    })

    it('receives a file whose end comes while its last octets are being written', async () => {
      const target = new FileTarget(ground.path('target'))
      const { ours, client, done } = await receiving(target)
      const closed = once(ours, 'close')
      const write = target.write.bind(target)
      target.write = async (chunk) => {
        await write(chunk)
        if (target.written >= MIB / 2 && target.written < MIB) await closed
      }
      client.end(CONTENT.subarray(0, MIB))
      await done
      expect(readFileSync(ground.path('target')).equals(CONTENT.subarray(0, MIB))).to.equal(true)
    })

    it('receives a file to its end', async () => {
      const target = new FileTarget(ground.path('target'))
      const { ours, client, move, done } = await receiving(target)
      client.end(CONTENT)
      await done
      expect(readFileSync(ground.path('target')).equals(CONTENT)).to.equal(true)
      expect([target.reserved, target.written, move.seen.octets]).to.deep.equal(Array(3).fill(CONTENT.length))
      ours.end()
      ours.resume()
      await once(client.resume(), 'close')
    })

    it('receives what comes in bits and pieces', async () => {
      const target = new FileTarget(ground.path('target'))
      const { client, done } = await receiving(target)
      for (let at = 0; at < CONTENT.length; ) {
        const length = randomInt(1, 400_000)
        if (!client.write(CONTENT.subarray(at, at + length))) await once(client, 'drain')
        at += length
      }
      client.end()
      await done
      expect(readFileSync(ground.path('target')).equals(CONTENT)).to.equal(true)
    })

    it('ends where a file ends that is cut short while it is sent', async () => {
      const { client, done } = await sending(0)
      const [first] = (await once(client, 'data')) as [Buffer]
      client.pause()
      truncateSync(ground.path('source'), MIB)
      const rest = await buffer(client)
      await done
      expect(first.length + rest.length).to.be.at.most(CONTENT.length)
      expect(first.length + rest.length).to.be.at.least(MIB)
    })

    it('is cut by its signal, with its reason, while the client does not read', async () => {
      writeFileSync(ground.path('source'), Buffer.alloc(64 * MIB))
      const { ours, client, move, done } = await sending(0)
      client.pause()
      await eventually(() => move.seen.octets > 0, 'something was sent')
      move.abort.abort(new Error('enough'))
      expect(await failureOf(done)).to.have.property('message', 'enough')
      ours.destroy()
      await eventually(() => client.resume().closed, 'the client saw the end')
    })

    it('is cut by its signal while the client does not send', async () => {
      const target = new FileTarget(ground.path('target'))
      const { ours, client, move, done } = await receiving(target)
      client.write(CONTENT.subarray(0, 2 * MIB))
      await eventually(() => move.seen.octets === 2 * MIB, 'all was received')
      move.abort.abort(new Error('enough'))
      expect(await failureOf(done)).to.have.property('message', 'enough')
      expect(statSync(ground.path('target')).size).to.equal(2 * MIB)
      ours.destroy()
      await eventually(() => client.resume().closed, 'the client saw the end')
    })

    it('notices that the client keeps it waiting, both ways', async () => {
      writeFileSync(ground.path('source'), Buffer.alloc(64 * MIB))
      const down = await sending(0, { stall: 200 })
      down.client.pause()
      expect(await failureOf(down.done)).to.have.property('message', 'stalled')
      const up = await receiving(new FileTarget(ground.path('target')), { stall: 200 })
      up.client.write(CONTENT.subarray(0, 2 * MIB))
      expect(await failureOf(up.done)).to.have.property('message', 'stalled')
      expect([down.move.seen.stalls, up.move.seen.stalls]).to.deep.equal([1, 1])
      for (const socket of [down.ours, up.ours, down.client, up.client]) socket.destroy()
    })

    it('fails when the client resets the connection, both ways', async () => {
      writeFileSync(ground.path('source'), Buffer.alloc(64 * MIB))
      const down = await sending(0)
      await once(down.client, 'data')
      down.client.resetAndDestroy()
      expect(await failureOf(down.done)).to.be.instanceOf(DataLost)
      const up = await receiving(new FileTarget(ground.path('target')))
      up.client.write(CONTENT.subarray(0, 2 * MIB))
      await eventually(() => up.move.seen.octets === 2 * MIB, 'all was received')
      up.client.resetAndDestroy()
      expect(await failureOf(up.done)).to.be.instanceOf(DataLost)
    })

    it('takes a file that just fits, and refuses one octet more before it is written', async () => {
      const fits = new FileTarget(ground.path('fits'), CONTENT.length)
      const whole = await receiving(fits)
      whole.client.end(CONTENT)
      await whole.done
      expect(readFileSync(ground.path('fits')).equals(CONTENT)).to.equal(true)
      const small = new FileTarget(ground.path('small'), CONTENT.length - 1)
      const cut = await receiving(small)
      cut.client.end(CONTENT)
      const error = await failureOf(cut.done)
      expect(error).to.be.instanceOf(FilesError)
      expect(error).to.have.property('kind', 'quota')
      expect(statSync(ground.path('small')).size).to.be.at.most(CONTENT.length - 1)
      cut.ours.destroy()
    })

    it('refuses the same octet where it may reserve ahead', async () => {
      for (const [limit, fits] of [
        [CONTENT.length, true],
        [CONTENT.length - 1, false],
      ] as const) {
        const target = new RoomyTarget(ground.path('target'), limit)
        const { client, ours, done } = await receiving(target)
        client.end(CONTENT)
        const error = await failureOf(done)
        if (fits) expect(readFileSync(ground.path('target')).equals(CONTENT)).to.equal(true)
        else expect(error).to.have.property('kind', 'quota')
        expect(target.reserved).to.be.at.least(target.written).and.at.most(limit)
        ours.destroy()
      }
    })

    it('says that it was the disk when the disk fails', async () => {
      writeFileSync(ground.path('target'), '')
      const up = await receiving(new FileTarget(ground.path('target'), Infinity, 'r'))
      up.client.write(CONTENT)
      expect(await failureOf(up.done)).to.have.property('kind', 'input-output')
      up.ours.destroy()
    })

    it('keeps to a speed limit', async () => {
      const limits = [{ key: 'one', bytesPerSecond: 8 * MIB }]
      const began = performance.now()
      const down = await sending(0, { limits })
      await buffer(down.client)
      await down.done
      // 100 ms of burst are free.
      expect(performance.now() - began).to.be.at.least(450)
      const target = new FileTarget(ground.path('target'))
      const up = await receiving(target, { limits })
      const uploadBegan = performance.now()
      up.client.end(CONTENT)
      await up.done
      expect(performance.now() - uploadBegan).to.be.at.least(450)
      down.move.share.leave()
      up.move.share.leave()
    })

    it('keeps to a speed limit that is set on the way, and lets go when it is lifted', async () => {
      truncateSync(ground.path('source'), 64 * 1024 * MIB)
      const changes: { limits: SpeedLimit[] } = { limits: [] }
      const { ours, client, move, done } = await sending(0, changes)
      client.resume()
      await eventually(() => move.seen.octets > 16 * MIB, 'it ran freely')
      const pieces = taken(move)
      changes.limits = [{ key: 'one', bytesPerSecond: 8 * MIB }]
      await eventually(() => pieces.length > 6, 'it asked for each piece')
      const [first, last] = [pieces[2], pieces[6]]
      // What moved meanwhile is what had been asked for until then.
      expect((last?.seen ?? 0) - (first?.seen ?? 0)).to.be.at.most((last?.before ?? 0) - (pieces[1]?.before ?? 0))
      changes.limits = []
      const held = move.seen.octets
      await eventually(() => move.seen.octets > held + 256 * MIB, 'it ran freely again')
      move.abort.abort(new Error('enough'))
      expect(await failureOf(done)).to.have.property('message', 'enough')
      move.share.leave()
      ours.destroy()
      client.destroy()
    })

    it('steps over urgent data, as reading does', async () => {
      const target = new FileTarget(ground.path('target'))
      const accepted = ground.accepted()
      const script = `import socket,sys
s = socket.create_connection(("127.0.0.1", ${ground.port}))
s.sendall(b"a" * ${3 * MIB})
s.send(b"!", socket.MSG_OOB)
s.sendall(b"b" * ${MIB})
s.shutdown(socket.SHUT_WR)
s.recv(1)`
      const client = execFile('python3', ['-c', script])
      const ours = await accepted
      const move = moveOver(ground, ours)
      await mover.receiveFile(target, move)
      await target.commit()
      ours.destroy()
      await once(client, 'exit')
      const got = readFileSync(ground.path('target'), 'latin1')
      expect(got.replaceAll('!', '') === 'a'.repeat(3 * MIB) + 'b'.repeat(MIB)).to.equal(true)
    })

    it('leaves no descriptor behind, wherever its transfers are cut', async () => {
      writeFileSync(ground.path('source'), CONTENT.subarray(0, 2 * MIB))
      const before = descriptors(ground.folder)
      await cutSome(64)
      await settled()
      await eventually(() => descriptors(ground.folder) <= before, 'all descriptors were closed')
    })

    /** Cuts transfers from either side, after a random number of octets. */
    async function cutSome(count: number): Promise<void> {
      await Promise.all(Array.from({ length: 8 }, async () => {
        for (let round = 0; round < count / 8; round++) await cutOne(randomInt(2) === 0)
      }))
    }

    async function cutOne(down: boolean): Promise<void> {
      const target = new FileTarget(ground.path('target'))
      const course = down ? await sending(0) : await receiving(target)
      if (down) await target.commit()
      else course.client.write(CONTENT.subarray(0, 2 * MIB))
      const point = randomInt(2 * MIB)
      let seen = 0
      const cut = cutter(randomInt(3), course.client, () => course.move.abort.abort(new Error('cut')))
      course.client.on('data', (chunk: Buffer) => {
        seen += chunk.length
        if (seen >= point) cut()
      })
      if (!down) setImmediate(cut)
      await failureOf(course.done)
      course.ours.destroy()
      course.client.destroy()
    }
  })
}

/** What is taken from the speed limits from here on: octets taken before, and octets that had moved then. */
function taken({ share, seen }: Watched): readonly { readonly before: number; readonly seen: number }[] {
  const pieces: { before: number; seen: number }[] = []
  const take = share.take.bind(share)
  let before = 0
  share.take = (octets, signal) => {
    const wait = take(octets, signal)
    if (wait) pieces.push({ before, seen: seen.octets })
    if (wait) before += octets
    return wait
  }
  return pieces
}

function cutter(kind: number, client: Socket, abort: () => void): () => void {
  if (kind === 0) return abort
  return () => void (kind === 1 ? client.resetAndDestroy() : client.destroy())
}

/** Sockets, and files of the folder; threads have others. */
function descriptors(folder: string): number {
  return readdirSync('/proc/self/fd').filter((fd) => {
    const target = leadsTo(fd)
    return target.startsWith('socket:') || target.startsWith(folder)
  }).length
}

function leadsTo(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`)
  } catch {
    return ''
  }
}

async function closing(work: Promise<void>, close: () => Promise<void>): Promise<void> {
  try {
    await work
  } finally {
    await close()
  }
}

async function settled(): Promise<void> {
  await eventually(() => running() === 0, 'no transfer ran')
}

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  try {
    await work
    return undefined
  } catch (error) {
    return error
  }
}
