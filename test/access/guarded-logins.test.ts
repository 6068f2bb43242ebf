/** Logins behind rules and counters: what is refused, counted, delayed and kept secret. */
import { expect } from 'chai'
import { GuardedLogins } from '../../module/access/guarded-logins.ts'
import type { Accounts, LoginRequest } from '../../module/ftp/backend.ts'
import { refusedBy } from '../../module/ftp/verdict.ts'
import { MemoryAccount } from '../memory-backend.ts'
import { MemoryFiles } from '../memory-files.ts'
import { lists, setUp as parts } from './set-up.ts'

const USERS = { anna: 'secret', contractor: 'drill' } as const
const OUTSIDE = '203.0.113.66'
const OFFICE = '192.0.2.10'

/** A directory that does not mind upper case, a contractor who may come from the office only, and what was asked of it. */
function setUp() {
  const access = parts({ policy: { groups: lists({ contractors: ['allow 192.0.2.0-24'] }) } })
  const asked: LoginRequest[] = []
  const waited: number[] = []
  const faults: unknown[] = []
  let held: Promise<void> | undefined
  const accounts = new Map(
    Object.entries(USERS).map(([name, password]) => [name, new MemoryAccount(name, password, new MemoryFiles())]),
  )
  const guest = new MemoryAccount('anonymous', undefined, new MemoryFiles())
  const logins: Accounts = {
    login: async (request) => {
      asked.push(request)
      await held
      // The directory takes longest for a right password: it looks for the home, too.
      if (request.password === USERS.anna) await new Promise(setImmediate)
      if (request.user === 'anonymous') return { account: guest }
      if (request.user === 'unanswered') return { refused: refusedBy('login.unavailable', 'system') }
      const account = accounts.get(request.user.toLowerCase())
      return account?.password === request.password ? { account } : { refused: refusedBy('login.password', 'user') }
    },
  }
  const guarded = new GuardedLogins({
    logins,
    gate: access.gate,
    hammering: access.hammering,
    identify: async (typed) => {
      if (typed === 'faulty') throw new Error('the directory is away')
      const name = typed.toLowerCase()
      return name in USERS ? { name, groups: name === 'contractor' ? ['contractors'] : [] } : undefined
    },
    fault: (error) => faults.push(error),
    wait: async (milliseconds) => void waited.push(milliseconds),
  })
  const login = (user: string, password: string, address = OUTSIDE) => {
    const client = { id: '1', address, port: 1, localAddress: '192.0.2.254', localPort: 21, since: 0 }
    return guarded.login({ client, domain: 'default', user, password, secure: false })
  }
  /** Lets passwords wait until what is answered is called. */
  const hold = () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    held = promise
    return resolve
  }
  return { ...access, asked, waited, faults, guest, hold, login }
}

describe('a guarded login', () => {
  it('admits who passes every level', async () => {
    const { login, waited } = setUp()
    expect(await login('contractor', 'drill', OFFICE)).to.have.property('account')
    expect(await login('anna', 'secret')).to.have.property('account')
    expect(waited).to.deep.equal([])
  })

  it('stops an attacker who tries which passwords are right from where the account may not come in', async () => {
    const { login, asked, waited } = setUp()
    const right = await login('contractor', 'drill')
    expect(right).to.deep.equal({
      refused: { allowed: false, rule: 'access.unlisted', level: 'group', detail: 'group contractors' },
    })
    // The directory was asked all the same, so that it takes as long, but never with the password itself.
    expect(asked).to.have.lengthOf(1)
    expect(asked[0]?.password).not.to.equal('drill')
    await login('contractor', 'wrong')
    await login('nobody', 'wrong')
    expect(waited).to.deep.equal([100, 200, 400])
  })

  it('stops a user who types his name in other letters to slip past the rules of his account', async () => {
    const { login } = setUp()
    expect(await login('CONTRACTOR', 'drill')).to.have.nested.property('refused.level', 'group')
  })

  it('bans after six failures, also for the connections that are open already', async () => {
    const { login, open, asked } = setUp()
    for (let guess = 0; guess < 6; guess++) await login('anna', `guess ${guess}`)
    expect(open(OUTSIDE)).to.be.false
    expect(await login('anna', 'secret')).to.have.nested.property('refused.rule', 'access.hammering')
    expect(asked.at(-1)?.password).not.to.equal('secret')
    expect(await login('anna', 'secret', OFFICE)).to.have.property('account')
  })

  it('stops guesses made side by side: a right one that was on its way when the ban came', async () => {
    const { login, hold } = setUp()
    const release = hold()
    const wrong = Array.from({ length: 6 }, (_, guess) => login('anna', `guess ${guess}`))
    const right = login('anna', 'secret')
    release()
    await Promise.all(wrong)
    expect(await right).to.have.nested.property('refused.rule', 'access.hammering')
  })

  it('stops guesses with guest logins in between (CVE-2000-1033)', async () => {
    const { login, open } = setUp()
    for (let guess = 0; guess < 6; guess++) {
      await login('anna', `guess ${guess}`)
      await login('anonymous', 'me@example.com')
    }
    expect(open(OUTSIDE)).to.be.false
  })

  it('forgives typing errors under any spelling of the name', async () => {
    const { login, hammering } = setUp()
    await login('Anna', 'secrte')
    await login('anna', 'secret')
    expect(hammering.count(OUTSIDE)).to.equal(0)
  })

  it('lets no guest account stay open that was refused', async () => {
    const { login, bans, guest } = setUp()
    bans.banMask({ mask: OUTSIDE, minutes: 1, by: 'admin' })
    expect(await login('anonymous', 'x')).to.have.nested.property('refused.rule', 'access.ban')
    expect(guest.released).to.equal(1)
  })

  it('refuses while the directory is away', async () => {
    const { login, faults, asked } = setUp()
    expect(await login('faulty', 'x')).to.have.nested.property('refused.rule', 'login.unavailable')
    expect(asked).to.deep.equal([])
    expect(faults).to.have.lengthOf(1)
  })

  it('counts nothing while the directory does not answer: whoever has the right password must not be banned', async () => {
    const { login, hammering, waited } = setUp()
    for (let round = 0; round < 20; round++) {
      expect(await login('unanswered', 'right')).to.have.nested.property('refused.rule', 'login.unavailable')
    }
    expect(hammering.count(OUTSIDE)).to.equal(0)
    expect(waited).to.deep.equal([])
    expect(await login('anna', 'secret')).to.have.property('account')
  })
})
