/** MODE Z: one zlib stream for each transfer (draft-preston-ftpext-deflate-04). */
import { constants, deflateSync, gzipSync, inflateSync } from 'node:zlib'
import { expect } from 'chai'
import { serve } from '../serve.ts'
import { TRANSPORTS } from '../transport.ts'

const TEXT = 'line of text\n'.repeat(20_000)

for (const transport of TRANSPORTS) {
  describe(`MODE Z over ${transport}`, () => {
    it('compresses downloads, uploads and listings', async () => {
      await using it = await serve({ transport, files: { 'a.txt': TEXT } })
      const client = await it.login()
      await client.say('MODE Z', 200)
      const octets = await client.retrieve('RETR a.txt')
      expect(octets.length).to.be.below(TEXT.length / 10)
      expect(String(inflateSync(octets)) === TEXT).to.be.true
      await client.store('STOR b.txt', deflateSync(TEXT))
      expect(it.files.content('b.txt')?.toString() === TEXT).to.be.true
      for (const verb of ['LIST', 'NLST', 'MLSD']) {
        expect(String(inflateSync(await client.retrieve(verb)))).to.include('a.txt')
      }
      await client.store('STOR empty.txt', deflateSync(''))
      expect(inflateSync(await client.retrieve('RETR empty.txt')).length).to.equal(0)
      await client.say('MODE S', 200)
      expect(String(await client.retrieve('RETR a.txt')) === TEXT).to.be.true
    })
  })
}

describe('MODE Z', () => {
  it('converts the lines of TYPE A before it compresses', async () => {
    await using it = await serve({ files: { 'a.txt': 'one\ntwo\n' } })
    const client = await it.login()
    await client.say('TYPE A', 200)
    await client.say('MODE Z', 200)
    expect(String(inflateSync(await client.retrieve('RETR a.txt')))).to.equal('one\r\ntwo\r\n')
    await client.store('STOR b.txt', deflateSync('three\r\nfour\r\n'))
    expect(it.files.content('b.txt')?.toString()).to.equal('three\nfour\n')
  })

  it('keeps the pieces of a listing whose memory is used again', async () => {
    await using it = await serve()
    const memory = Buffer.alloc(10_000)
    const pieces = Array.from({ length: 40 }, (_, number) => `${String(number).padStart(9998, 'x')}\r\n`)
    const lines = async function* () {
      for (const piece of pieces) yield memory.subarray(0, memory.write(piece)) as Buffer
      memory.fill('-')
    }
    const client = await it.login()
    Object.assign(it.files, { lines })
    await client.say('MODE Z', 200)
    expect(String(inflateSync(await client.retrieve('NLST'))) === pieces.join('')).to.be.true
    await client.say('MODE S', 200)
    expect(String(await client.retrieve('NLST')) === pieces.join('')).to.be.true
  })

  it('has a level', async () => {
    await using it = await serve()
    const client = await it.login()
    for (const level of [1, 9]) await client.say(`OPTS MODE Z LEVEL ${level}`, 200)
    for (const text of ['0', '10', 'x', '', '-1']) await client.say(`OPTS MODE Z LEVEL ${text}`.trimEnd(), 501)
  })

  it('refuses REST or is exact about it', async () => {
    await using it = await serve({ files: { 'a.txt': 'hello' } })
    const client = await it.login()
    await client.say('MODE Z', 200)
    const { code } = await client.say('REST 3')
    if (code !== 350) {
      expect(code).to.be.oneOf([501, 503, 504])
      return
    }
    const data = await client.epsv()
    const answer = await client.say('RETR a.txt')
    if (answer.code === 150) {
      expect(String(inflateSync(await data.all()))).to.equal('lo')
      await client.reply(226)
    } else {
      data.close()
      expect(answer.code).to.be.oneOf([501, 503, 504, 550])
    }
  })

  const corrupt = {
    'what is no zlib stream': Buffer.from('this is no zlib stream, not at all'),
    'a cut-off stream': deflateSync(TEXT).subarray(0, 200),
    'a damaged stream': damaged(),
    'a gzip stream': gzipSync(TEXT),
    'a stream that wants a dictionary': deflateSync(TEXT, { dictionary: Buffer.from('line of text') }),
    'a stream with an octet behind it': Buffer.concat([deflateSync(TEXT), Buffer.alloc(1)]),
    'a stream with much behind it': Buffer.concat([deflateSync(TEXT), Buffer.alloc(1_000_000)]),
    nothing: Buffer.alloc(0),
  }
  for (const [name, octets] of Object.entries(corrupt)) {
    it(`fails the upload of ${name}`, async () => {
      await using it = await serve()
      it.files.partial = 'drop'
      const client = await it.login()
      await client.say('MODE Z', 200)
      const data = await client.epsv()
      await client.say('STOR a.txt', 150)
      await data.end(octets).catch(() => undefined)
      await client.reply(name === 'nothing' ? [226, 426, 451, 501, 554] : [426, 451, 501, 552, 554])
      if (name !== 'nothing') expect(it.files.exists('a.txt')).to.be.false
      await client.store('STOR b.txt', deflateSync('x'))
    })
  }

  it('stops a zip bomb by its ratio', async () => {
    await using it = await serve({ options: { deflate: { level: 6, maximumRatio: 20 } } })
    it.files.partial = 'drop'
    const client = await it.login()
    await client.say('MODE Z', 200)
    const data = await client.epsv()
    await client.say('STOR bomb.bin', 150)
    await data
      .end(deflateSync(Buffer.alloc(60_000_000), { level: constants.Z_BEST_COMPRESSION }))
      .catch(() => undefined)
    await client.reply([426, 451, 501, 552, 554])
    expect(it.files.exists('bomb.bin')).to.be.false
    await client.say('NOOP', 200)
  })

  it('is held by the quota in what it becomes, not in what it was', async () => {
    await using it = await serve()
    it.files.quota = 100_000
    it.files.partial = 'drop'
    const client = await it.login()
    await client.say('MODE Z', 200)
    const data = await client.epsv()
    await client.say('STOR a.txt', 150)
    await data.end(deflateSync(TEXT)).catch(() => undefined)
    await client.reply(552)
    expect(it.files.quota).to.equal(100_000)
  })

  it('can be switched off and leaves FEAT then', async () => {
    await using it = await serve()
    const { deflate: _, ...options } = it.options
    it.server.update(options)
    const client = await it.login()
    await client.say('MODE Z', [502, 504])
    expect((await client.say('FEAT', 211)).text).to.not.include('MODE Z')
  })
})

function damaged(): Buffer {
  const octets = Buffer.from(deflateSync(TEXT))
  for (let at = 20; at < octets.length; at += 3) octets[at] = (octets[at] ?? 0) ^ 0x5a
  return octets
}
