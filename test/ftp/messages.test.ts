/** Messages of administrators to clients: which reply carries them, and to whom they may come at once. */
import { expect } from 'chai'
import { serve, type Served } from '../serve.ts'
import { TRANSPORTS } from '../transport.ts'

const files = { 'a.txt': 'hello', 'slow.bin': Buffer.alloc(200_000, 'x') }

const idOf = (it: Served, at = 0) => it.server.sessions()[at]?.id ?? ''

for (const transport of TRANSPORTS) {
  describe(`a message at once over ${transport}`, () => {
    it('comes to an idle client that is known to cope, as a preliminary reply without numbers to read', async () => {
      await using it = await serve({ transport })
      const client = await it.login()
      await client.say('CLNT lftp/4.9.2', 200)
      expect(it.server.message(idOf(it), 'Lunch (5 bytes)\r\n550 no reply')).to.be.true
      const { code, lines } = await client.reply(100)
      expect(code).to.equal(100)
      expect(lines[0]).to.match(/^100-Message from the administrator: Lunch \(5 bytes\)/)
      expect(lines.slice(1)).to.deep.equal(['100 End of the message.'])
      expect((await it.event('messages-sent')).texts).to.deep.equal(['Lunch (5 bytes)\r\n550 no reply'])
      expect((await client.say('NOOP', 200)).lines).to.have.lengthOf(1)
    })
  })
}

describe('a message at once', () => {
  for (const name of ['curl 8.5', 'FileZilla', 'NcFTP 3.2.6', 'not lftp/4', 'terminals', '']) {
    it(`does not come to ${name || 'a client without a name'}: it waits for a reply that carries it`, async () => {
      await using it = await serve()
      const client = await it.login()
      if (name) await client.say(`CLNT ${name}`, 200)
      it.server.message(idOf(it), 'Lunch.')
      expect(it.all('messages-sent')).to.deep.equal([])
      expect((await client.say('PWD', 257)).lines).to.have.lengthOf(1)
      expect((await client.say('NOOP', 200)).lines).to.have.lengthOf(2)
      expect(it.all('messages-sent')).to.have.lengthOf(1)
    })
  }

  it('does not come before the login', async () => {
    await using it = await serve()
    const client = await it.connect()
    await client.say('CLNT terminal', 200)
    it.server.message(idOf(it), 'Who are you?')
    expect((await client.say('USER anna', 331)).lines).to.have.lengthOf(1)
    expect((await client.say('PASS secret', 230)).text).to.include('Who are you?')
  })

  it('does not come between the mark and the end of a transfer', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    await client.say('CLNT terminal', 200)
    const data = await client.epsv()
    await client.say('RETR slow.bin', 150)
    it.server.message(idOf(it), 'Soon done?')
    expect(it.all('messages-sent')).to.deep.equal([])
    it.files.release()
    expect((await data.all()).length).to.equal(200_000)
    expect((await client.reply(226)).text).to.include('Soon done?')
  })

  it('follows the reply to a command that could not carry it', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    const data = await client.epsv()
    await client.say('RETR slow.bin', 150)
    it.server.message(idOf(it), 'Later.')
    client.send('CLNT terminal\r\nPWD\r\nABOR\r\n')
    await client.reply(426)
    await data.ended()
    // The reply to ABOR carries it.
    const said = [await client.reply(), await client.reply(), await client.reply()].map(({ text }) => text).join('\n')
    expect(said.match(/Later\./g)).to.have.lengthOf(1)
  })
})

describe('attack: a password in the log of a session', () => {
  const SECRET = 'correct-horse'

  for (const typed of [
    'pass SECRET',
    'Pass  SECRET',
    'PASSW SECRET',
    'PSAS SECRET',
    'SECRET',
    'ACCT SECRET',
    'PAS SECRET',
  ]) {
    it(`is not told to observers when somebody writes ${typed}`, async () => {
      await using it = await serve()
      const client = await it.connect()
      await client.say('USER anna', 331)
      await client.say(typed.replace('SECRET', SECRET))
      await client.say('STAT', 211)
      expect(JSON.stringify(it.events).toLowerCase()).to.not.include(SECRET)
      expect(JSON.stringify(it.server.sessions()).toLowerCase()).to.not.include(SECRET)
    })
  }
})
