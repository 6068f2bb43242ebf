/** Limits on sessions and their texts, timeouts (product section 2). */
import { connect } from 'node:net'
import { expect } from 'chai'
import { allowedBy, refusedBy } from '../../module/ftp/verdict.ts'
import type { Verdict } from '../../module/ftp/verdict.ts'
import { capped, eventually } from '../cap.ts'
import { RawClient } from '../raw-client.ts'
import { serve } from '../serve.ts'
import { TRANSPORTS } from '../transport.ts'

const files = { 'a.txt': 'hello', 'slow.bin': Buffer.alloc(200_000, 'x') }

describe('limits', () => {
  it('beyond the sessions of the server a connection is greeted with 421 and the reason', async () => {
    await using it = await serve({ options: { limits: { sessions: 2, reserve: 0 } } })
    const first = await it.login()
    await it.login()
    const third = await it.open()
    expect((await third.reply(421)).text).to.match(/server|connection|session/i)
    await third.ended()
    expect((await it.event('connection-refused')).verdict).to.include({ allowed: false })
    await first.say('QUIT', 221)
    await it.event('session-closed')
    await it.login()
  })

  it('beyond the sessions of one address too, while other addresses come in', async () => {
    await using it = await serve({ options: { limits: { sessionsPerHost: 1 } } })
    await it.login()
    expect((await (await it.open()).reply(421)).text).to.match(/address|host/i)
    await it.login('anna', 'secret', { localAddress: '127.0.0.2' })
  })

  it('hold for many who come while the gate waits for a name server', async () => {
    await using it = await serve({ options: { limits: { sessionsPerHost: 2 } } })
    const answer = Promise.withResolvers<Verdict>()
    let asked = 0
    it.backend.admits = () => {
      asked += 1
      return answer.promise
    }
    const clients = await Promise.all(Array.from({ length: 6 }, () => it.open()))
    await eventually(() => asked === clients.length, 'the gate is asked about each')
    answer.resolve(allowedBy('test.fine', 'system'))
    const greetings = await Promise.all(clients.map((client) => client.reply([220, 421])))
    expect(greetings.filter(({ code }) => code === 220)).to.have.lengthOf(2)
  })

  it('beyond the sessions of one account the login is refused with a text that says so', async () => {
    await using it = await serve()
    it.backend.account('anna').now = { sessions: 1, download: [], upload: [] }
    const first = await it.login()
    const second = await it.connect()
    await second.say('USER anna', 331)
    expect((await second.say('PASS secret', [421, 530])).text).to.match(/login|account|user|session/i)
    await first.say('REIN', 220)
    await it.login()
  })

  it('beyond the sessions of one account from one address likewise', async () => {
    await using it = await serve()
    it.backend.account('anna').now = { sessionsPerHost: 1, download: [], upload: [] }
    await it.login()
    const second = await it.connect()
    await second.say('USER anna', 331)
    await second.say('PASS secret', [421, 530])
    await it.login('anna', 'secret', { localAddress: '127.0.0.2' })
  })

  it('can close the oldest idle session of the same login and host instead (ghosts of cameras)', async () => {
    await using it = await serve({ options: { limits: { replaceOldestIdle: true } } })
    it.backend.account('anna').now = { sessionsPerHost: 2, download: [], upload: [] }
    const [ghost, younger] = [await it.login(), await it.login()]
    await ghost.say('NOOP', 200)
    await younger.say('NOOP', 200)
    await it.login()
    await ghost.ended()
    expect((await it.event('session-closed')).reason).to.equal('replaced')
    await younger.say('NOOP', 200)
  })

  it('keep a part of the places for addresses that have none yet', async () => {
    await using it = await serve({ options: { limits: { sessions: 10, reserve: 0.2 } } })
    for (let number = 0; number < 8; number++) await it.login()
    await (await it.open()).reply(421)
    await it.login('anna', 'secret', { localAddress: '127.0.0.2' })
  })

  it('of the gate are answered before the greeting', async () => {
    await using it = await serve()
    it.backend.admits = () => refusedBy('access.deny', 'server', '127.0.0.1')
    const client = await it.open()
    const closed = await client.reply().catch((error: Error) => error)
    if (!(closed instanceof Error)) expect(closed.code).to.equal(421)
    await client.ended()
    expect((await it.event('connection-refused')).verdict.rule).to.equal('access.deny')
  })

  it('compare addresses of either spelling: ::ffff:127.0.0.1 is 127.0.0.1 (attacks 53)', async () => {
    await using it = await serve()
    await it.server.listen([{ address: '::', port: 0, implicitTls: false, domain: 'default' }])
    const seen: string[] = []
    it.backend.admits = ({ address }) => {
      seen.push(address)
      return refusedBy('access.deny', 'server')
    }
    const port = it.server.addresses().find(({ address }) => address === '::')?.port ?? 0
    await using client = await RawClient.open(port, { host: '127.0.0.1' })
    await client.ended()
    expect(seen).to.deep.equal(['127.0.0.1'])
  })
})

for (const transport of TRANSPORTS) {
  describe(`timeouts over ${transport}`, () => {
    it('end a connection that never logs in with 421', async () => {
      await using it = await serve({ transport, options: { timeouts: { login: 0.3 } } })
      const client = await it.connect()
      await client.reply(421)
      await client.ended()
      expect((await it.event('session-closed')).reason).to.equal('login-timeout')
    })

    it('end an idle session with 421, but never during a transfer', async () => {
      await using it = await serve({ transport, files, options: { timeouts: { idle: 0.4 } } })
      const client = await it.login()
      const data = await client.epsv()
      await client.say('RETR slow.bin', 150)
      // Longer than the idle time: a transfer that waits for the disk is no idle session.
      setTimeout(() => it.files.release(), 700)
      expect((await data.all()).length).to.equal(200_000)
      await client.reply(226)
      await client.reply(421)
      await client.ended()
      expect((await it.event('session-closed')).reason).to.equal('idle-timeout')
    })

    it('cut a transfer that stalls with 426, and the session goes on', async () => {
      await using it = await serve({ transport, files, options: { timeouts: { stall: 0.3 } } })
      const client = await it.login()
      const data = await client.epsv()
      await client.say('STOR stalled.bin', 150)
      await data.write('x')
      await client.reply([425, 426])
      await data.ended()
      await client.say('NOOP', 200)
    })
  })
}

describe('timeouts', () => {
  it('end a session at its whole length', async () => {
    await using it = await serve({ options: { timeouts: { session: 0.3 } } })
    const client = await it.login()
    await client.reply(421)
    expect((await it.event('session-closed')).reason).to.equal('session-timeout')
  })

  it('give whoever has logged out as much time to log in again', async () => {
    await using it = await serve({ options: { timeouts: { login: 1.2 } } })
    const begun = performance.now()
    const client = await it.login()
    await eventually(() => performance.now() - begun > 1300, 'more has passed than a login may take')
    await client.say('REIN', 220)
    await it.change({})
    await client.login()
    await client.say('REIN', 220)
    await it.change({ timeouts: { login: 0.1 } })
    await client.reply(421)
    expect((await it.event('session-closed')).reason).to.equal('login-timeout')
  })

  it('of the account are stronger than those of the server', async () => {
    await using it = await serve()
    it.backend.account('anna').now = { idleSeconds: 0.3, download: [], upload: [] }
    const client = await it.login()
    await client.reply(421)
    expect((await it.event('session-closed')).reason).to.equal('idle-timeout')
  })

  it('of the account that are over at the login already end the session behind it', async () => {
    await using it = await serve()
    it.backend.account('anna').now = { sessionSeconds: 0, download: [], upload: [] }
    const client = await it.connect()
    await client.say('USER anna', 331)
    await client.say('PASS secret', [421, 230])
    await client.ended()
    await it.event('session-closed')
    const kinds = it.events.map(({ kind }) => kind).filter((kind) => /^log|closed$/.test(kind))
    expect(kinds).to.deep.equal(['login', 'logout', 'session-closed'])
  })

  it('cut a download that nobody reads, while the memory stays flat (stalled readers)', async () => {
    const large = Buffer.alloc(24 << 20)
    await using it = await serve({ files: { 'large.bin': large }, options: { timeouts: { stall: 0.5 } } })
    const clients = await Promise.all(Array.from({ length: 8 }, () => it.login()))
    const before = process.memoryUsage().arrayBuffers
    for (const client of clients) {
      const { port } = await client.pasvTarget()
      const stalled = connect(port, '127.0.0.1').pause()
      stalled.on('error', () => undefined)
      await client.say('RETR large.bin', 150)
    }
    await (await it.login()).say('NOOP', 200)
    expect(process.memoryUsage().arrayBuffers - before).to.be.below(64 << 20)
    for (const client of clients) await client.reply([426, 425])
    await eventually(() => it.files.open === 0, 'the files are closed')
  })

  it('wait for a slow reader as long as is set, also more than 25 days', async () => {
    const tree = Object.fromEntries(Array.from({ length: 400 }, (_, at) => [`d/${'x'.repeat(100)}-${at}`, '']))
    await using it = await serve({ files: tree, options: { timeouts: { stall: 30 * 86_400 } } })
    const client = await it.login()
    client.socket.pause()
    client.send('STAT d\r\n'.repeat(200))
    let [before, still] = [-1, 0]
    const waits = () => {
      const said = it.all('reply').length
      still = said === before ? still + 1 : 0
      before = said
      return still > 25
    }
    await eventually(waits, 'the replies come to a halt')
    client.socket.resume()
    for (let reply = 0; reply < 200; reply++) await client.reply(213)
  })

  it('close a client that does not read its replies (back-pressure)', async () => {
    const tree = Object.fromEntries(Array.from({ length: 400 }, (_, at) => [`d/${'x'.repeat(100)}-${at}`, '']))
    await using it = await serve({ files: tree, options: { timeouts: { stall: 0.5 } } })
    const client = await it.login()
    client.socket.pause()
    const before = process.memoryUsage().arrayBuffers
    client.socket.on('error', () => undefined)
    for (let round = 0; round < 400; round++) client.send('STAT d\r\n'.repeat(10))
    const other = await it.login()
    await other.say('NOOP', 200)
    const closed = await capped(it.event('session-closed'), 'the end of the deaf client', undefined, 10_000)
    expect(closed.reason).to.equal('stalled')
    expect(process.memoryUsage().arrayBuffers - before).to.be.below(64 << 20)
  })
})
