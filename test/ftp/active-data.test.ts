/** PORT and EPRT: the server connects to the client (RFC 959 section 5.4, RFC 2428 section 2). */
import { createServer } from 'node:net'
import { expect } from 'chai'
import { serve } from '../serve.ts'

const files = { 'a.txt': 'hello' }

describe('active data connections', () => {
  it('come from the address of the control connection', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    const data = await client.port()
    await client.say('RETR a.txt', 150)
    expect((await data.connected).remoteAddress).to.equal('127.0.0.1')
    await data.all()
    await client.reply(226)
  })

  it('that nobody answers end in 425', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    const free = await freePort()
    await client.say(`PORT 127,0,0,1,${free >> 8},${free & 255}`, 200)
    await client.say('RETR a.txt', 425)
    expect(String(await client.retrieve('RETR a.txt'))).to.equal('hello')
  })

  it('are refused with 425 at once when neither PASV nor PORT was sent', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    for (const line of ['RETR a.txt', 'STOR b.txt', 'LIST', 'NLST', 'MLSD']) await client.say(line, [425, 503])
    expect(it.files.exists('b.txt')).to.be.false
  })

  it('can be switched off: PORT and EPRT answer 502 and leave HELP and FEAT', async () => {
    const options = { disabled: new Set(['PORT', 'EPRT']), disabledTexts: new Map([['PORT', 'Use passive mode.']]) }
    await using it = await serve({ files, options })
    const client = await it.login()
    expect((await client.say('PORT 127,0,0,1,200,1', 502)).text).to.equal('502 Use passive mode.')
    await client.say('EPRT |1|127.0.0.1|51201|', 502)
    expect((await client.say('FEAT', 211)).text).to.not.include('EPRT')
    expect((await client.say('HELP', 214)).text).to.not.match(/\b(?:PORT|EPRT)\b/)
  })

  it('are refused on IPv6 by PORT and by EPRT of the other family', async () => {
    await using it = await serve({ files, family: 6 })
    const client = await it.login()
    await client.say('PORT 127,0,0,1,200,1', [501, 522, 425])
    await client.say('EPRT |1|127.0.0.1|51201|', [501, 522, 504])
  })

  it('take any delimiter in EPRT', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    for (const delimiter of ['|', '!', '~', '#', 'x']) {
      await client.say(`EPRT ${['', 1, '127.0.0.1', 51_201, ''].join(delimiter)}`, 200)
    }
    expect((await client.say('EPRT |3|127.0.0.1|51201|', 522)).text).to.include('(1')
  })

  it('refuse a malformed PORT or EPRT with 501', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    const ports =
      '1,2,3,4,5|127,0,0,1,256,1|127,0,0,1,-1,1|127,0,0,1,0x10,1|127,0,0,1,010,1|127,0,0,1,200,1,1|a,b,c,d,e,f|,,,,,'
    const more = '127,0,0,1,200, 1|127,0,0,1,+1,1|127.0.0.1,200,1|127,0,0,1,200'
    for (const text of `${ports}|${more}`.split('|')) await client.say(`PORT ${text}`, 501)
    const eprts = [
      '|1|127.0.0.1|0|',
      '|1|127.0.0.1|65536|',
      '|1|127.0.0.1|-5|',
      '|1|127.0.0.1|51201',
      '1|127.0.0.1|51201',
    ]
    const odd = [
      '|1|127.0.0.1|5e3|',
      '|1|::1|51201|',
      '|2|127.0.0.1|51201|',
      '|1|localhost|51201|',
      '||127.0.0.1|51201|',
    ]
    for (const text of [...eprts, ...odd]) expect((await client.say(`EPRT ${text}`)).code, text).to.be.oneOf([501, 522])
  })
})

/** A port that nobody listens on. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  await new Promise((resolve) => {
    server.close(resolve)
  })
  return typeof address === 'object' && address ? address.port : 0
}
