/** Names are literal, 8-bit clean and never break a line (RFC 2640 section 3, RFC 3659 section 2.2). */
import { expect } from 'chai'
import { serve } from '../serve.ts'
import { TRANSPORTS } from '../transport.ts'

/** Names that shells, globs, quotes, templates or other servers trip over. */
const ODD = [
  ' leading',
  'trailing ',
  '  two  words  ',
  '*',
  '?',
  '[a-z]',
  '{a,b}',
  '~',
  '~root',
  '-la',
  '-rf',
  'a\\b',
  'a:b',
  'a;b',
  'size=3; x',
  '|',
  '&',
  '"quoted"',
  "it's",
  '$HOME',
  '%2e%2e',
  '%USER%',
  '...',
  '..a',
  '=cmd|x',
  '<b>',
  '{{7*7}}',
  'tab\tx',
  'esc\u001B[31m',
  'grün',
  'gru\u0308n',
  'Отчёт 2026',
  '日本語',
  '😀',
  '\u202Egnp.exe',
  '\u2028',
  '\u0085',
  'constructor',
  '__proto__',
  '213 End',
  '226 Done',
]

for (const transport of TRANSPORTS) {
  describe(`odd names over ${transport}`, () => {
    it('are stored, listed, fetched, renamed and removed as they are', async () => {
      await using it = await serve({ transport })
      const client = await it.login()
      for (const name of ODD) await client.store(`STOR ${name}`, name)
      expect(it.files.names()).to.deep.equal([...ODD].sort())
      expect((await client.listing('NLST')).sort()).to.deep.equal([...ODD].sort())
      expect((await client.listing('MLSD')).map((line) => line.slice(line.indexOf(' ') + 1)).sort()).to.deep.equal(
        [...ODD].sort(),
      )
      const listed = await client.listing('LIST')
      for (const name of ODD) {
        expect(String(await client.retrieve(`RETR ${name}`)), name).to.equal(name)
        expect(listed.filter((line) => line.endsWith(` ${name}`)).length, name).to.be.at.least(1)
        await client.say(`SIZE ${name}`, new RegExp(`^213 ${Buffer.byteLength(name)}$`))
        await client.say(`RNFR ${name}`, 350)
        await client.say(`RNTO x${name}`, 250)
        await client.say(`DELE x${name}`, 250)
      }
      expect(it.files.names()).to.deep.equal([])
    })
  })
}

describe('names', () => {
  it('of directories are literal too', async () => {
    await using it = await serve()
    const client = await it.login()
    for (const name of ODD) {
      const { text } = await client.say(`MKD ${name}`, 257)
      expect(text).to.include(`"/${name.replaceAll('"', '""')}"`)
      await client.say(`CWD ${name}`, 250)
      await client.say('PWD', 257)
      await client.say('CDUP', [200, 250])
      await client.say(`RMD ${name}`, 250)
    }
  })

  it('that are not UTF-8 are kept byte for byte', async () => {
    await using it = await serve()
    const client = await it.login()
    const name = Buffer.from([0x67, 0x72, 0xfc, 0x6e, 0xe9, 0xc3, 0x28])
    client.send(Buffer.concat([Buffer.from('MKD '), name, Buffer.from('\r\n')]))
    const { octets } = await client.reply([257, 501, 553])
    if (octets.toString('latin1').startsWith('257')) {
      expect(octets.includes(name)).to.be.true
      expect((await client.retrieve('NLST')).equals(Buffer.concat([name, Buffer.from('\r\n')]))).to.be.true
      client.send(Buffer.concat([Buffer.from('CWD '), name, Buffer.from('\r\n')]))
      await client.reply(250)
    }
  })

  it('on the disk that hold line ends never split a line', async () => {
    const bad = ['a\nb', 'c\r\nd', 'e\rf', '\n213 End']
    await using it = await serve({ files: { good: 'x' } })
    for (const name of bad) it.files.plant('/', name)
    const client = await it.login()
    for (const line of ['LIST', 'NLST', 'MLSD']) {
      const lines = await client.listing(line)
      expect(lines.length, line).to.be.within(1, 1 + bad.length)
      for (const text of lines) expect(text, line).to.not.match(/[\r\n]/)
      expect(lines.some((text) => text.endsWith('good'))).to.be.true
    }
    const { lines } = await client.say('STAT /', [211, 212, 213])
    expect(lines.length).to.be.at.most(2 + 1 + bad.length)
    await client.say('NOOP', 200)
  })

  it('of 255 octets are possible, of 256 not, paths beyond PATH_MAX neither', async () => {
    await using it = await serve()
    const client = await it.login()
    await client.say(`MKD ${'é'.repeat(127)}x`, 257)
    await client.say(`MKD ${'é'.repeat(128)}`, [550, 553])
    await client.say(`MKD ${'a/'.repeat(2100)}b`, [550, 501, 553])
    await client.say('NOOP', 200)
  })
})
