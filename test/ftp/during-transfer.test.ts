/** What may be said while a transfer runs: ABOR, STAT, NOOP, QUIT, and losing the connection (RFC 959 section 4.1.3). */
import { expect } from 'chai'
import { eventually } from '../cap.ts'
import { serve } from '../serve.ts'
import { TRANSPORTS } from '../transport.ts'

const OCTETS = Buffer.alloc(300_000, 'x')

for (const transport of TRANSPORTS) {
  describe(`during a transfer over ${transport}`, () => {
    it('ABOR cuts a download: 426, then 226, and the next transfer works', async () => {
      await using it = await serve({ transport, files: { 'slow.bin': OCTETS, 'a.txt': 'hello' } })
      const client = await it.login()
      const data = await client.epsv()
      await client.say('RETR slow.bin', 150)
      await client.say('ABOR', 426)
      await client.reply(226, 'the reply to ABOR')
      expect((await data.remains()).length).to.be.below(OCTETS.length)
      expect(String(await client.retrieve('RETR a.txt'))).to.equal('hello')
      expect((await it.event('transfer-ended')).transfer).to.include({ result: 'aborted', code: 426 })
      it.files.release()
      await eventually(() => it.files.open === 0, 'the files are closed')
    })

    it('ABOR cuts an upload; what becomes of the part is the business of the files', async () => {
      for (const partial of ['keep', 'drop'] as const) {
        await using it = await serve({ transport })
        it.files.partial = partial
        const client = await it.login()
        const data = await client.epsv()
        await client.say('STOR part.bin', 150)
        await data.write('the first part')
        await client.say('ABOR', 426)
        await client.reply(226, 'the reply to ABOR')
        await data.ended()
        expect(it.files.exists('part.bin')).to.equal(partial === 'keep')
        await client.store('STOR whole.bin', 'x')
        expect(it.files.open).to.equal(0)
      }
    })

    it('STAT tells the progress and NOOP answers, both at once', async () => {
      await using it = await serve({ transport, files: { 'slow.bin': OCTETS } })
      const client = await it.login()
      const data = await client.epsv()
      await client.say('RETR slow.bin', 150)
      const { text } = await client.say('STAT', [211, 213])
      expect(text)
        .to.include('slow.bin')
        .and.to.match(/\b\d+\b.*\b300000\b/s)
      await client.say('NOOP', 200)
      it.files.release()
      expect((await data.all()).length).to.equal(OCTETS.length)
      await client.reply(226)
    })

    it('QUIT waits for its end: 226, 221, and the connection closes', async () => {
      await using it = await serve({ transport, files: { 'slow.bin': OCTETS } })
      const client = await it.login()
      const data = await client.epsv()
      await client.say('RETR slow.bin', 150)
      client.send('QUIT\r\n')
      it.files.release()
      expect((await data.all()).length).to.equal(OCTETS.length)
      await client.reply(226)
      await client.reply(221)
      await client.ended()
    })

    it('the loss of the control connection ends it and frees the file', async () => {
      await using it = await serve({ transport, files: { 'slow.bin': OCTETS } })
      const client = await it.login()
      const data = await client.epsv()
      await client.say('RETR slow.bin', 150)
      client.socket.destroy()
      await data.ended()
      expect((await it.event('session-closed')).reason).to.equal('lost')
      it.files.release()
      await eventually(() => it.files.open === 0, 'the file is closed')
    })
  })
}

describe('during a transfer', () => {
  it('REIN waits for its end and then forgets the login (RFC 959 section 4.1.1)', async () => {
    await using it = await serve({ files: { 'slow.bin': OCTETS } })
    const client = await it.login()
    const data = await client.epsv()
    await client.say('RETR slow.bin', 150)
    client.send('REIN\r\n')
    it.files.release()
    expect((await data.all()).length).to.equal(OCTETS.length)
    await client.reply(226)
    await client.reply(220)
    await client.say('PWD', 530)
  })

  it('a slow STAT is answered before what was said behind it', async () => {
    await using it = await serve({ files: { 'slow.bin': OCTETS, 'a.txt': 'hello' } })
    const client = await it.login()
    const data = await client.epsv()
    await client.say('RETR slow.bin', 150)
    const looking = Promise.withResolvers<void>()
    const stat = it.files.stat.bind(it.files)
    it.files.stat = (path) => looking.promise.then(() => stat(path))
    client.send('STAT a.txt\r\nNOOP\r\n')
    await it.event('command', ({ verb }) => verb === 'STAT')
    it.files.release()
    await data.all()
    await client.reply(226)
    client.send('PWD\r\n')
    // Whoever answers in another order has done so by the time another client is answered.
    await (await it.connect()).say('NOOP', 200)
    looking.resolve()
    for (const code of [213, 200, 257] as const) await client.reply(code)
  })

  it('a flood of STAT whose replies nobody reads holds no memory and cuts the client off', async () => {
    await using it = await serve({ files: { 'slow.bin': OCTETS }, options: { timeouts: { stall: 0.5 } } })
    const client = await it.login()
    await client.epsv()
    await client.say('RETR slow.bin', 150)
    client.socket.on('error', () => undefined).pause()
    const before = process.memoryUsage().arrayBuffers
    for (let round = 0; round < 200; round++) client.send('STAT\r\n'.repeat(1000))
    expect((await it.event('session-closed')).reason).to.equal('stalled')
    expect(process.memoryUsage().arrayBuffers - before).to.be.below(64 << 20)
    it.files.release()
  })

  it('of an upload STAT tells what has come so far', async () => {
    await using it = await serve()
    const client = await it.login()
    const data = await client.epsv()
    await client.say('STOR up.bin', 150)
    await data.write(Buffer.alloc(1234))
    await it.event('transfer-progress')
    expect((await client.say('STAT', [211, 213])).text)
      .to.include('up.bin')
      .and.match(/\b1234\b/)
    await data.end()
    await client.reply(226)
  })

  it('the 226 of an upload waits for the disk', async () => {
    await using it = await serve()
    const client = await it.login()
    const data = await client.epsv()
    await client.say('STOR slow.bin', 150)
    await data.end(OCTETS)
    await client.say('NOOP', 200)
    expect(it.files.exists('slow.bin')).to.be.false
    it.files.release()
    await client.reply(226)
    expect(it.files.content('slow.bin')?.length).to.equal(OCTETS.length)
  })
})
