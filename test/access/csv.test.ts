/** Rule lists as CSV: preview with errors by line, export, and what a spreadsheet must not run. */
import { expect } from 'chai'
import * as fc from 'fast-check'
import { exportRules, planImport, previewImport } from '../../module/access/csv.ts'
import type { AccessRule } from '../../module/settings/access.ts'
import { rules } from './rules.ts'

const problems = (text: string) => previewImport(text).problems.map(({ line, code, meant }) => [line, code, meant])
const masks = (list: readonly AccessRule[]) => list.map(({ mask }) => mask)

describe('the import of rules', () => {
  it('reads the columns IP, Allow, Description and Expires', () => {
    const { rules: read, problems: none } = previewImport(
      'IP,Allow,Description\r\n192.0.2.0-24,0,"Bank, ""B"""\r\n*.*.*.*,1,\r\n',
    )
    expect(none).to.deep.equal([])
    expect(read.map(({ line, rule }) => [line, rule])).to.deep.equal([
      [2, { action: 'deny', mask: '192.0.2.0-24', note: 'Bank, "B"' }],
      [3, { action: 'allow', mask: '*.*.*.*', note: '' }],
    ])
    expect(previewImport('Expires;allow;ip\n2030-01-01T00:00:00Z;Yes;192.0.2.1').rules[0]?.rule).to.deep.equal({
      action: 'allow',
      mask: '192.0.2.1',
      note: '',
      expires: '2030-01-01T00:00:00Z',
    })
  })

  it('names every row that cannot be taken over by its line, and what was meant', () => {
    const text = [
      '\ufeffIP,Allow,Description,Expires',
      '192.0.2.24-0,1,,',
      '',
      '192.0.2.1,maybe,,',
      '192.0.2.1,1,"two',
      'lines",',
      '192.0.2.1,1,,tomorrow',
      '192.0.2.1,1,,,extra',
      `192.0.2.1,1,${'x'.repeat(201)},`,
      '192.0.2.2,1,fine,',
    ].join('\n')
    expect(problems(text)).to.deep.equal([
      [2, 'mask', '192.0.2.0-24'],
      [4, 'allow', undefined],
      [5, 'description', undefined],
      [7, 'expires', undefined],
      [8, 'columns', undefined],
      [9, 'description', undefined],
    ])
    expect(previewImport(text).rules.map(({ line }) => line)).to.deep.equal([10])
  })

  it('refuses a file without the columns, one that is cut off, and one that is too large', () => {
    expect(problems('192.0.2.1,1\n')).to.deep.equal([[1, 'header', undefined]])
    expect(problems('')).to.deep.equal([[1, 'header', undefined]])
    expect(problems('IP,Allow\n192.0.2.1,1\n"192.0.2.2,1\n')).to.deep.equal([[3, 'quote', undefined]])
    expect(problems('x'.repeat(2_000_001))).to.deep.equal([[1, 'file', undefined]])
    expect(problems(`IP,Allow\n${'192.0.2.1,1\n'.repeat(10_001)}`)).to.deep.equal([[10_002, 'file', undefined]])
  })

  it('shows what a mask means where it was written otherwise, and rows that repeat others', () => {
    const preview = previewImport('IP,Allow\n192.0.2.9/24,1\n192.0.2.0/24,1\n192.0.2.0/24,0\n')
    expect(preview.rules.map(({ normalised, repeats }) => [normalised, repeats])).to.deep.equal([
      ['192.0.2.0/24', undefined],
      [undefined, 2],
      [undefined, undefined],
    ])
  })

  it('plans what would change and changes nothing', () => {
    const current = rules('deny 192.0.2.1', 'allow *.*.*.*')
    const preview = previewImport('IP,Allow\n0-255.*.*.*,1\n10.0.0.1,0\n')
    const appended = planImport(current, preview, 'append')
    expect(masks(appended.rules)).to.deep.equal(['192.0.2.1', '*.*.*.*', '10.0.0.1'])
    expect(masks(appended.added)).to.deep.equal(['10.0.0.1'])
    const replaced = planImport(current, preview, 'replace')
    expect(masks(replaced.rules)).to.deep.equal(['0-255.*.*.*', '10.0.0.1'])
    expect(masks(replaced.added)).to.deep.equal(['10.0.0.1'])
    expect(masks(replaced.removed)).to.deep.equal(['192.0.2.1'])
    expect(masks(current)).to.deep.equal(['192.0.2.1', '*.*.*.*'])
  })

  it('never throws', () => {
    const pieces = fc.array(fc.constantFrom('IP,Allow\n', '"', ',', ';', '\r', '\n', '1', '192.0.2.1', "'", '='))
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          pieces.map((all) => all.join('')),
        ),
        (text) => void previewImport(text),
      ),
    )
  })
})

describe('the export of rules', () => {
  it('reads back as the same list', () => {
    const note = fc
      .oneof(
        fc.string(),
        fc.array(fc.constantFrom("'", '=', '+', '"', ',', ';', 'a', ' ', '@', '-')).map((all) => all.join('')),
      )
      .map((text) =>
        text
          .replaceAll(/\p{Cc}/gu, '')
          .slice(0, 200)
          .trim(),
      )
    const rule = fc.record({
      action: fc.constantFrom('allow' as const, 'deny' as const),
      mask: fc.constantFrom('192.0.2.0-24', '*.*.*.*', '*:*', '*.example.com'),
      note,
    })
    fc.assert(
      fc.property(fc.array(rule), (list) => {
        const { rules: read, problems: none } = previewImport(exportRules(list))
        expect(none).to.deep.equal([])
        expect(read.map(({ rule: one }) => one)).to.deep.equal(list)
      }),
    )
  })

  it('stops notes that a spreadsheet would run as formulas', () => {
    const [rule] = rules('allow 192.0.2.1')
    for (const note of ['=cmd|calc', '+1', '-1', '@SUM(A1)']) {
      const text = exportRules(rule ? [{ ...rule, note }] : [])
      expect(text).to.equal(`IP,Allow,Description,Expires\r\n192.0.2.1,1,'${note},\r\n`)
    }
  })
})
