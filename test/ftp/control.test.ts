/** The control connection: greeting, lines, replies and their order (RFC 959 section 5.4, RFC 1123 section 4.1.2). */
import { expect } from 'chai'
import { serve } from '../serve.ts'
import { FAMILIES, TRANSPORTS } from '../transport.ts'

for (const transport of TRANSPORTS) {
  for (const family of FAMILIES) {
    describe(`the control connection over ${transport}, IPv${family}`, () => {
      it('greets, logs in, answers and says goodbye', async () => {
        await using it = await serve({ transport, family })
        const client = await it.open()
        expect((await client.reply(220)).lines).to.have.lengthOf(1)
        if (transport === 'explicit TLS') await client.startTls()
        await client.login()
        await client.say('NOOP', 200)
        await client.say('QUIT', 221)
        await client.ended()
        expect((await it.event('session-closed')).reason).to.equal('quit')
      })
    })
  }
}

describe('command lines', () => {
  it('are understood in any case', async () => {
    await using it = await serve()
    const client = await it.connect()
    await client.say('uSeR anna', 331)
    await client.say('pass secret', 230)
    await client.say('type i', 200)
    await client.say('stru f', 200)
    await client.say('mode s', 200)
    await client.say('opts utf8 on', 200)
  })

  it('end at CR LF wherever the segments are cut', async () => {
    await using it = await serve()
    const client = await it.connect()
    for (const piece of ['NO', 'O', 'P\r']) {
      client.send(piece)
      await new Promise(setImmediate)
    }
    client.send('\n')
    await client.reply(200)
    for (const octet of 'USER anna\r\n') client.send(octet)
    await client.reply(331)
  })

  it('may end in LF alone, and what follows is a line of its own', async () => {
    await using it = await serve()
    const client = await it.login()
    client.send('MKD a\nPWD\r\n')
    await client.reply(257)
    await client.reply(/^257 "\/"/)
    expect(it.files.names()).to.deep.equal(['a'])
  })

  it('that end in CR CR LF get one reply', async () => {
    await using it = await serve()
    const client = await it.connect()
    client.send('NOOP\r\r\n')
    const { code } = await client.reply()
    expect(code).to.be.oneOf([200, 500, 501])
    await client.say('SYST', 215)
  })

  it('that are empty get one reply at most', async () => {
    await using it = await serve()
    const client = await it.connect()
    client.send('\r\n')
    client.send('SYST\r\n')
    const first = await client.reply([500, 215])
    if (first.code === 500) await client.reply(215)
  })

  it('are answered in order when many arrive in one segment', async () => {
    await using it = await serve()
    const client = await it.connect()
    client.send('USER anna\r\nPASS secret\r\nPWD\r\nMKD a\r\nCWD a\r\nPWD\r\nNOOP\r\nQUIT\r\n')
    for (const code of [331, 230, 257, 257, 250, 257, 200, 221]) await client.reply(code)
    await client.ended()
  })

  it('behind a running RETR are answered in order after it', async () => {
    await using it = await serve({ files: { 'a.txt': 'hello' } })
    const client = await it.login()
    const data = await client.epsv()
    client.send('RETR a.txt\r\nPWD\r\nSIZE a.txt\r\nSYST\r\n')
    await client.reply(150)
    expect(String(await data.all())).to.equal('hello')
    for (const code of [226, 257, 213, 215]) await client.reply(code)
  })

  it('of 500 commands sent at once are all answered', async () => {
    await using it = await serve()
    const client = await it.login()
    client.send('NOOP\r\nPWD\r\n'.repeat(250))
    for (let number = 0; number < 250; number++) {
      await client.reply(200)
      await client.reply(257)
    }
  })

  it('longer than the limit get one 500 and their tail is never run', async () => {
    await using it = await serve()
    const client = await it.login()
    client.send(`CWD ${'x'.repeat(20_000)}`)
    client.send(' \r\nNOOP\r\n')
    await client.reply(500)
    await client.reply(200)
  })

  it('as long as PATH_MAX are taken', async () => {
    await using it = await serve()
    const client = await it.login()
    await client.say(`SIZE ${'d/'.repeat(2000)}f`, 550)
  })
})

describe('replies', () => {
  it('to unknown, unimplemented and misused commands carry the code of RFC 959', async () => {
    await using it = await serve()
    const client = await it.login()
    await client.say('BLAH', 500)
    await client.say('SMNT /mnt', [500, 502])
    await client.say('TYPE X', [501, 504])
    await client.say('STRU P', 504)
    await client.say('RNTO x', 503)
  })

  it('to commands that lack their argument are 501', async () => {
    await using it = await serve()
    const client = await it.login()
    const verbs =
      'RETR STOR APPE DELE MKD RMD RNFR TYPE STRU MODE PORT EPRT REST SIZE MDTM MFMT OPTS SITE HASH USER HOST'
    for (const verb of verbs.split(' ')) {
      const { code, text } = await client.say(verb)
      expect(code, text).to.be.oneOf(verb === 'HOST' ? [501, 503] : [501])
    }
  })

  it('refuse a surplus argument of FEAT with 501 (RFC 2389 section 3.2)', async () => {
    await using it = await serve()
    const client = await it.connect()
    await client.say('FEAT x', 501)
  })

  it('never say which software or version answers', async () => {
    await using it = await serve()
    const client = await it.login()
    for (const line of ['SYST', 'HELP', 'STAT', 'FEAT', 'SITE HELP']) {
      const { text } = await client.say(line)
      expect(text.replaceAll('127.0.0.1', '')).to.not.match(/node|\bv?\d+\.\d+\.\d+\b/i)
    }
  })

  it('use configured texts for greeting, login and goodbye', async () => {
    const options = { greeting: ['Hello', '220 x', 'there'], welcome: ['One', 'two'], goodbye: 'See you' }
    await using it = await serve({ options })
    const client = await it.open()
    expect((await client.reply(220)).text).to.match(/^220-Hello\n(?:220-| )220 x\n220 there$/)
    await client.say('USER anna', 331)
    expect((await client.say('PASS secret', 230)).text).to.equal('230-One\n230 two')
    expect((await client.say('QUIT', 221)).text).to.equal('221 See you')
  })

  it('cannot be broken by configured texts', async () => {
    const texts = new Map([[530, 'x\r\n230 Logged in.\r\n']] as const)
    await using it = await serve({ options: { greeting: ['a\r\n220 b', 'c\n'], goodbye: 'ÿ\0bye', texts } })
    const client = await it.open()
    expect((await client.reply(220)).lines).to.have.lengthOf(2)
    expect((await client.say('PWD', 530)).lines).to.have.lengthOf(1)
    expect((await client.say('QUIT', 221)).octets.toString('latin1')).to.not.match(/\0(?!\r)|\xff(?!\xff)/)
  })

  it('use configured texts for codes', async () => {
    await using it = await serve({ options: { texts: new Map([[530, 'Ask the front desk.']]) } })
    const client = await it.connect()
    expect((await client.say('PWD', 530)).text).to.equal('530 Ask the front desk.')
  })
})

const octets = (...numbers: number[]) => Buffer.from(numbers)

describe('Telnet on the control connection', () => {
  const [IAC, IP, DM, NOP, AYT, GA] = [255, 244, 242, 241, 246, 249] as const
  const [WILL, WONT, DO, DONT, SB, SE] = [251, 252, 253, 254, 250, 240] as const

  it('drops IAC IP, IAC DM, NOP, AYT and GA around and inside commands', async () => {
    await using it = await serve()
    const client = await it.login()
    client.send(Buffer.concat([octets(IAC, NOP), Buffer.from('NO'), octets(IAC, AYT, IAC, GA), Buffer.from('OP\r\n')]))
    await client.reply(200)
    client.send(Buffer.concat([octets(IAC, IP, IAC, DM), Buffer.from('ABOR\r\n')]))
    await client.reply([225, 226])
  })

  it('takes the stray octet that urgent data leaves behind', async () => {
    await using it = await serve()
    const client = await it.login()
    client.send(Buffer.concat([octets(IAC, IP, DM), Buffer.from('ABOR\r\n')]))
    await client.reply([225, 226])
  })

  for (const [asked, name, answer] of [
    [WILL, 'WILL', DONT],
    [DO, 'DO', WONT],
  ] as const) {
    it(`refuses ${name} and starts no negotiation`, async () => {
      await using it = await serve()
      const client = await it.login()
      client.send(octets(IAC, asked, 24))
      expect([...(await client.octets(3))]).to.deep.equal([IAC, answer, 24])
      await client.say('NOOP', 200)
    })
  }

  it('ignores WONT and DONT', async () => {
    await using it = await serve()
    const client = await it.login()
    client.send(Buffer.concat([octets(IAC, WONT, 1, IAC, DONT, 3), Buffer.from('NOOP\r\n')]))
    await client.reply(200)
  })

  it('reads IAC IAC as the octet 255, also cut in two', async () => {
    await using it = await serve()
    const client = await it.login()
    client.send(Buffer.concat([Buffer.from('MKD '), octets(IAC)]))
    await new Promise(setImmediate)
    client.send(Buffer.concat([octets(IAC), Buffer.from('\r\n')]))
    const { octets: raw } = await client.reply([257, 501, 553])
    if (raw.toString('latin1').startsWith('257')) expect(raw.includes(octets(IAC, IAC))).to.be.true
  })

  it('skips a subnegotiation', async () => {
    await using it = await serve()
    const client = await it.login()
    client.send(Buffer.concat([octets(IAC, SB, 24, 1, 2, 3, IAC, SE), Buffer.from('NOOP\r\n')]))
    await client.reply(200)
  })
})
