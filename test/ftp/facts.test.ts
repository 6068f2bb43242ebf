import { expect } from 'chai'
import * as fc from 'fast-check'
import { RIGHTS, type Entry, type Right } from '../../module/ftp/backend.ts'
import { factLine, FACTS, parseTimeVal, timeVal, type Fact } from '../../module/ftp/facts.ts'

const entry = (over: Partial<Entry> = {}): Entry => ({
  name: 'a b.txt',
  type: 'file',
  size: 12,
  modified: Date.UTC(2026, 0, 2, 15, 4, 5, 999),
  mode: 0o644,
  unique: '801g2f',
  links: 1,
  rights: new Set(RIGHTS),
  ...over,
})
const all: ReadonlySet<Fact> = new Set(FACTS)
const perm = (rights: readonly Right[], type: Entry['type']) =>
  /perm=(\w*);/.exec(factLine(entry({ rights: new Set(rights), type }), all))?.[1]

describe('factLine', () => {
  it('tells all facts of a file, times in UTC', () => {
    expect(factLine(entry(), all)).to.equal(
      'type=file;size=12;modify=20260102150405;perm=adfrw;unique=801g2f;unix.mode=0644; a b.txt',
    )
  })

  it('tells no size of a directory', () => {
    expect(factLine(entry({ type: 'directory', mode: 0o755 }), all)).to.equal(
      'type=dir;modify=20260102150405;perm=cdeflmp;unique=801g2f;unix.mode=0755; a b.txt',
    )
  })

  it('tells only what was selected, and one space before the name even when that is nothing', () => {
    expect(factLine(entry(), new Set(['size', 'type']))).to.equal('type=file;size=12; a b.txt')
    expect(factLine(entry({ name: ' x' }), new Set())).to.equal('  x')
  })

  it('names the listed directory and the one above it', () => {
    expect(factLine(entry({ type: 'directory', name: '.' }), new Set(['type']), 'cdir')).to.equal('type=cdir; .')
    expect(factLine(entry({ type: 'directory', name: '..' }), new Set(['type']), 'pdir')).to.equal('type=pdir; ..')
  })

  it('tells the truth about what the account may do', () => {
    expect(perm(['download', 'list'], 'file')).to.equal('r')
    expect(perm(['download', 'list'], 'directory')).to.equal('el')
    expect(perm(['upload'], 'file')).to.equal('')
    expect(perm(['upload'], 'directory')).to.equal('ce')
    expect(perm([], 'directory')).to.equal('e')
    expect(perm(['append', 'overwrite', 'rename', 'delete'], 'file')).to.equal('adfw')
    expect(perm(['renameDirectory', 'removeDirectory', 'createDirectory', 'delete'], 'directory')).to.equal('defmp')
  })
})

describe('times', () => {
  it('drops the milliseconds', () => expect(timeVal(999)).to.equal('19700101000000'))
  it('tells times before 1970 and after 2038', () => {
    expect(timeVal(Date.UTC(1931, 4, 6))).to.equal('19310506000000')
    expect(timeVal(Date.UTC(2100, 11, 31, 23, 59, 59))).to.equal('21001231235959')
  })
  it('survives what no disk should say', () => {
    for (const odd of [NaN, Infinity, -Infinity, 1e300, -1e300]) expect(timeVal(odd)).to.match(/^\d{14}$/)
  })

  for (const text of [
    '20230229000000',
    '20261301000000',
    '20260001000000',
    '20260100000000',
    '20260431000000',
    '20260101250000',
    '20260101240000',
    '20260101006000',
    '20260101000061',
    '2026010100000',
    '202601010000000',
    '20260101000000.',
    '20260101000000.5x',
    ' 20260101000000',
    '20260101000000\n',
    '-2026010100000',
    '２０２６0101000000',
    '',
  ]) {
    it(`refuses ${JSON.stringify(text)}`, () => expect(parseTimeVal(text)).to.be.undefined)
  }

  it('takes the 29th of February of a leap year and a leap second', () => {
    expect(parseTimeVal('20240229120000')).to.equal(Date.UTC(2024, 1, 29, 12))
    expect(parseTimeVal('20161231235960')).to.equal(Date.UTC(2017, 0))
  })

  it('takes a fraction of a second, of which milliseconds remain', () => {
    expect(parseTimeVal('19700101000000.5')).to.equal(500)
    expect(parseTimeVal('19700101000000.0019999999')).to.equal(1)
  })

  it('brings back every second of every year', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('0000-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true }),
        (date) => {
          const seconds = Math.floor(date.getTime() / 1000) * 1000
          expect(parseTimeVal(timeVal(date.getTime()))).to.equal(seconds)
        },
      ),
    )
  })

  it('never throws and never makes a date of digits that are none', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^\d{14}$/), (text) => {
        const time = parseTimeVal(text)
        if (time !== undefined && !text.endsWith('60')) expect(timeVal(time)).to.equal(text)
      }),
    )
  })
})
