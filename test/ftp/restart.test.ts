/** REST, RANG and SIZE, also beyond 4 GiB (RFC 3659 sections 4 and 5). */
import { expect } from 'chai'
import { MemoryContent } from '../memory-content.ts'
import { pair } from '../pair.ts'
import { serve } from '../serve.ts'
import { TRANSPORTS } from '../transport.ts'

const GIB = 2 ** 30

for (const transport of TRANSPORTS) {
  describe(`restarted transfers over ${transport}`, () => {
    it('resume a download at the offset given by REST', async () => {
      await using it = await pair({ transport, files: { 'a.txt': 'hello, world' } })
      expect(await it.download('a.txt', { from: 7 })).to.equal('world')
      expect(await it.download('a.txt')).to.equal('hello, world')
    })

    it('resume an upload at the offset and keep what is before it', async () => {
      await using it = await serve({ transport, files: { 'a.txt': 'hello, wor' } })
      const client = await it.login()
      await client.say('REST 7', 350)
      await client.store('STOR a.txt', 'world')
      expect(it.files.content('a.txt')?.toString()).to.equal('hello, world')
    })
  })
}

describe('REST', () => {
  it('takes digits and nothing else', async () => {
    await using it = await serve()
    const client = await it.login()
    const wrong = ['-1', '+1', '1.5', '0x10', '1e3', ' 5', '5 ', '5x', 'Infinity', 'NaN', '٣', '５', '']
    for (const text of wrong) await client.say(`REST ${text}`, 501)
    for (const text of ['0', '1', '0005', '4294967296', '9007199254740991']) await client.say(`REST ${text}`, 350)
  })

  it('never wraps: offsets beyond 2^63 are refused', async () => {
    await using it = await serve({ files: { 'a.txt': 'hello' } })
    const client = await it.login()
    for (const text of ['9223372036854775808', '18446744073709551621', '1'.repeat(400)])
      await client.say(`REST ${text}`, 501)
    expect(String(await client.retrieve('RETR a.txt'))).to.equal('hello')
  })

  it('may stand before PASV or PORT, counts once, and is cleared by REST 0', async () => {
    await using it = await serve({ files: { 'a.txt': 'hello' } })
    const client = await it.login()
    await client.say('REST 3', 350)
    expect(String(await client.retrieve('RETR a.txt', client.port()))).to.equal('lo')
    expect(String(await client.retrieve('RETR a.txt'))).to.equal('hello')
    await client.say('REST 3', 350)
    await client.say('REST 0', 350)
    expect(String(await client.retrieve('RETR a.txt'))).to.equal('hello')
  })

  it('does not reach a transfer behind another command', async () => {
    await using it = await serve({ files: { 'a.txt': 'hello' } })
    const client = await it.login()
    await client.say('REST 3', 350)
    await client.say('PWD', 257)
    await client.listing('NLST')
    await client.store('STOR b.txt', 'whole')
    expect(it.files.content('b.txt')?.toString()).to.equal('whole')
  })

  it('at the size of the file gives nothing and succeeds; beyond it the transfer is refused', async () => {
    await using it = await serve({ files: { 'a.txt': 'hello' } })
    const client = await it.login()
    await client.say('REST 5', 350)
    expect((await client.retrieve('RETR a.txt')).length).to.equal(0)
    for (const verb of ['RETR', 'STOR']) {
      await client.say('REST 6', 350)
      const data = await client.epsv()
      await client.say(`${verb} a.txt`, [554, 550, 551])
      data.close()
    }
    expect(it.files.content('a.txt')?.toString()).to.equal('hello')
  })

  it('with STOR of a new file leaves no hole (sparse file that fools quotas)', async () => {
    await using it = await serve()
    const client = await it.login()
    await client.say('REST 1099511627776', 350)
    const data = await client.epsv()
    await client.say('STOR hole.bin', [554, 550, 551])
    data.close()
    expect(it.files.exists('hole.bin')).to.be.false
  })

  it('with APPE is refused or means the same as with STOR', async () => {
    await using it = await serve({ files: { 'a.txt': 'hello' } })
    const client = await it.login()
    await client.say('REST 2', 350)
    const data = await client.epsv()
    const { code } = await client.say('APPE a.txt')
    if (code === 150) {
      await data.end('LLO')
      await client.reply(226)
      expect(it.files.content('a.txt')?.toString()).to.equal('heLLO')
    } else {
      data.close()
      expect(code).to.be.within(500, 555)
    }
  })

  it('in TYPE A is refused at the transfer or counts octets as transferred', async () => {
    await using it = await serve({ files: { 'a.txt': 'one\ntwo\nthree' } })
    const client = await it.login()
    await client.say('TYPE A', 200)
    await client.say('REST 5', 350)
    const data = await client.epsv()
    const { code } = await client.say('RETR a.txt')
    if (code === 150) {
      expect(String(await data.all())).to.equal('two\r\nthree')
      await client.reply(226)
    } else {
      data.close()
      expect(code).to.be.oneOf([501, 504, 550])
    }
  })
})

const pattern = (position: number) => (position * 31 + Math.floor(position / GIB)) & 255

describe('RANG', () => {
  it('limits the next RETR to some octets, once', async () => {
    await using it = await serve({ files: { 'a.txt': 'hello, world' } })
    const client = await it.login()
    await client.say('RANG 7 8', 350)
    expect(String(await client.retrieve('RETR a.txt'))).to.equal('wo')
    expect(String(await client.retrieve('RETR a.txt'))).to.equal('hello, world')
    await client.say('RANG 7 100', 350)
    expect(String(await client.retrieve('RETR a.txt'))).to.equal('world')
    await client.say('RANG 7 8', 350)
    await client.say('RANG 1 0', 350)
    expect(String(await client.retrieve('RETR a.txt'))).to.equal('hello, world')
    for (const text of ['', '7', '8 7', '-1 5', 'a b', '1 2 3']) await client.say(`RANG ${text}`.trimEnd(), 501)
  })

  it('is refused for uploads', async () => {
    await using it = await serve({ files: { 'a.txt': 'hello' } })
    const client = await it.login()
    await client.say('RANG 1 2', 350)
    const data = await client.epsv()
    await client.say('STOR a.txt', [501, 503, 504, 551, 554])
    data.close()
    expect(it.files.content('a.txt')?.toString()).to.equal('hello')
  })
})

describe('files beyond 4 GiB', () => {
  it('have their exact size in SIZE, MLST and LIST', async () => {
    await using it = await serve({ files: { 'huge.bin': new MemoryContent(6 * GIB + 123, pattern) } })
    const client = await it.login()
    await client.say('SIZE huge.bin', /^213 6442451067$/)
    expect((await client.say('MLST huge.bin', 250)).text).to.include('size=6442451067;')
    expect((await client.listing('LIST'))[0]).to.include(' 6442451067 ')
  })

  it('are sent from an offset beyond 4 GiB', async () => {
    await using it = await serve({ files: { 'huge.bin': new MemoryContent(6 * GIB + 123, pattern) } })
    const client = await it.login()
    const offset = 6 * GIB - 877
    await client.say(`REST ${offset}`, 350)
    const octets = await client.retrieve('RETR huge.bin')
    expect(octets.equals(Buffer.from(Array.from({ length: 1000 }, (_, index) => pattern(offset + index))))).to.be.true
  })

  it('are received from an offset beyond 4 GiB and lengthened by APPE', async () => {
    const content = new MemoryContent(5 * GIB, pattern)
    await using it = await serve({ files: { 'huge.bin': content } })
    const client = await it.login()
    await client.say(`REST ${5 * GIB}`, 350)
    await client.store('STOR huge.bin', 'behind')
    await client.store('APPE huge.bin', ' and more')
    await client.say('SIZE huge.bin', /^213 5368709135$/)
    await client.say(`REST ${5 * GIB - 1}`, 350)
    const octets = await client.retrieve('RETR huge.bin')
    expect(octets.toString('latin1', 1)).to.equal('behind and more')
    expect(octets[0]).to.equal(pattern(5 * GIB - 1))
  })
})
