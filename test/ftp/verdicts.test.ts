/** Nothing refuses without a verdict: every negative reply says which rule decided, at which level, with which value. */
import { expect } from 'chai'
import { commandTable } from '../../module/ftp/commands/table.ts'
import { serve } from '../serve.ts'

/** Arguments that are wrong for most commands, each in its own way. */
const ARGUMENTS = [
  '',
  ' x',
  ' /missing',
  ' ../..',
  ' 1,2,3',
  ' 99999999999999999999',
  ' 20200101000000 /missing',
  ' 5 2',
]
/** They would end the session, or wait for somebody. */
const LEFT_OUT: ReadonlySet<string> = new Set(['QUIT', 'REIN', 'USER', 'PASS', 'AUTH', 'HOST'])

describe('verdicts', () => {
  it('come with every negative reply, before the login and after it', async function () {
    this.timeout(60_000)
    await using it = await serve({ options: { login: { attempts: 1000, failureDelay: 0 } } })
    for (const login of [false, true]) {
      const client = await it.connect()
      if (login) await client.login()
      for (const verb of commandTable.keys()) {
        if (LEFT_OUT.has(verb)) continue
        for (const argument of ARGUMENTS) await client.say(verb + argument)
      }
      for (const line of [
        'SMNT',
        'SITE NONE',
        'OPTS NONE',
        'PASS x',
        'AUTH GSSAPI',
        'HOST ..',
        'HOST elsewhere',
        'NONE',
      ])
        await client.say(line)
    }
    const negative = it.all('reply').filter(({ code }) => code >= 400)
    expect(negative.length).to.be.greaterThan(300)
    const without = negative.filter(({ verdict }) => verdict?.allowed !== false || verdict.rule === '')
    expect(without.map(({ code, lines }) => `${code} ${lines[0]}`)).to.deep.equal([])
    // Nobody is left with a rule that says nothing.
    expect(negative.filter(({ verdict }) => verdict?.rule === 'command.refused')).to.deep.equal([])
  })

  it('name the time that was over when a session is closed', async () => {
    await using it = await serve({ options: { timeouts: { login: 0.05 } } })
    const client = await it.connect()
    await client.ended()
    const { verdict } = await it.event('session-closed')
    expect(verdict).to.deep.equal({ allowed: false, rule: 'limit.loginSeconds', level: 'server', detail: '0.05' })
  })

  it('name what shut out who may not stay', async () => {
    await using it = await serve()
    const client = await it.connect()
    client.send('GET / HTTP/1.1\r\n')
    await client.reply(421)
    expect((await it.event('reply', ({ code }) => code === 421)).verdict?.rule).to.equal('command.flood')
  })
})
