import { expect } from 'chai'
import * as fc from 'fast-check'
import { listArgument } from '../../module/ftp/arguments-of-list.ts'

describe('listArgument', () => {
  const cases: [string, string, string | undefined][] = [
    ['', '', undefined],
    ['-la', 'al', undefined],
    ['-a -l', 'al', undefined],
    ['-la ', 'al', undefined],
    ['two words', '', 'two words'],
    ['-la two words', 'al', 'two words'],
    ['-a -l -R two -words', 'alR', 'two -words'],
    ['-R1trF dir', 'R', 'dir'],
    ['-la  leading space', 'al', ' leading space'],
    [' -la', '', ' -la'],
    ['dir -la', '', 'dir -la'],
    ['-', '', '-'],
    ['--', '', '--'],
    ['--help', '', '--help'],
    ['-my-file', '', '-my-file'],
    ['-a.txt', '', '-a.txt'],
    ['-l /etc/../x', 'l', '/etc/../x'],
    ['-é', '', '-é'],
  ]
  for (const [text, options, pathname] of cases) {
    it(`reads ${JSON.stringify(text)}`, () => expect(listArgument(text)).to.deep.equal({ options, pathname }))
  }

  it('takes thousands of option letters for no more than the three it knows', () => {
    const flood = `-${'aBl'.repeat(2000)} ${'-x '.repeat(2000)}dir`
    expect(listArgument(flood)).to.deep.equal({ options: 'al', pathname: 'dir' })
  })

  it('never loses or changes a character of the path', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const { options, pathname = '' } = listArgument(text)
        expect(text.endsWith(pathname)).to.be.true
        expect(text.slice(0, text.length - pathname.length)).to.match(/^(?:-[A-Za-z0-9]+ ?)*$/)
        expect(options).to.match(/^a?l?R?$/)
      }),
    )
  })
})
