/** The embedded shell's users: who they are, and how their passwords are checked. */
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { hashPassword, parseHash } from '../../module/shells/embedded/password-hash.ts'
import { UserStore } from '../../module/shells/embedded/user-store.ts'
import { WaitingRoom, WaitingRoomFull } from '../../module/shells/embedded/waiting-room.ts'
import { rejection } from '../rejection.ts'

const origin = { address: '192.0.2.1', service: 'ftp' } as const
const anna = { name: 'anna', password: 'correct horse', groups: ['staff'], enabled: true }

/** Milliseconds a check takes, the quickest of a few: what an attacker would look at. */
const quickest = async (check: () => Promise<unknown>) => {
  const times: number[] = []
  for (let round = 0; round < 4; round += 1) {
    const start = performance.now()
    await check()
    times.push(performance.now() - start)
  }
  return Math.min(...times)
}

describe('the users of the embedded shell', () => {
  let folder: string
  let users: UserStore
  let changes: number
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'users-'))
    changes = 0
    users = await UserStore.open(folder, () => (changes += 1))
    await users.put([anna])
  })
  afterEach(() => rm(folder, { recursive: true }))

  const verify = (name: string, password: string) => users.verify(name, password, origin)

  it('are known by name and password, also after a restart', async () => {
    expect(await verify('anna', 'correct horse')).to.deep.equal({ name: 'anna', groups: ['staff'], enabled: true })
    const again = await UserStore.open(folder, () => {})
    expect(await again.verify('anna', 'correct horse', origin)).to.have.property('name', 'anna')
    expect(await again.groups()).to.deep.equal([{ name: 'staff' }])
    expect(changes).to.equal(1)
  })

  it('are not known by a wrong, empty or over-long password, nor by another name', async () => {
    for (const password of ['Correct horse', '', 'correct horse ', 'x'.repeat(2000)]) {
      expect(await verify('anna', password)).to.equal(undefined)
    }
    expect(await verify('Anna', 'correct horse')).to.equal(undefined)
    expect(await verify('__proto__', 'correct horse')).to.equal(undefined)
  })

  it('lie in a file for the owner alone, without passwords in it', async () => {
    expect((await stat(join(folder, 'users.json'))).mode & 0o777).to.equal(0o600)
    const text = await readFile(join(folder, 'users.json'), 'utf8')
    expect(text).to.not.include('correct horse')
    expect(text).to.match(/\$scrypt\$ln=14,r=8,p=1\$/)
  })

  it('have salts of their own: equal passwords give different hashes', async () => {
    expect(await hashPassword('same')).to.not.equal(await hashPassword('same'))
  })

  it('are cheap to check a second time', async () => {
    await verify('anna', 'correct horse')
    expect(await quickest(() => verify('anna', 'correct horse'))).to.be.below(5)
  })

  it('take the same time when unknown, disabled or with a wrong password (user enumeration)', async () => {
    await users.put([{ ...anna, name: 'bert' }])
    await verify('bert', 'correct horse')
    await users.enable('bert', false)
    const wrong = await quickest(() => verify('anna', 'wrong'))
    const unknown = await quickest(() => verify('nobody', 'wrong'))
    const disabled = await quickest(() => verify('bert', 'correct horse'))
    const long = await quickest(() => verify('anna', 'x'.repeat(5000)))
    for (const time of [unknown, disabled, long]) expect(time).to.be.within(wrong / 3, wrong * 3)
    expect(wrong).to.be.above(5)
  })

  it('are not let in by what was remembered before a change', async () => {
    await verify('anna', 'correct horse')
    await users.put([{ ...anna, password: 'battery staple' }])
    expect(await verify('anna', 'correct horse')).to.equal(undefined)
    expect(await verify('anna', 'battery staple')).to.have.property('name', 'anna')
    await users.enable('anna', false)
    expect(await verify('anna', 'battery staple')).to.equal(undefined)
    await users.remove('anna')
    expect(await verify('anna', 'battery staple')).to.equal(undefined)
    expect(await users.list()).to.deep.equal([])
  })

  it('are not let in by a check that was running while they were removed', async () => {
    const running = verify('anna', 'correct horse')
    await users.remove('anna')
    expect(await running).to.equal(undefined)
  })

  it('are all checked when many connections of one come at once, for the price of one', async () => {
    const answers = await Promise.all(Array.from({ length: 500 }, () => verify('anna', 'correct horse')))
    expect(answers.every((user) => user?.name === 'anna')).to.equal(true)
  })

  it('turn checks away when too many different ones wait (password flood)', async () => {
    const checks = Array.from({ length: 200 }, (_, number) => verify('anna', `guess ${number}`))
    const results = await Promise.allSettled(checks)
    const refused = results.filter((result) => result.status === 'rejected')
    expect(refused.length).to.be.within(100, 140)
    expect(refused[0]).to.have.property('reason').instanceOf(WaitingRoomFull)
    expect(await verify('anna', 'correct horse')).to.have.property('name', 'anna')
  })

  it('do not block the event loop while passwords are checked', async () => {
    let turns = 0
    const ticking = setInterval(() => (turns += 1), 1)
    await Promise.all([verify('anna', 'one'), verify('anna', 'two'), verify('anna', 'three')])
    clearInterval(ticking)
    expect(turns).to.be.above(5)
  })

  it('cannot have names that lead out of a folder or look like others', async () => {
    for (const name of ['../etc', 'a\u0000', 'ftp', 'anonymous', 'a\u202eb']) {
      expect(await rejection(users.put([{ ...anna, name }])), name).to.be.instanceOf(Error)
    }
    expect(await users.list()).to.have.length(1)
  })
})

describe('a stored hash', () => {
  it('is refused when computing it would exhaust the memory', () => {
    const tail = `$${'A'.repeat(22)}$${'A'.repeat(43)}`
    expect(parseHash(`$scrypt$ln=14,r=8,p=1${tail}`)).to.not.equal(undefined)
    for (const cost of ['ln=30,r=8,p=1', 'ln=14,r=99,p=99', 'ln=0,r=8,p=1', 'ln=14,r=0,p=1']) {
      expect(parseHash(`$scrypt$${cost}${tail}`), cost).to.equal(undefined)
    }
  })
})

describe('a waiting room', () => {
  it('lets so many work, so many wait, and passes a place on when work fails', async () => {
    const room = new WaitingRoom(1, 1)
    const gate = Promise.withResolvers<void>()
    const first = room.run(() => gate.promise)
    const second = room.run(async () => 'second')
    expect(await rejection(room.run(async () => 'third'))).to.be.instanceOf(WaitingRoomFull)
    gate.reject(new Error('failed'))
    expect(await rejection(first)).to.have.property('message', 'failed')
    expect(await second).to.equal('second')
    expect(await room.run(async () => 'later')).to.equal('later')
  })
})
