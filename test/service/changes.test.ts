/** Two administrators at once: nobody overwrites what he has not seen, and nobody is held up by what he does not touch. */
import { expect } from 'chai'
import { ChangedMeanwhile, ChangeHistory, revisionOf } from '../../module/service/changes.ts'
import { differences, differenceText } from '../../module/settings/differences.ts'
import { mergePatch } from '../../module/settings/merge.ts'
import { checked } from '../../module/settings/problems.ts'
import { settings as schema } from '../../module/settings/schema.ts'
import type { Settings } from '../../module/settings/schema.ts'

describe('changes of the settings', () => {
  let history: ChangeHistory
  let current: Settings
  beforeEach(() => {
    history = new ChangeHistory()
    current = checked(schema, { resources: [{ name: 'Scans', folder: 'scans' }] })
  })

  const change = (patch: object, by: string): void => {
    const next = checked(schema, mergePatch(current, patch))
    history.add(current, next, by)
    current = next
  }
  const refused = (revision: string, patch: unknown): ChangedMeanwhile => {
    try {
      history.check(revision, current, patch)
    } catch (error) {
      if (error instanceof ChangedMeanwhile) return error
      throw error
    }
    throw new Error('it was not refused')
  }

  it('are refused when somebody else has changed the same, and say who changed what', () => {
    const seen = revisionOf(current)
    change({ settings: { timeouts: { idle: 100 } } }, 'boris')
    const { changes } = refused(seen, { settings: { timeouts: { idle: 300, login: 30 } } })
    expect(changes).to.have.lengthOf(1)
    expect(changes[0]).to.deep.include({
      by: 'boris',
      differences: [{ path: 'settings.timeouts.idle', from: 600, to: 100 }],
    })
  })

  it('pass when they touch something else, and when they are made from what is there', () => {
    const seen = revisionOf(current)
    change({ settings: { timeouts: { idle: 100 } } }, 'boris')
    history.check(seen, current, { settings: { timeouts: { login: 30 } }, enabled: true })
    history.check(revisionOf(current), current, { settings: { timeouts: { idle: 300 } } })
  })

  it('are refused for a list as a whole when one of its members was changed', () => {
    const seen = revisionOf(current)
    change({ resources: [{ name: 'Scans', folder: 'scans', guests: { profile: 'read' } }] }, 'boris')
    const { changes } = refused(seen, { resources: [] })
    expect(changes[0]?.differences[0]?.path).to.equal('resources["Scans"].guests.profile')
  })

  it('are refused from a state that nobody remembers', () => {
    expect(refused('long ago', { enabled: true }).changes).to.deep.equal([])
  })

  it('bear the same name for the same content, whatever lies between', () => {
    const seen = revisionOf(current)
    change({ enabled: true }, 'boris')
    expect(revisionOf(current)).to.not.equal(seen)
    change({ enabled: false }, 'boris')
    expect(revisionOf(current)).to.equal(seen)
  })
})

const of = (name: string, value?: object) => ({ accounts: { users: { ...(value && { [name]: value }) } } })
const told = (from: object, to: object) => differences(from, to).map((one) => differenceText(one))

describe('differences', () => {
  it('are told for named members of lists, and for other lists as a whole', () => {
    const one = {
      resources: [
        { name: 'a', folder: 'x' },
        { name: 'b', folder: 'y' },
      ],
      ports: [1, 2],
    }
    const other = {
      resources: [
        { name: 'b', folder: 'z' },
        { name: 'c', folder: 'w' },
      ],
      ports: [2],
    }
    expect(differences(one, other).map(({ path }) => path)).to.deep.equal([
      'resources["a"]',
      'resources["b"].folder',
      'resources["c"]',
      'ports',
    ])
  })

  it('are told value by value of what comes beside an account, or goes with it', () => {
    const blank = { limits: {}, hours: [], access: { rules: [] } }
    const entry = { ...blank, ftp: false, limits: { quotaBytes: 5 } }
    expect(told(of('anna.b'), of('anna.b', entry))).to.deep.equal([
      'accounts.users.anna.b.limits.quotaBytes: – → 5',
      'accounts.users.anna.b.ftp: – → false',
    ])
    expect(told(of('anna', entry), of('anna'))).to.deep.equal([
      'accounts.users.anna.limits.quotaBytes: 5 → –',
      'accounts.users.anna.ftp: false → –',
    ])
    expect(told(of('anna'), of('anna', blank))).to.have.length(1)
  })

  it('see that a list has another order', () => {
    const [a, b] = [{ name: 'a' }, { name: 'b' }]
    expect(differences({ list: [a, b] }, { list: [b, a] }).map(({ path }) => path)).to.deep.equal(['list'])
  })

  it('are told rule by rule in long lists of IP access rules', () => {
    const rules = Array.from({ length: 30 }, (_, at) => ({ action: 'deny', mask: `192.0.2.${at}`, note: 'A kiosk' }))
    const from = { access: { rules } }
    const changed = (after: readonly object[]) => told(from, { access: { rules: after } })
    const other = { action: 'allow', mask: '198.51.100.7', note: '' }
    const text = JSON.stringify
    expect(changed(rules.toSpliced(7, 0, other))).to.deep.equal([`access.rules[7]: – → ${text(other)}`])
    expect(changed(rules.toSpliced(7, 1))).to.deep.equal([`access.rules[7]: ${text(rules[7])} → –`])
    expect(changed(rules.with(7, other))).to.deep.equal([`access.rules[7]: ${text(rules[7])} → ${text(other)}`])
    for (const [before, now] of [
      [3, 20],
      [20, 3],
      [29, 28],
    ] as const) {
      const moved = rules.toSpliced(before, 1).toSpliced(now, 0, ...rules.slice(before, before + 1))
      const [one = '', ...others] = changed(moved)
      expect(one).to.match(/^access\.rules\["192\.0\.2\.\d+"\]\.position: \d+ → \d+$/)
      expect(others).to.deep.equal([])
      if (before !== 29) expect(one).to.include(`192.0.2.${before}"].position: ${before + 1} → ${now + 1}`)
    }
    // What is quite another list is told as a whole, and cut where a rule ends.
    expect(changed(rules.toReversed())).to.have.length(1)
    expect(changed(rules.toReversed())[0]).to.match(/^access\.rules: \[\{.*\},"…"\] → \[\{.*\},"…"\]$/)
  })

  it('never show a secret', () => {
    expect(differenceText({ path: 'mail.password', from: 'one', to: 'two' })).to.not.match(/one|two/)
    const hidden = differenceText({ path: 'mail', from: undefined, to: { password: 'hush', host: 'here' } })
    expect(hidden).to.include('here').and.not.include('hush')
  })
})
