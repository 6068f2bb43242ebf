/** HASH and the X digests (draft-bryan-ftpext-hash-02). */
import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { expect } from 'chai'
import { eventually } from '../cap.ts'
import { MemoryContent } from '../memory-content.ts'
import { serve } from '../serve.ts'

const TEXT = 'The quick brown fox jumps over the lazy dog'
const files = { 'a b.txt': TEXT, 'empty.txt': '', d: null, 'large.bin': new MemoryContent(3_000_000, (at) => at % 251) }
const hex = (algorithm: string, text: string | Buffer) => createHash(algorithm).update(text).digest('hex')

describe('HASH', () => {
  it('answers algorithm, range, digest and path', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    const digest = hex('sha256', TEXT)
    await client.say('HASH a b.txt', new RegExp(`^213 SHA-256 0-(?:42|43) ${digest} /?a b\\.txt$`, 'i'))
    await client.say('HASH empty.txt', new RegExp(`^213 SHA-256 0-0 ${hex('sha256', '')} `, 'i'))
  })

  it('uses the algorithm chosen by OPTS HASH, starred in FEAT', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    await client.say('OPTS HASH', /^200 SHA-256$/)
    for (const [name, algorithm] of [
      ['SHA-1', 'sha1'],
      ['SHA-512', 'sha512'],
      ['MD5', 'md5'],
      ['SHA-256', 'sha256'],
    ] as const) {
      await client.say(`OPTS HASH ${name}`, new RegExp(`^200 ${name}$`))
      expect((await client.say('FEAT', 211)).text).to.include(`${name}*`)
      expect((await client.say('HASH a b.txt', 213)).text.toLowerCase()).to.include(hex(algorithm, TEXT))
    }
    for (const name of ['ROT13', '__proto__', 'constructor', 'toString'])
      await client.say(`OPTS HASH ${name}`, [501, 504])
    await client.say('OPTS HASH', /^200 SHA-256$/)
  })

  it('of what is missing is 550, of a directory 553 or 550, of a broken file 451', async () => {
    await using it = await serve({ files: { ...files, 'fails-on-read.bin': 'x'.repeat(5000) } })
    const client = await it.login()
    await client.say('HASH missing', 550)
    await client.say('HASH d', [550, 553])
    await client.say('HASH fails-on-read.bin', [451, 450])
    expect(it.files.open).to.equal(0)
  })

  it('takes the range of RANG', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    await client.say('RANG 4 8', 350)
    const { text } = await client.say('HASH a b.txt', 213)
    expect(text)
      .to.match(/^213 SHA-256 4-(?:8|9) /)
      .and.include(hex('sha256', TEXT.slice(4, 9)))
  })

  it('needs the right to download', async () => {
    await using it = await serve({ files, rights: ['list'] })
    const client = await it.login()
    for (const verb of ['HASH', 'XCRC', 'XMD5', 'XSHA256']) await client.say(`${verb} a b.txt`, [550, 552])
  })
})

describe('the X digests', () => {
  it('give the bare digest of the whole file', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    const digests = { XMD5: 'md5', XSHA: 'sha1', XSHA1: 'sha1', XSHA256: 'sha256', XSHA512: 'sha512' }
    for (const [verb, algorithm] of Object.entries(digests)) {
      const { text } = await client.say(`${verb} a b.txt`, [213, 250])
      expect(text.slice(4).trim().toLowerCase(), verb).to.equal(hex(algorithm, TEXT))
    }
    const { text } = await client.say('XCRC a b.txt', [213, 250])
    expect(Number.parseInt(text.slice(4), 16)).to.equal(crc32(TEXT))
  })

  it('take a range behind a quoted path', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    const all = Buffer.from(Array.from({ length: 3_000_000 }, (_, at) => at % 251))
    const { text } = await client.say('XMD5 "large.bin" 1000 2000000', [213, 250])
    expect(text.slice(4).trim().toLowerCase()).to.be.oneOf([
      hex('md5', all.subarray(1000, 2_000_000)),
      hex('md5', all.subarray(1000, 2_000_001)),
    ])
    await client.say('XMD5 "large.bin" 2000 1000', [501, 550, 554])
  })

  it('stops when its client has gone: nobody fills the queue with digests that he does not wait for', async () => {
    await using it = await serve({ files: { 'a.txt': 'hello' } })
    let reads = 0
    let closed = 0
    const read = async (buffer: Uint8Array) => {
      await new Promise(setImmediate)
      reads += 1
      return buffer.length
    }
    it.files.read = async () => ({ size: 2 ** 50, modified: 0, read, close: async () => void (closed += 1) })
    for (const line of ['XSHA256 a.txt', 'SIZE a.txt']) {
      // More than find a place at once: some still wait for their turn.
      const clients = await Promise.all(Array.from({ length: 4 }, () => it.connect()))
      for (const client of clients) {
        await client.login()
        client.send(`${line}\r\n`)
      }
      const before = reads
      await eventually(() => reads > before + 2, 'the file is read')
      closed = 0
      for (const client of clients) client.socket.destroy()
      await eventually(() => closed === clients.length, 'the files are closed')
    }
  })

  it('takes its time: a client that waits for it is not idle', async () => {
    await using it = await serve({ files: { 'a.txt': 'hello' }, options: { timeouts: { idle: 0.3 } } })
    const begun = performance.now()
    const read = async (buffer: Uint8Array) => {
      await new Promise(setImmediate)
      return performance.now() - begun < 1000 ? 1 : buffer.length
    }
    it.files.read = async () => ({ size: 2 ** 20, modified: 0, read, close: async () => undefined })
    const client = await it.login()
    await client.say('XCRC a.txt', 250)
  })

  it('of many large files leave the other sessions quick', async () => {
    const content = new MemoryContent(40_000_000)
    await using it = await serve({ files: { 'large.bin': content } })
    const [busy, other] = [await it.login(), await it.login()]
    busy.send('XSHA512 large.bin\r\n'.repeat(3))
    for (let round = 0; round < 20; round++) {
      const begun = performance.now()
      await other.say('NOOP', 200)
      expect(performance.now() - begun).to.be.below(500)
    }
    for (let round = 0; round < 3; round++) await busy.reply([213, 250])
  })
})
