/** RETR, STOR, APPE, STOU and how they end (RFC 959 section 4.1.3, RFC 1123 section 4.1.2). */
import { randomBytes } from 'node:crypto'
import { expect } from 'chai'
import { pair } from '../pair.ts'
import { serve } from '../serve.ts'
import { TRANSPORTS } from '../transport.ts'

/** Every octet value, and more than one read or TLS record of it. */
const OCTETS = Buffer.from(Array.from({ length: 256 * 1200 }, (_, index) => (index * 7) & 255))

for (const transport of TRANSPORTS) {
  describe(`transfers over ${transport}`, () => {
    it('carry all octets unchanged, both ways', async () => {
      await using it = await pair({ transport, files: { 'a.bin': OCTETS } })
      expect((await it.downloadOctets('a.bin')).equals(OCTETS)).to.be.true
      await it.upload('b.bin', OCTETS)
      expect(it.files.content('b.bin')?.equals(OCTETS)).to.be.true
    })

    it('carry 8 MiB both ways', async () => {
      const large = randomBytes(8 << 20)
      await using it = await pair({ transport })
      await it.upload('large.bin', large)
      expect((await it.downloadOctets('large.bin')).equals(large)).to.be.true
    })

    it('carry empty files both ways', async () => {
      await using it = await serve({ transport, files: { 'empty.txt': '', 'full.txt': 'x' } })
      const client = await it.login()
      expect((await client.retrieve('RETR empty.txt')).length).to.equal(0)
      await client.store('STOR full.txt', '')
      expect(it.files.content('full.txt')?.length).to.equal(0)
      await client.store('STOR new.txt', '')
      expect(it.files.content('new.txt')?.length).to.equal(0)
    })

    it('replace with STOR, lengthen or create with APPE', async () => {
      await using it = await serve({ transport, files: { 'a.txt': 'a longer text' } })
      const client = await it.login()
      await client.store('STOR a.txt', 'short')
      await client.store('APPE a.txt', ', longer')
      await client.store('APPE b.txt', 'new')
      expect(it.files.content('a.txt')?.toString()).to.equal('short, longer')
      expect(it.files.content('b.txt')?.toString()).to.equal('new')
    })

    it('have stored everything before the 226', async () => {
      await using it = await serve({ transport })
      const client = await it.login()
      for (let round = 0; round < 10; round++) {
        await client.store(`STOR ${round}.bin`, OCTETS)
        expect((await client.say(`SIZE ${round}.bin`, 213)).text).to.equal(`213 ${OCTETS.length}`)
      }
    })

    it('are told to the observers from the mark to the end', async () => {
      await using it = await serve({ transport, files: { 'a.txt': 'hello' } })
      const client = await it.login()
      await client.retrieve('RETR a.txt')
      const { transfer: start } = await it.event('transfer-started')
      expect(start).to.include({ direction: 'download', verb: 'RETR', path: '/a.txt', size: 5, offset: 0 })
      expect(start.secure).to.equal(transport !== 'plain')
      const { transfer: end } = await it.event('transfer-ended')
      expect(end).to.include({ id: start.id, bytes: 5, result: 'complete', code: 226, path: '/a.txt' })
      await client.store('STOR b.txt', 'some octets')
      expect((await it.event('transfer-ended')).transfer).to.include({ direction: 'upload', bytes: 11 })
    })

    it('work sixty times in one session and in parallel sessions', async () => {
      await using it = await serve({ transport, files: { 'a.bin': OCTETS } })
      const clients = await Promise.all([it.login(), it.login(), it.login()])
      await Promise.all(
        clients.map(async (client, number) => {
          for (let round = 0; round < 20; round++) {
            await client.store(`STOR ${number}-${round}.bin`, OCTETS.subarray(0, round * 1000))
            expect((await client.retrieve(`RETR ${number}-${round}.bin`)).length).to.equal(round * 1000)
          }
        }),
      )
      expect(it.files.open).to.equal(0)
    })

    it('end in 426 when the client breaks the data connection', async () => {
      await using it = await serve({ transport, files: { 'slow.bin': OCTETS } })
      const client = await it.login()
      const data = await client.epsv()
      await client.say('RETR slow.bin', 150)
      await data.begun()
      await data.reset()
      it.files.release()
      await client.reply([426, 451])
      await client.say('NOOP', 200)
      expect((await it.event('transfer-ended')).transfer.result).to.equal('aborted')
      expect(it.files.open).to.equal(0)
    })

    it('end in 451 when the disk fails in the middle, and never tell why', async () => {
      await using it = await serve({ transport, files: { 'fails-on-read.bin': OCTETS } })
      const client = await it.login()
      const data = await client.epsv()
      await client.say('RETR fails-on-read.bin', 150)
      await data.remains()
      expect((await client.reply([451, 426])).text).to.not.match(/secret|srv/)
      expect(it.files.open).to.equal(0)
    })

    for (const [name, codes] of [
      ['fails-on-write.bin', [451]],
      ['no-space.bin', [452]],
      ['fails-on-commit.bin', [451]],
    ] as const) {
      it(`end in ${codes.join()} when an upload ${name.replace('.bin', '').replaceAll('-', ' ')}`, async () => {
        await using it = await serve({ transport })
        const client = await it.login()
        const data = await client.epsv()
        await client.say(`STOR ${name}`, 150)
        await data.end(OCTETS.subarray(0, 100)).catch(() => undefined)
        expect((await client.reply(codes)).text).to.not.match(/secret|srv/)
        await client.say('NOOP', 200)
        expect((await it.event('transfer-ended')).transfer.result).to.equal('failed')
      })
    }
  })
}

describe('STOU', () => {
  it('names the file in the 150, another one each time (RFC 1123 section 4.1.2.9)', async () => {
    await using it = await serve()
    const client = await it.login()
    const names = []
    for (const content of ['one', 'two', 'three']) {
      const data = await client.epsv()
      const { text } = await client.say('STOU', 150)
      await data.end(content)
      await client.reply([226, 250])
      const name = /^150 FILE: (.+)$/.exec(text)?.[1] ?? ''
      names.push(name)
      expect(String(await client.retrieve(`RETR ${name}`))).to.equal(content)
    }
    expect(new Set(names).size).to.equal(3)
  })

  it('is refused behind a REST', async () => {
    await using it = await serve()
    const client = await it.login()
    await client.say('REST 5', 350)
    const data = await client.epsv()
    const { code } = await client.say('STOU')
    expect(code).to.be.within(500, 555)
    data.close()
    expect(it.files.names()).to.deep.equal([])
  })
})

describe('uploads', () => {
  it('are refused with 552 before the data when ALLO announced too much', async () => {
    await using it = await serve()
    it.files.maximumFileBytes = 1000
    const client = await it.login()
    await client.say('ALLO 1001', [200, 202, 552])
    const data = await client.epsv()
    const { code } = await client.say('STOR big.bin')
    data.close()
    expect(code).to.equal(552)
    await client.say('ALLO 1000 R 80', [200, 202])
    await client.store('STOR fits.bin', 'x'.repeat(1000))
  })

  it('end in 552 when they grow beyond the quota', async () => {
    await using it = await serve()
    it.files.quota = 50_000
    it.files.partial = 'drop'
    const client = await it.login()
    const data = await client.epsv()
    await client.say('STOR big.bin', 150)
    await data.end(OCTETS).catch(() => undefined)
    await client.reply(552)
    expect(it.files.exists('big.bin')).to.be.false
    expect(it.files.quota).to.equal(50_000)
    await client.store('STOR small.bin', 'x')
  })

  it('of a busy file are refused with 450', async () => {
    await using it = await serve({ files: { 'busy.bin': 'x' } })
    const client = await it.login()
    for (const line of ['STOR busy.bin', 'RETR busy.bin']) {
      const data = await client.epsv()
      await client.say(line, 450)
      data.close()
    }
  })

  it('with names that cannot be are refused with 553', async () => {
    await using it = await serve({ files: { d: null, 'f.txt': 'x' } })
    const client = await it.login()
    for (const path of ['d', 'missing/a', 'f.txt/a', 'x'.repeat(256), '/']) {
      const data = await client.epsv()
      await client.say(`STOR ${path}`, [553, 550])
      data.close()
    }
    await client.store(`STOR ${'y'.repeat(255)}`, 'x')
  })

  it('need the right that fits: new, over an old one, behind an old one', async () => {
    const files = { 'old.txt': 'old' }
    await using it = await serve({ files, rights: ['list', 'upload', 'download'] })
    const client = await it.login()
    await client.store('STOR new.txt', 'new')
    for (const line of ['STOR old.txt', 'APPE old.txt']) {
      const data = await client.epsv()
      await client.say(line, [550, 553])
      data.close()
    }
    expect((await it.event('refused')).verdict.rule).to.equal('right.overwrite')
    expect((await it.event('refused')).verdict.rule).to.equal('right.append')
    expect(it.files.content('old.txt')?.toString()).to.equal('old')
  })
})

describe('downloads', () => {
  it('of small files have mark and end in one piece, in clear', async () => {
    await using it = await serve({ files: { 'a.txt': 'hello' } })
    const client = await it.login()
    let pieces = 0
    const counting = () => void (pieces += 1)
    // A machine that is busy may take so long once that the mark goes ahead.
    for (let round = 0; round < 100 && pieces !== 1; round++) {
      const data = await client.epsv()
      pieces = 0
      client.socket.on('data', counting)
      await client.say('RETR a.txt', 150)
      expect(String(await data.all())).to.equal('hello')
      await client.reply(226)
      client.socket.off('data', counting)
    }
    expect(pieces).to.equal(1)
  })

  it('of what is missing, a directory or forbidden are refused with 550 and no 150', async () => {
    const rights = { '/': ['list', 'download'], '/private': ['list'], '/secret': [] } as const
    const files = { 'd/a': 'x', 'private/a': 'x', 'secret/a': 'x' }
    await using it = await serve({ files, rights })
    const client = await it.login()
    const texts = []
    for (const path of ['missing', 'd', 'private/a', 'secret/a']) {
      const data = await client.epsv()
      texts.push((await client.say(`RETR ${path}`, 550)).text.replaceAll(path, '…'))
      data.close()
    }
    expect(texts[3], 'hidden looks like missing').to.equal(texts[0])
  })
})
