/** Who may log in, and who loses that while logged in. */
import { expect } from 'chai'
import { Logins } from '../../module/access/login.ts'
import type { LoginVisitor } from '../../module/access/live-account.ts'
import type { Account, LoginAnswer } from '../../module/ftp/backend.ts'
import { checked } from '../../module/settings/problems.ts'
import { settings } from '../../module/settings/schema.ts'
import type { Directory, DirectoryUser } from '../../module/shell.ts'
import { MemoryFiles } from '../memory-files.ts'

/** A shell's users, which count the passwords they are asked to check. */
class FakeDirectory implements Directory {
  readonly users = new Map<string, DirectoryUser & { password: string }>()
  readonly checkedPasswords: string[] = []
  failure: Error | undefined

  add(name: string, groups: readonly string[] = [], enabled = true): void {
    this.users.set(name, { name, groups, enabled, password: `${name}'s` })
  }

  async list() {
    return [...this.users.values()]
  }

  async groups() {
    return []
  }

  async find(name: string) {
    if (this.failure) throw this.failure
    return this.users.get(name)
  }

  async verify(name: string, password: string) {
    this.checkedPasswords.push(password)
    const user = this.users.get(name)
    return user?.enabled && user.password === password ? user : undefined
  }
}

const LAN = '192.168.1.5'
const OUTSIDE = '203.0.113.5'

describe('a login', () => {
  let directory: FakeDirectory
  let policy: ReturnType<typeof checked<typeof settings>>
  let guestsFromLan: boolean
  let faults: unknown[]
  let visitor: () => LoginVisitor
  let logins: Logins
  beforeEach(() => {
    directory = new FakeDirectory()
    directory.add('anna', ['staff'])
    policy = checked(settings, {})
    guestsFromLan = false
    faults = []
    logins = new Logins({
      directory,
      policy: () => policy,
      lan: (address) => address === LAN,
      filesFor: (asked) => {
        visitor = asked
        return new MemoryFiles({})
      },
      guestsAllowed: (_address, lan) => guestsFromLan && lan,
      fault: (error) => faults.push(error),
    })
  })

  const login = (user: string, password = `${user}'s`, address = LAN): Promise<LoginAnswer> => {
    const client = { id: '1', address, port: 1, localAddress: LAN, localPort: 21, since: 0 }
    return logins.login({ client, domain: 'default', user, password, secure: false })
  }
  const account = async (...request: Parameters<typeof login>): Promise<Account> => {
    const answer = await login(...request)
    if ('refused' in answer) throw new Error(`refused by ${answer.refused.rule}`)
    return answer.account
  }
  const refusedBy = async (...request: Parameters<typeof login>) => {
    const answer = await login(...request)
    return 'refused' in answer ? answer.refused.rule : 'nothing'
  }
  const accounts = (entries: object) => (policy = checked(settings, { accounts: entries }))

  it('succeeds with the right password', async () => {
    const anna = await account('anna')
    expect(anna.name).to.equal('anna')
    expect(anna.guest).to.equal(false)
    expect(anna.standing().allowed).to.equal(true)
    expect(visitor()).to.deep.equal({ name: 'anna', groups: ['staff'], guest: false, address: LAN, lan: true })
  })

  it('fails with a wrong one, for an unknown name, and for a disabled user', async () => {
    directory.add('bert', [], false)
    expect(await refusedBy('anna', 'wrong')).to.equal('login.password')
    expect(await refusedBy('nobody', 'wrong')).to.equal('login.unknown')
    expect(await refusedBy('bert')).to.equal('login.disabled')
  })

  it('fails where FTP is not allowed, until a time, or from outside the LAN', async () => {
    accounts({ users: { anna: { ftp: false } } })
    expect(await refusedBy('anna')).to.equal('login.ftp')
    accounts({ groups: { staff: { disabledUntil: '2999-01-01T00:00:00Z' } } })
    expect(await refusedBy('anna')).to.equal('login.disabled-until')
    accounts({ users: { anna: { fromOutside: false } } })
    expect(await refusedBy('anna', undefined, OUTSIDE)).to.equal('login.from-outside')
    expect(await refusedBy('anna')).to.equal('nothing')
  })

  it('checks exactly one password whatever the reason, and never the right one in vain (timing)', async () => {
    accounts({ users: { anna: { ftp: false } } })
    for (const name of ['anna', 'nobody']) {
      directory.checkedPasswords.length = 0
      await login(name)
      expect(directory.checkedPasswords, name).to.have.length(1)
    }
    await login('anna')
    expect(directory.checkedPasswords).to.not.include("anna's")
  })

  it('is refused, not broken, while the directory cannot be reached', async () => {
    directory.failure = new Error('no answer')
    expect(await refusedBy('anna')).to.equal('login.unavailable')
    expect(faults).to.deep.equal([directory.failure])
  })

  it('of a guest needs a resource that lets guests of this address in', async () => {
    expect(await refusedBy('anonymous', 'a@b')).to.equal('login.guest')
    guestsFromLan = true
    const guest = await account('FTP', 'a@b')
    expect(guest.guest).to.equal(true)
    expect(guest.name).to.equal('anonymous')
    expect(await refusedBy('anonymous', 'a@b', OUTSIDE)).to.equal('login.guest')
    expect(directory.checkedPasswords).to.deep.equal([])
    guestsFromLan = false
    expect(guest.standing().allowed).to.equal(false)
  })

  it('ends when the user is disabled, deleted, or may not use FTP any more', async () => {
    const anna = await account('anna')
    accounts({ users: { anna: { ftp: false } } })
    expect(anna.standing()).to.include({ allowed: false, rule: 'login.ftp', level: 'user' })
    accounts({})
    directory.add('anna', ['staff'], false)
    await logins.refresh()
    expect(anna.standing()).to.include({ allowed: false, rule: 'login.disabled' })
    directory.users.delete('anna')
    await logins.refresh()
    expect(anna.standing()).to.include({ allowed: false, rule: 'login.deleted' })
    expect(visitor().groups).to.deep.equal([])
  })

  it('follows the groups of the user while it lasts', async () => {
    const anna = await account('anna')
    accounts({ groups: { bosses: { limits: { sessions: 7, quotaBytes: 100 } } } })
    directory.add('anna', ['bosses'])
    await logins.refresh()
    expect(visitor()).to.deep.include({ groups: ['bosses'], quotaBytes: 100 })
    expect(anna.limits().sessions).to.equal(7)
  })

  it('lasts while the directory is away for a moment', async () => {
    const anna = await account('anna')
    directory.failure = new Error('no answer')
    await logins.refresh()
    expect(anna.standing().allowed).to.equal(true)
  })

  it('is forgotten with the last session, however often it is released', async () => {
    const [one, other] = [await account('anna'), await account('anna')]
    one.release?.()
    one.release?.()
    directory.users.delete('anna')
    await logins.refresh()
    expect(other.standing().allowed).to.equal(false)
    other.release?.()
  })

  it('begins in the folder that the user names, else a group, else at the top', async () => {
    expect(await account('anna')).to.include({ home: '/' })
    accounts({ groups: { staff: { startFolder: '/Scans' } } })
    expect(await account('anna')).to.include({ home: '/Scans' })
    accounts({ groups: { staff: { startFolder: '/Scans' } }, users: { anna: { startFolder: '/Scans/anna' } } })
    expect(await account('anna')).to.include({ home: '/Scans/anna' })
    for (const startFolder of ['Scans', '/Scans/', '/../etc', '/a//b', '/a\r\nb']) {
      expect(() => accounts({ users: { anna: { startFolder } } }), startFolder).to.throw('path as clients see it')
    }
  })
})
