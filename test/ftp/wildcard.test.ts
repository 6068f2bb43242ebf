/** Name patterns: right against a slow and simple definition, and quick against bombs (fast-check). */
import { expect } from 'chai'
import * as fc from 'fast-check'
import { matchesWildcard } from '../../module/ftp/wildcard.ts'

/** The definition, by recursion. */
function fits(pattern: string, name: string): boolean {
  if (pattern === '') return name === ''
  if (pattern.startsWith('*')) return fits(pattern.slice(1), name) || (name !== '' && fits(pattern, name.slice(1)))
  return name !== '' && (pattern[0] === '?' || pattern[0] === name[0]) && fits(pattern.slice(1), name.slice(1))
}

describe('a name pattern', () => {
  it('fits what its definition says', () => {
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?', '.'), maxLength: 8 })
    const name = fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 8 })
    fc.assert(
      fc.property(pattern, name, (a, b) => matchesWildcard(a, b) === fits(a, b)),
      { numRuns: 2000 },
    )
  })

  it('has no other special characters', () => {
    for (const name of ['[ab]', '{a,b}', 'a+', '(a|b)', '\\d', 'a.c', '^a$']) {
      expect(matchesWildcard(name, name)).to.be.true
      expect(matchesWildcard(name, 'abc')).to.be.false
    }
  })

  it('costs no time, however many stars it has (CVE-2010-2632)', () => {
    const begun = performance.now()
    for (let round = 0; round < 20; round++) {
      matchesWildcard(`${'*a'.repeat(120)}b`, 'a'.repeat(255))
      matchesWildcard(`${'*'.repeat(4000)}b`, 'a'.repeat(255))
      matchesWildcard(`${'?*'.repeat(200)}b`, 'a'.repeat(255))
    }
    expect(performance.now() - begun).to.be.below(500)
  })
})
