/** What an administrator does to a running server: change, disconnect, abort, message, close (product sections 2 and 5). */
import { expect } from 'chai'
import { createFtpServer } from '../../module/ftp/server.ts'
import { eventually } from '../cap.ts'
import { RawClient } from '../raw-client.ts'
import { serve } from '../serve.ts'
import { TRANSPORTS } from '../transport.ts'

const files = { 'a.txt': 'hello', 'slow.bin': Buffer.alloc(200_000, 'x') }

describe('a change of options', () => {
  it('reaches live sessions at once and drops nobody', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    await client.say('MFMT 20240101000000 a.txt', 213)
    await it.change({ disabled: new Set(['MFMT', 'SITE CHMOD']), goodbye: 'So long.' })
    await client.say('MFMT 20240101000000 a.txt', 502)
    await client.say('SITE CHMOD 644 a.txt', 502)
    expect((await client.say('FEAT', 211)).text).to.not.include('MFMT')
    await it.change({ disabled: new Set() })
    await client.say('MFMT 20240101000000 a.txt', 213)
    expect((await client.say('QUIT', 221)).text).to.equal('221 So long.')
  })

  it('of the limits counts from the next connection on', async () => {
    await using it = await serve()
    const client = await it.login()
    await it.change({ limits: { sessions: 1, reserve: 0 } })
    await (await it.open()).reply(421)
    await client.say('NOOP', 200)
    await it.change({ limits: { sessions: 5 } })
    await it.login()
  })

  it('of the passive range counts from the next port on, announced ones stay good', async () => {
    await using it = await serve({ files, options: { passive: { from: 22_400, to: 22_402 } } })
    const client = await it.login()
    const { port } = await client.pasvTarget()
    await it.change({ passive: { from: 22_410, to: 22_412 } })
    expect(String(await client.retrieve('RETR a.txt', client.dial(port)))).to.equal('hello')
    expect((await client.pasvTarget()).port).to.be.within(22_410, 22_412)
  })

  it('of TLS to none keeps protected sessions, but not in clear what was to be protected', async () => {
    await using it = await serve({ transport: 'explicit TLS', files })
    const client = await it.login()
    const { tls: _, ...options } = it.options
    it.server.update(options)
    const data = await client.epsv()
    client.send('RETR a.txt\r\n')
    if ((await client.reply([150, 425, 522])).code === 150) await client.reply([425, 522])
    expect((await data.remains()).length).to.equal(0)
    await (await it.connect()).say('AUTH TLS', [431, 502, 534])
  })

  it('to a certificate that cannot be used refuses AUTH with 431, and serves on in clear', async () => {
    await using it = await serve({ files })
    await it.change({ tls: { keyPair: { certificate: 'nonsense', key: 'nonsense' } } })
    const client = await it.connect()
    await client.say('AUTH TLS', 431)
    await client.login()
    expect(String(await client.retrieve('RETR a.txt'))).to.equal('hello')
  })

  it('of the rights counts at the next command', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    await client.retrieve('RETR a.txt')
    it.files.rights = ['list']
    const data = await client.epsv()
    await client.say('RETR a.txt', 550)
    data.close()
  })

  it('of the listeners opens the new one before the old one closes, and keeps its sessions', async () => {
    await using it = await serve({ files })
    const [client, old] = [await it.login(), it.port]
    const listener = { address: '127.0.0.1', implicitTls: false, domain: 'default' }
    await it.server.listen([
      { ...listener, port: 0 },
      { ...listener, port: 0 },
    ])
    expect(it.server.addresses().length).to.equal(2)
    await client.say('NOOP', 200)
    expect(String(await client.retrieve('RETR a.txt'))).to.equal('hello')
    for (const { port } of it.server.addresses()) {
      await using other = await RawClient.connect(port)
      await other.login()
    }
    if (!it.server.addresses().some(({ port }) => port === old)) {
      const reached = await RawClient.open(old).then(
        () => true,
        () => false,
      )
      expect(reached).to.be.false
    }
  })

  it('to a port in use fails, names the port and keeps the old listeners', async () => {
    await using it = await serve()
    await using other = await serve()
    const listener = { address: '127.0.0.1', implicitTls: false, domain: 'default' }
    const error = await it.server.listen([{ ...listener, port: other.port }]).catch((reason: unknown) => reason)
    expect(String(error)).to.include(String(other.port))
    await it.login()
  })
})

for (const transport of TRANSPORTS) {
  describe(`an administrator over ${transport}`, () => {
    it('disconnects a session, with a message', async () => {
      await using it = await serve({ transport })
      const client = await it.login()
      const [view] = it.server.sessions()
      expect(it.server.disconnect(view?.id ?? '', 'Maintenance in five minutes.')).to.be.true
      expect((await client.reply(421)).text).to.include('Maintenance in five minutes.')
      await client.ended()
      expect((await it.event('session-closed')).reason).to.equal('kicked')
      expect(it.server.disconnect(view?.id ?? '')).to.be.false
      expect(it.server.disconnect('__proto__')).to.be.false
    })

    it('disconnects a session in the middle of a transfer', async () => {
      await using it = await serve({ transport, files })
      const client = await it.login()
      const data = await client.epsv()
      await client.say('RETR slow.bin', 150)
      it.server.disconnect(it.server.sessions()[0]?.id ?? '')
      await data.ended()
      await client.ended()
      it.files.release()
      await eventually(() => it.files.open === 0, 'the file is closed')
    })

    it('aborts a transfer: 426, and the session goes on', async () => {
      await using it = await serve({ transport, files })
      const client = await it.login()
      const id = it.server.sessions()[0]?.id ?? ''
      expect(it.server.abortTransfer(id)).to.be.false
      const data = await client.epsv()
      await client.say('RETR slow.bin', 150)
      expect(it.server.abortTransfer(id)).to.be.true
      await client.reply(426)
      await data.ended()
      expect(String(await client.retrieve('RETR a.txt'))).to.equal('hello')
    })
  })
}

describe('a message to a session', () => {
  it('travels with the next reply and confuses no client', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    const id = it.server.sessions()[0]?.id ?? ''
    expect(it.server.message(id, 'Lunch at noon.\r\n550 not a reply')).to.be.true
    const { code, lines } = await client.say('NOOP')
    expect(code).to.equal(200)
    expect(lines.join('\n')).to.include('Lunch at noon.')
    for (const line of lines.slice(1, -1)) expect(line).to.not.match(/^\d{3}/)
    expect((await client.say('NOOP', 200)).text).to.not.include('Lunch')
    expect(it.server.message('nobody', 'x')).to.be.false
  })

  it('is refused when too many wait', async () => {
    await using it = await serve()
    await it.login()
    const id = it.server.sessions()[0]?.id ?? ''
    const taken = Array.from({ length: 30 }, () => it.server.message(id, 'x')).filter(Boolean)
    expect(taken.length).to.equal(20)
  })

  it('never rides on a reply that clients read as data', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    const id = it.server.sessions()[0]?.id ?? ''
    it.server.message(id, 'Hello (1,2,3,4,5,6)')
    expect((await client.say('EPSV', 229)).lines.at(-1)).to.match(/\(\|\|\|\d+\|\)/)
    await client.say('PWD', 257)
    expect(String(await client.retrieve('RETR a.txt'))).to.equal('hello')
  })
})

describe('the closing of the server', () => {
  it('lets running transfers end, refuses new sessions and says goodbye', async () => {
    await using it = await serve({ files })
    const [client, idle] = [await it.login(), await it.login()]
    const data = await client.epsv()
    await client.say('RETR slow.bin', 150)
    const closing = it.server.close({ graceMs: 5000 })
    await idle.reply(421)
    await idle.ended()
    it.files.release()
    expect((await data.all()).length).to.equal(200_000)
    await client.reply(226)
    await client.reply(421)
    await closing
    expect((await it.event('session-closed')).reason).to.equal('shutdown')
  })

  it('cuts what is not done within the grace', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    const data = await client.epsv()
    await client.say('RETR slow.bin', 150)
    await it.server.close({ graceMs: 100 })
    await data.ended()
    await client.ended()
    expect(it.server.sessions()).to.deep.equal([])
  })
})

describe('observers', () => {
  it('that throw or are slow never touch a session', async () => {
    await using it = await serve({ files })
    const server = createFtpServer({ backend: it.backend, options: it.options, observers: [broken] })
    await server.listen([{ address: '127.0.0.1', port: 0, implicitTls: false, domain: 'default' }])
    await using client = await RawClient.connect(server.addresses()[0]?.port ?? 0)
    await client.login()
    expect(String(await client.retrieve('RETR a.txt'))).to.equal('hello')
    await server.close({ graceMs: 0 })
  })

  it('hear of the progress of a transfer at most every 250 ms', async () => {
    const limits = { download: [{ key: 'server', bytesPerSecond: 400_000 }] }
    await using it = await serve({ files: { 'a.bin': Buffer.alloc(400_000) }, options: { limits } })
    const client = await it.login()
    await client.retrieve('RETR a.bin')
    const told = it.all('transfer-progress')
    const { seconds, bytes } = (await it.event('transfer-ended')).transfer
    expect(bytes).to.equal(400_000)
    expect(told.length).to.be.within(1, Math.ceil(seconds / 0.25) + 1)
    expect(told.map((event) => event.bytes)).to.deep.equal(told.map((event) => event.bytes).sort((a, b) => a - b))
  })

  it('see every command and reply, passwords never', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    await client.say('QUIT', 221)
    await it.event('session-closed')
    const commands = it.all('command').map(({ text }) => text)
    expect(commands).to.include('PASS ****')
    expect(JSON.stringify(it.events)).to.not.include('secret')
    expect(it.all('reply').map(({ code }) => code)).to.deep.equal([220, 331, 230, 200, 221])
  })

  it('see no password, however its command was mistyped', async () => {
    await using it = await serve({ files })
    const client = await it.connect()
    for (const line of [
      ' PASS hunter2',
      'PASS\thunter2',
      'PASShunter2',
      '\tpass hunter2',
      'PAS hunter2',
      'pass  hunter2',
    ]) {
      await client.say(line)
    }
    await client.say('QUIT', 221)
    await it.event('session-closed')
    expect(it.all('command')).to.have.lengthOf(7)
    expect(JSON.stringify(it.events).toLowerCase()).to.not.include('hunter2')
  })
})

function broken(): never {
  throw new Error('an observer broke')
}
