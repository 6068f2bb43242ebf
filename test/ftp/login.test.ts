/** USER, PASS, ACCT, REIN, QUIT and what may be said before the login (RFC 959 section 4.1.1, RFC 2577). */
import { expect } from 'chai'
import { refusedBy } from '../../module/ftp/verdict.ts'
import { MemoryAccount } from '../memory-backend.ts'
import type { MemoryFiles } from '../memory-files.ts'
import { capped, eventually } from '../cap.ts'
import { serve } from '../serve.ts'
import { TRANSPORTS } from '../transport.ts'

for (const transport of TRANSPORTS) {
  describe(`the login over ${transport}`, () => {
    it('tells the account store whether the password came protected', async () => {
      await using it = await serve({ transport })
      await it.login()
      expect(it.backend.logins.map(({ user, secure }) => [user, secure])).to.deep.equal([
        ['anna', transport !== 'plain'],
      ])
    })
  })
}

describe('the login', () => {
  it('asks for a password whoever is named', async () => {
    await using it = await serve()
    const client = await it.connect()
    const texts = []
    for (const user of ['anna', 'nobody', 'root', '__proto__', 'anna']) {
      texts.push((await client.say(`USER ${user}`, 331)).text.replace(user, '…'))
    }
    expect(new Set(texts).size).to.equal(1)
  })

  it('refuses a wrong password with 530 and forgets the name', async () => {
    await using it = await serve()
    const client = await it.connect()
    await client.say('USER anna', 331)
    await client.say('PASS wrong', 530)
    await client.say('PASS secret', 503)
    await client.login()
    expect((await it.event('login-failed')).verdict.rule).to.equal('login.password')
  })

  it('answers an unknown user exactly as a wrong password', async () => {
    await using it = await serve()
    const client = await it.connect()
    await client.say('USER nobody', 331)
    const unknown = await client.say('PASS x', 530)
    await client.say('USER anna', 331)
    expect((await client.say('PASS x', 530)).text).to.equal(unknown.text)
  })

  it('takes an empty password as a wrong one and spaces as part of it', async () => {
    const options = { login: { attempts: 10 } }
    await using it = await serve({ options, accounts: withBob })
    const client = await it.connect()
    for (const line of ['PASS', 'PASS ', 'PASS two  words', 'PASS  two  words']) {
      await client.say('USER bob', 331)
      await client.say(line, [530, 501])
    }
    await client.say('USER bob', 331)
    await client.say('PASS  two  words ', 230)
  })

  it('wants USER before PASS', async () => {
    await using it = await serve()
    const client = await it.connect()
    await client.say('PASS secret', 503)
  })

  it('closes the connection with 421 after the third failure', async () => {
    await using it = await serve()
    const client = await it.connect()
    for (const code of [530, 530, 421]) {
      await client.say('USER anna', 331)
      await client.say('PASS wrong', code)
    }
    await client.ended()
    expect((await it.event('session-closed')).reason).to.equal('login-failures')
  })

  it('delays the answer to a failure, longer each time', async () => {
    await using it = await serve({ options: { login: { failureDelay: 40, attempts: 5 } } })
    const client = await it.connect()
    const took = []
    for (let attempt = 0; attempt < 3; attempt++) {
      await client.say('USER anna', 331)
      const begun = performance.now()
      await client.say('PASS wrong', 530)
      took.push(performance.now() - begun)
    }
    expect(took[0]).to.be.at.least(35)
    expect(took[1]).to.be.at.least(75)
    expect(took[2]).to.be.at.least(155)
  })

  it('lets a guest in with any password', async () => {
    await using it = await serve()
    const client = await it.connect()
    await client.login('anonymous', 'me@example.com')
    expect((await it.event('login')).guest).to.be.true
  })

  it('admits nothing but the harmless commands before it', async () => {
    await using it = await serve({ files: { 'a.txt': 'x' } })
    const client = await it.connect()
    const closed =
      'RETR a.txt,STOR b,STOU,APPE a.txt,REST 1,ALLO 1,CWD /,CDUP,PWD,MKD d,RMD d,DELE a.txt,RNFR a.txt,RNTO b'
    const more =
      'SIZE a.txt,MDTM a.txt,MFMT 20200101000000 a.txt,LIST,NLST,MLSD,MLST,STAT /,HASH a.txt,XCRC a.txt,PASV,EPSV'
    const rest = 'AVBL,SITE CHMOD 644 a.txt,SITE UTIME a.txt,XPWD'.split(',')
    for (const line of [...`${closed},${more}`.split(','), ...rest, 'PORT 127,0,0,1,9,9', 'EPRT |1|127.0.0.1|2313|']) {
      expect((await client.say(line)).code, line).to.equal(530)
    }
    for (const [line, code] of [
      ['FEAT', 211],
      ['SYST', 215],
      ['HELP', 214],
      ['NOOP', 200],
      ['STAT', 211],
      ['OPTS UTF8 ON', 200],
      ['CLNT test', 200],
      ['LANG', 200],
      ['REIN', 220],
    ] as const) {
      await client.say(line, code)
    }
    expect(it.files.content('a.txt')?.toString()).to.equal('x')
  })

  it('is not done by USER alone', async () => {
    await using it = await serve()
    const client = await it.connect()
    await client.say('USER anna', 331)
    await client.say('PWD', 530)
  })

  it('is flushed by a new USER: after a failed new PASS the old rights are gone', async () => {
    await using it = await serve()
    const client = await it.login()
    const { code } = await client.say('USER bob')
    if (code === 331) {
      await client.say('PASS wrong', 530)
      await client.say('PWD', 530)
    } else {
      await client.say('PWD', 257)
    }
  })

  it('answers ACCT without effect', async () => {
    await using it = await serve()
    const client = await it.login()
    await client.say('ACCT payroll', [202, 502, 503])
    await client.say('PWD', 257)
  })

  it('is undone by REIN with all parameters', async () => {
    await using it = await serve({ files: { 'd/a.txt': 'a\nb' } })
    const client = await it.login()
    await client.say('CWD d', 250)
    await client.say('REST 1', 350)
    await client.say('REIN', 220)
    await client.say('PWD', 530)
    await client.login()
    await client.say('PWD', /"\/"/)
    expect(String(await client.retrieve('RETR d/a.txt'))).to.equal('a\r\nb')
    expect(it.backend.account('anna').released).to.equal(1)
  })

  it('ends at the next command when the account is disabled meanwhile', async () => {
    await using it = await serve()
    const client = await it.login()
    await client.say('PWD', 257)
    it.backend.account('anna').verdict = refusedBy('account.disabled', 'user')
    await client.say('PWD', [421, 530])
    await client.ended()
    expect((await it.event('session-closed')).reason).to.equal('account')
  })

  it('answers 451 when the account store breaks, tells the observers and stays usable', async () => {
    await using it = await serve()
    const client = await it.connect()
    await client.say('USER faulty', 331)
    expect((await client.say('PASS x', 451)).text).to.not.include('secret')
    expect(it.takeFaults()).to.have.lengthOf(1)
    await client.login()
  })

  it('releases the account once at the end of the session', async () => {
    await using it = await serve()
    const client = await it.login()
    await client.say('QUIT', 221)
    await it.event('session-closed')
    expect(it.backend.account('anna').released).to.equal(1)
  })

  it('takes no place of the account for a client that has gone while its password was looked at', async () => {
    await using it = await serve()
    const account = it.backend.account('anna')
    account.now = { ...account.now, sessions: 1 }
    const looking = Promise.withResolvers<void>()
    const asked = Promise.withResolvers<void>()
    const login = it.backend.login.bind(it.backend)
    it.backend.login = async (request) => {
      asked.resolve()
      await looking.promise
      return login(request)
    }
    const client = await it.connect()
    await client.say('USER anna', 331)
    client.send('PASS secret\r\n')
    await capped(asked.promise, 'the look at the password')
    client.socket.destroy()
    await it.event('session-closed')
    looking.resolve()
    await eventually(() => account.released === 1, 'the account is released')
    await it.login()
    expect(it.all('login')).to.have.lengthOf(1)
  })
})

function withBob(files: MemoryFiles): MemoryAccount[] {
  return [new MemoryAccount('bob', ' two  words ', files)]
}
