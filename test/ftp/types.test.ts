/** TYPE A and TYPE I: exact to the octet, however the network cuts them (RFC 959 section 3.1.1, RFC 3659 section 4). */
import { expect } from 'chai'
import * as fc from 'fast-check'
import { serve } from '../serve.ts'

describe('TYPE A', () => {
  const text = fc
    .array(fc.constantFrom('\r', '\n', '\r\n', 'a', 'bc', '\0', 'é', '\r\r'), { maxLength: 60 })
    .map((pieces) => pieces.join(''))

  it('sends every LF as CR LF and reports exactly that size', async () => {
    await using it = await serve()
    const client = await it.login()
    await client.say('TYPE A', 200)
    await fc.assert(
      fc.asyncProperty(text, async (content) => {
        it.files.put('a.txt', content)
        const octets = await client.retrieve('RETR a.txt')
        expect(octets.toString('latin1').replaceAll('\r\n', '\n')).to.equal(latin(content).replaceAll('\r\n', '\n'))
        expect(octets.toString('latin1')).to.not.match(/(?<!\r)\n/)
        const { text: size } = await client.say('SIZE a.txt', [213, 550])
        if (size.startsWith('213')) expect(size).to.equal(`213 ${octets.length}`)
      }),
      { numRuns: 60 },
    )
  })

  it('stores every CR LF as LF, however the segments are cut, and keeps a bare CR', async () => {
    await using it = await serve()
    const client = await it.login()
    await client.say('TYPE A', 200)
    await fc.assert(
      fc.asyncProperty(text, fc.nat(), async (content, cut) => {
        const data = await client.epsv()
        await client.say('STOR a.txt', 150)
        const octets = Buffer.from(content)
        const at = octets.length === 0 ? 0 : cut % octets.length
        await data.write(octets.subarray(0, at))
        await new Promise(setImmediate)
        await data.end(octets.subarray(at))
        await client.reply(226)
        expect(it.files.content('a.txt')?.toString('latin1')).to.equal(latin(content).replaceAll('\r\n', '\n'))
      }),
      { numRuns: 60 },
    )
  })

  it('keeps a long text exact over many reads', async () => {
    const lines = Array.from({ length: 40_000 }, (_, number) => `line ${number}${'x'.repeat(number % 77)}\n`).join('')
    await using it = await serve({ files: { 'long.txt': lines } })
    const client = await it.login()
    await client.say('TYPE A', 200)
    const octets = await client.retrieve('RETR long.txt')
    expect(String(octets) === lines.replaceAll('\n', '\r\n')).to.be.true
    await client.say('SIZE long.txt', new RegExp(`^213 ${octets.length}$`))
    await client.store('STOR back.txt', octets)
    expect(it.files.content('back.txt')?.toString() === lines).to.be.true
  })
})

describe('TYPE I', () => {
  it('neither converts line ends nor reads Telnet on the data connection', async () => {
    await using it = await serve()
    const client = await it.login()
    const octets = Buffer.from([255, 244, 255, 242, 13, 10, 10, 13, 0, 255, 255, 13])
    await client.store('STOR a.bin', octets)
    expect(it.files.content('a.bin')?.equals(octets)).to.be.true
    expect((await client.retrieve('RETR a.bin')).equals(octets)).to.be.true
  })
})

/** The octets of the text in UTF-8, one character each. */
function latin(content: string): string {
  return Buffer.from(content).toString('latin1')
}
