/** Which value holds for a user, and who says so. */
import { expect } from 'chai'
import { userLimits } from '../../module/access/limits.ts'
import { disabledUntil, effectiveLimits } from '../../module/settings/inheritance.ts'
import { checked } from '../../module/settings/problems.ts'
import { settings } from '../../module/settings/schema.ts'

const policy = (input: object) => checked(settings, input)
const anna = { name: 'anna', groups: ['staff', 'scanners'] }

describe('the limits of a user', () => {
  it('are the server’s where nobody else says anything', () => {
    const limits = effectiveLimits(policy({ settings: { limits: { sessionsPerLogin: 3 } } }), anna)
    expect(limits.sessions).to.deep.equal({ value: 3, level: 'server' })
    expect(limits.ftp).to.deep.equal({ value: true, level: 'server' })
  })

  it('come from the most generous of several groups', () => {
    const groups = {
      staff: { limits: { sessions: 2 } },
      scanners: { limits: { sessions: 5 } },
      others: { limits: { sessions: 9 } },
    }
    const limits = effectiveLimits(policy({ accounts: { groups } }), anna)
    expect(limits.sessions).to.deep.equal({ value: 5, level: 'group', from: 'scanners' })
  })

  it('are absent in one group when it says unlimited', () => {
    const groups = { staff: { limits: { quotaBytes: 'unlimited' } }, scanners: { limits: { quotaBytes: 5 } } }
    const limits = effectiveLimits(policy({ accounts: { groups } }), anna)
    expect(limits.quotaBytes).to.deep.equal({ value: 'unlimited', level: 'group', from: 'staff' })
  })

  it('are the user’s own where the user has some, also stricter ones', () => {
    const accounts = {
      users: { anna: { limits: { sessions: 1 }, ftp: false } },
      groups: { staff: { limits: { sessions: 5 }, ftp: true } },
    }
    const limits = effectiveLimits(policy({ accounts }), anna)
    expect(limits.sessions).to.deep.equal({ value: 1, level: 'user', from: 'anna' })
    expect(limits.ftp).to.deep.equal({ value: false, level: 'user', from: 'anna' })
  })

  it('are not found in what every object has (a user called "constructor")', () => {
    const limits = effectiveLimits(policy({}), { name: 'constructor', groups: ['toString'] })
    expect(limits.sessions.level).to.equal('server')
  })

  it('reach the engine with keys that tell who shares a speed', () => {
    const accounts = {
      users: { anna: { limits: { downloadBytesPerSecond: 10 } } },
      groups: { staff: { together: { downloadBytesPerSecond: 100 } } },
    }
    expect(userLimits(policy({ accounts }), anna).download).to.deep.equal([
      { key: 'group:staff:download', bytesPerSecond: 100 },
      { key: 'user:anna:download', bytesPerSecond: 10 },
    ])
  })
})

const until = (users: object, groups: object) => policy({ accounts: { users, groups } })

describe('an account switched off until a time', () => {
  const now = Date.UTC(2026, 5, 1)

  it('is off while any entry says so, the latest one counting', () => {
    const entries = until(
      { anna: { disabledUntil: '2026-06-02T00:00:00Z' } },
      { staff: { disabledUntil: '2026-06-03T00:00:00+02:00' } },
    )
    expect(disabledUntil(entries, anna, now)).to.include({ level: 'group', from: 'staff' })
  })

  it('is on again afterwards', () => {
    expect(disabledUntil(until({ anna: { disabledUntil: '2026-05-31T00:00:00Z' } }, {}), anna, now)).to.equal(undefined)
  })
})
