/** Attacks on resources and credentials (spec: attacks section 5). */
import { connect, type Socket } from 'node:net'
import { expect } from 'chai'
import { eventually } from '../cap.ts'
import { serve } from '../serve.ts'

describe('attacks on resources', () => {
  it('leave room for a fresh login: half-open sessions of one address (CVE-2021-30047)', async () => {
    await using it = await serve({ options: { limits: { sessions: 100, reserve: 0.1 } } })
    const sockets = await open(it.port, 300, '127.0.0.5')
    await quickly(async () => {
      await it.login('anna', 'secret', { localAddress: '127.0.0.9' })
    })
    for (const socket of sockets) socket.destroy()
  })

  it('leave room for a fresh login: half-open sessions of many addresses', async () => {
    await using it = await serve({ options: { limits: { sessions: 100, reserve: 0.1 }, timeouts: { login: 1 } } })
    const sockets: Socket[] = []
    for (let host = 1; host <= 60; host++) sockets.push(...(await open(it.port, 5, `127.0.1.${host}`)))
    await eventually(() => it.all('session-closed').length > 0, 'the login timeout makes room')
    await quickly(async () => {
      await it.login('anna', 'secret', { localAddress: '127.0.0.9' })
    })
    for (const socket of sockets) socket.destroy()
  })

  it('do not hold it up: a thousand connections that are reset at once', async () => {
    await using it = await serve()
    for (let round = 0; round < 10; round++) for (const socket of await open(it.port, 100)) socket.resetAndDestroy()
    await quickly(async () => {
      await it.login()
    })
    await eventually(() => it.server.sessions().length === 1, 'the dead are gone')
  })

  it('do not hold it up: slow dribblers', async () => {
    await using it = await serve({ options: { limits: { sessions: 1000 } } })
    const sockets = await open(it.port, 50)
    for (let round = 0; round < 5; round++) for (const socket of sockets) socket.write('N')
    await quickly(async () => {
      await it.login()
    })
    for (const socket of sockets) socket.destroy()
  })

  it('do not pile up: sockets and sessions after 300 of them, transfers included', async function () {
    this.timeout(40_000)
    await using it = await serve({ files: { 'a.bin': Buffer.alloc(20_000) } })
    const round = async () => {
      const client = await it.login()
      await client.retrieve('RETR a.bin')
      await client.say('EPSV', 229)
      if (Math.random() < 0.5) await client.say('QUIT', 221)
      client.socket.destroy()
    }
    for (let count = 0; count < 100; count++) await round()
    await eventually(() => it.server.sessions().length === 0, 'no session is left')
    const before = handles()
    for (let count = 0; count < 200; count++) await round()
    await eventually(() => it.server.sessions().length === 0, 'no session is left')
    await eventually(() => handles() <= before + 5, 'no handle is left over')
    expect(it.files.open).to.equal(0)
  })
})

describe('attacks on credentials', () => {
  it('are cut off on each connection (brute force)', async () => {
    await using it = await serve()
    for (let round = 0; round < 5; round++) {
      const client = await it.connect()
      for (const code of [530, 530, 421]) {
        await client.say('USER anna', 331)
        await client.say(`PASS guess-${round}`, code)
      }
      await client.ended()
    }
    expect(it.all('login-failed').length).to.equal(15)
  })

  it('cannot log in by racing: commands behind a failing login, USER A and PASS of B', async () => {
    await using it = await serve({ files: { 'a.txt': 'x' } })
    const client = await it.connect()
    client.send('USER anna\r\nPASS wrong\r\nDELE a.txt\r\nPWD\r\nUSER nobody\r\nPASS secret\r\nPWD\r\n')
    for (const code of [331, 530, 530, 530, 331, 530, 530]) await client.reply(code)
    expect(it.files.exists('a.txt')).to.be.true
  })

  it('cannot make the server work on passwords of any length (password-hash flood)', async () => {
    await using it = await serve({ options: { login: { attempts: 10 } } })
    const client = await it.connect()
    await client.say('USER anna', 331)
    const { code } = await client.say(`PASS ${'x'.repeat(7000)}`)
    expect(code).to.be.oneOf([501, 530])
    expect(it.backend.logins.every(({ password }) => password.length <= 1024)).to.be.true
    expect((await client.say(`USER ${'y'.repeat(5000)}`)).code).to.be.oneOf([331, 501, 530])
    await client.login()
  })

  it('find no anonymous door when no account answers to it', async () => {
    await using it = await serve({ options: { login: { attempts: 20 } } })
    const client = await it.connect()
    for (const [user, password] of [
      ['ftp', 'x@y'],
      ['root', 'root'],
      ['admin', 'admin'],
      ['crushadmin', 'crushadmin'],
      ['anna', ''],
      ['', ''],
    ]) {
      const { code } = await client.say(`USER ${user}`)
      if (code === 331) await client.say(`PASS ${password}`, [530, 501])
      else expect(code).to.equal(501)
    }
  })

  it('learn nothing from the order of refusals: a wrong password while the account is full', async () => {
    await using it = await serve({ options: { login: { attempts: 20 } } })
    it.backend.account('anna').now = { sessions: 1, download: [], upload: [] }
    await it.login()
    const client = await it.connect()
    await client.say('USER anna', 331)
    const full = await client.say('PASS wrong', 530)
    await client.say('USER nobody', 331)
    expect((await client.say('PASS wrong', 530)).text).to.equal(full.text)
  })
})

async function open(port: number, count: number, localAddress = '127.0.0.1'): Promise<Socket[]> {
  const sockets = Array.from({ length: count }, () => connect({ port, host: '127.0.0.1', localAddress }))
  await Promise.all(
    sockets.map((socket) => {
      socket.on('error', () => undefined).resume()
      return new Promise((resolve) => socket.once('connect', resolve).once('close', resolve))
    }),
  )
  return sockets
}

/** A newcomer must not wait longer than two seconds. */
async function quickly(work: () => Promise<void>): Promise<void> {
  const begun = performance.now()
  await work()
  expect(performance.now() - begun).to.be.below(2000)
}

/** Sockets that are alive in this process. */
function handles(): number {
  return process.getActiveResourcesInfo().filter((name) => name.startsWith('TCP')).length
}
