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

  it('see that a list has another order', () => {
    const [a, b] = [{ name: 'a' }, { name: 'b' }]
    expect(differences({ list: [a, b] }, { list: [b, a] }).map(({ path }) => path)).to.deep.equal(['list'])
  })

  it('never show a secret', () => {
    expect(differenceText({ path: 'mail.password', from: 'one', to: 'two' })).to.not.match(/one|two/)
    const hidden = differenceText({ path: 'mail', from: undefined, to: { password: 'hush', host: 'here' } })
    expect(hidden).to.include('here').and.not.include('hush')
  })
})
