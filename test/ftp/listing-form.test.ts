/** Lines behind one another: each is what it would be alone, whatever came before it. */
import { expect } from 'chai'
import * as fc from 'fast-check'
import type { Entry, Right } from '../../module/ftp/backend.ts'
import { factLine, FACTS } from '../../module/ftp/facts.ts'
import { listLine } from '../../module/ftp/list-line.ts'
import { writeLines, type ListingForm } from '../../module/ftp/listing-form.ts'
import { OctetWriter } from '../../module/ftp/octet-writer.ts'

const NOW = Date.UTC(2026, 5, 15, 12)
const DAY = 24 * 3600 * 1000

/** Few values of each kind, so that neighbours are often alike. */
const entries = fc.array(
  fc.record<Entry>({
    name: fc.constantFrom('a', 'two words', 'Größe'),
    type: fc.constantFrom('file', 'directory'),
    size: fc.constantFrom(0, 7, 12_345_678, 123_456_789, 2 ** 33),
    modified: fc.constantFrom(-1000, 0, NOW - 200 * DAY, NOW - DAY, NOW - DAY + 1000, NOW, NOW + 2 * DAY),
    mode: fc.constantFrom(0o644, 0o755, 0),
    unique: fc.constantFrom('1.2', '1.zz'),
    links: fc.constantFrom(1, 12, 1234),
    rights: fc.constantFrom(new Set<Right>(['download']), new Set<Right>(['upload', 'list'])),
  }),
)

/** All lines of a listing, from the line of each entry. */
const alone = (all: readonly Entry[], line: (entry: Entry) => string) =>
  all.map((entry) => `${line(entry)}\r\n`).join('')

function written(all: readonly Entry[], form: ListingForm): string {
  const out = new OctetWriter(1)
  writeLines(out, all, form)
  return out.take().toString()
}

describe('lines of a listing', () => {
  it('are those of ls -l', () => {
    fc.assert(
      fc.property(entries, (all) => {
        const told = written(all, { kind: 'long', now: NOW, timeZone: 'Europe/Berlin' })
        expect(told).to.equal(alone(all, (entry) => listLine(entry, NOW, 'Europe/Berlin')))
      }),
    )
  })

  it('are facts, whichever are wanted', () => {
    fc.assert(
      fc.property(entries, fc.subarray([...FACTS]), (all, some) => {
        const facts = new Set(some)
        expect(written(all, { kind: 'facts', facts })).to.equal(alone(all, (entry) => factLine(entry, facts)))
      }),
    )
  })

  it('are names behind what was typed before them', () => {
    fc.assert(
      fc.property(entries, (all) => {
        expect(written(all, { kind: 'names', prefix: 'dä/' })).to.equal(alone(all, ({ name }) => `dä/${name}`))
      }),
    )
  })
})
