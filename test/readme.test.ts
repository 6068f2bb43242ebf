/** The README tells the truth. */
import { expect } from 'chai'
import { readme } from './readme.ts'

describe('README', () => {
  it('holds the tables of commands and settings as the code has them (else: npm run readme)', async () => {
    const { is, shouldBe } = await readme()
    expect(is).to.equal(shouldBe)
  })
})
