/** Rules of accounts at the login, and what becomes of live sessions when a change shuts somebody out. */
import { expect } from 'chai'
import { RawClient } from '../raw-client.ts'
import { mounted } from '../web/mounted.ts'
import type { Mounted } from '../web/mounted.ts'

const PRESET = {
  users: [
    { name: 'anna', password: 'secret', groups: ['staff'] },
    { name: 'boris', password: 'secret' },
  ],
  settings: {
    logins: { failureDelaySeconds: 0, attempts: 100 },
    access: { hammering: { enabled: false } },
  },
  resources: [{ name: 'Files', folder: 'files', rights: [{ group: 'staff', level: 'readWrite' }] }],
}
const DENY = [{ action: 'deny', mask: '127.0.0.1' }]
const OTHERS = [{ action: 'allow', mask: '192.0.2.1' }]

/** What a login answers, and after how many milliseconds. */
async function attempt(it: Mounted, user: string, password: string) {
  await using client = await RawClient.connect(it.port)
  const greeted = await client.say(`USER ${user}`)
  const before = performance.now()
  const answer = await client.say(`PASS ${password}`)
  return { user: greeted.text, text: answer.text, code: answer.code, took: performance.now() - before }
}

const middle = (times: readonly number[]) => times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0

describe('the rules of a user or a group', () => {
  for (const [whose, accounts] of [
    ['user', { users: { anna: { access: { rules: DENY } } } }],
    ['group', { groups: { staff: { access: { rules: OTHERS } } } }],
  ] as const) {
    it(`refuse the login of the ${whose} from there with the answer to a wrong password, and nobody else's`, async () => {
      await using it = await mounted({ preset: { ...PRESET, accounts } })
      const [denied, wrong] = [await attempt(it, 'anna', 'secret'), await attempt(it, 'boris', 'wrong')]
      expect([denied.user, denied.text]).to.deep.equal([wrong.user, wrong.text])
      expect(denied.code).to.equal(530)
      expect((await attempt(it, 'boris', 'secret')).code).to.equal(230)
      await it.service.change({ accounts: { users: { anna: null }, groups: { staff: null } } }, 'admin')
      expect((await attempt(it, 'anna', 'secret')).code).to.equal(230)
    })
  }

  it('tell by neither text nor time whether a denied user’s password was right (guessing from a denied address)', async () => {
    await using it = await mounted({ preset: PRESET })
    // A right password that is remembered would be answered sooner.
    expect((await attempt(it, 'anna', 'secret')).code).to.equal(230)
    await it.service.change({ accounts: { users: { anna: { access: { rules: DENY } } } } }, 'admin')
    const times: Record<'right' | 'wrong' | 'unknown', number[]> = { right: [], wrong: [], unknown: [] }
    const texts = new Set<string>()
    for (let round = 0; round < 5; round++) {
      for (const [kind, user, password] of [
        ['right', 'anna', 'secret'],
        ['wrong', 'anna', 'guess'],
        ['unknown', 'nobody', 'guess'],
      ] as const) {
        const { user: greeted, text, took } = await attempt(it, user, password)
        texts.add(`${greeted.replace(user, 'X')} ${text}`)
        times[kind].push(took)
      }
    }
    expect([...texts]).to.have.length(1)
    // A remembered password takes a hundredth of this: the bound leaves air for a busy machine.
    expect(middle(times.right) / middle(times.wrong)).to.be.within(0.4, 2.5)
    expect(middle(times.unknown) / middle(times.wrong)).to.be.within(0.4, 2.5)
  })

  it('that cannot be read are refused with their place', async () => {
    await using it = await mounted({ preset: PRESET })
    const patch = {
      accounts: { groups: { 'my staff': { access: { rules: [{ action: 'deny', mask: '1.2.3.400' }] } } } },
    }
    const error = await it.service.change(patch, 'admin').catch((reason: unknown) => reason)
    expect(error).to.have.nested.property('problems[0].path', 'accounts.groups["my staff"].access.rules[0].mask')
  })
})

describe('a live session', () => {
  it('that is idle is closed at once by whatever change shuts it out, and the log names the rule', async () => {
    const changes = {
      'access.rule (server)': { settings: { access: { rules: DENY } } },
      'access.unlisted (group)': { accounts: { groups: { staff: { access: { rules: OTHERS } } } } },
      'access.rule (user)': { accounts: { users: { anna: { access: { rules: DENY } } } } },
      'login.ftp (user)': { accounts: { users: { anna: { ftp: false } } } },
      'login.disabled-until (user)': { accounts: { users: { anna: { disabledUntil: '2999-01-01T00:00:00Z' } } } },
      'login.from-outside (group)': {
        settings: { lanNetworks: ['192.0.2.0/24'] },
        accounts: { groups: { staff: { fromOutside: false } } },
      },
    }
    const back = {
      settings: { access: { rules: [] }, lanNetworks: null },
      accounts: { users: { anna: null }, groups: { staff: null } },
    }
    await using it = await mounted({ preset: PRESET })
    for (const change of Object.values(changes)) {
      await using client = await RawClient.connect(it.port)
      await client.login()
      await it.service.change(change, 'admin')
      expect((await client.reply(421)).text).to.match(/not allowed here any more/)
      await client.ended()
      await it.service.change(back, 'admin')
    }
    await it.service.journal.flush()
    const { entries } = await it.service.journal.page({ day: it.service.journal.today() }, { page: 'last' })
    const said = entries.filter(({ event }) => event === 'expelled').map(({ verdict }) => verdict)
    expect(said.map((verdict) => `${verdict?.rule} (${verdict?.level})`)).to.deep.equal(Object.keys(changes))
  })

  it('is closed the moment that the rule which let it in expires (access that was lent for an hour)', async () => {
    await using it = await mounted({ preset: PRESET })
    await using client = await RawClient.connect(it.port)
    await client.login()
    const expires = new Date(Date.now() + 1500).toISOString()
    const lent = [...OTHERS, { action: 'allow', mask: '127.0.0.1', expires }]
    await it.service.change({ settings: { access: { rules: lent } } }, 'admin')
    expect((await client.reply(421)).text).to.match(/not allowed here any more/)
    expect(Date.now()).to.be.at.least(Date.parse(expires))
    await client.ended()
  })

  it('that moves data reads its end, then 421; nothing more is done for it', async () => {
    await using it = await mounted({ preset: PRESET })
    await using client = await RawClient.connect(it.port)
    await client.login()
    await client.say('TYPE I', 200)
    const data = await client.epsv()
    await client.say('STOR Files/a.bin', 150)
    await it.service.change({ accounts: { users: { anna: { access: { rules: DENY } } } } }, 'admin')
    await data.end(Buffer.from('all of it'))
    await client.reply(226)
    await client.reply(421)
    await client.ended()
  })

  it('that sends a command during a transfer loses both', async () => {
    await using it = await mounted({ preset: PRESET })
    await using client = await RawClient.connect(it.port)
    await client.login()
    await client.epsv()
    await client.say('STOR Files/a.bin', 150)
    await it.service.change({ accounts: { users: { anna: { access: { rules: DENY } } } } }, 'admin')
    await client.say('STAT', 421)
    await client.ended()
  })

  it('is left alone by changes that do not concern it, and by a ban of its address', async () => {
    await using it = await mounted({ preset: PRESET })
    await using client = await RawClient.connect(it.port)
    await client.login()
    it.service.access.bans.banMask({ mask: '127.0.0.1', minutes: 5, by: 'admin' })
    await it.service.change({ accounts: { users: { boris: { access: { rules: DENY } } } } }, 'admin')
    await client.say('NOOP', 200)
    await client.say('PWD', 257)
  })

  it('that has not logged in yet is closed by a rule of the server, not by one of an account', async () => {
    await using it = await mounted({ preset: PRESET })
    await using client = await RawClient.connect(it.port)
    await client.say('USER anna', 331)
    await it.service.change({ accounts: { users: { anna: { access: { rules: DENY } } } } }, 'admin')
    await client.say('PASS secret', 530)
    await it.service.change({ settings: { access: { rules: DENY } } }, 'admin')
    await client.reply(421)
    await client.ended()
  })

  it('ends when the shell disables or regroups its user', async () => {
    const anna = { name: 'anna', password: 'secret', groups: ['staff'], enabled: true }
    await using it = await mounted({
      preset: { ...PRESET, accounts: { groups: { locked: { access: { rules: DENY } } } } },
    })
    await using one = await RawClient.connect(it.port)
    await one.login()
    await it.shell.users.put([{ ...anna, groups: ['staff', 'locked'] }])
    await one.reply(421)
    await it.shell.users.put([anna])
    await using other = await RawClient.connect(it.port)
    await other.login()
    await it.shell.users.enable('anna', false)
    await other.reply(421)
  })
})
