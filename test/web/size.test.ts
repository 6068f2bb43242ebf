/** Sizes as people type them. */
import { expect } from 'chai'
import { assert, integer, property } from 'fast-check'
import { translator } from '../../module/web/locale.ts'
import { parseSize, sizeText } from '../../module/web/size.ts'

describe('sizes in forms', () => {
  it('are read in both languages, with point or comma', () => {
    expect(['10 GB', '10гб', '10 ГБ', '10g'].map(parseSize)).to.deep.equal([10e9, 10e9, 10e9, 10e9])
    expect(['1.5 TB', '1,5 ТБ', '512 MiB', '1000'].map(parseSize)).to.deep.equal([1.5e12, 1.5e12, 512 * 2 ** 20, 1000])
  })

  it('are refused when they are none', () => {
    for (const text of ['', 'GB', '-1 GB', '0', '10 XB', '1e9', '10 GB GB', '0.0001 B', '99999999999 TB', 'NaN']) {
      expect(parseSize(text), text).to.equal(undefined)
    }
  })

  it('come back from the field exactly as they were stored', () => {
    const bytes = integer({ min: 1, max: Number.MAX_SAFE_INTEGER })
    for (const locale of ['en', 'ru'] as const) {
      assert(property(bytes, (size) => parseSize(sizeText(size, translator(locale))) === size))
    }
    expect(sizeText(10e9, translator('en'))).to.equal('10 GB')
    expect(sizeText(1.5e9, translator('ru'))).to.equal('1.5 ГБ')
  })
})
