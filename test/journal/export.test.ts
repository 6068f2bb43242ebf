/** Exports: exactly what the filter shows, in forms that other programs read safely. */
import { expect } from 'chai'
import { BLOCK } from '../../module/journal/block.ts'
import { DAY, entry, NOON, temporaryLog } from './temporary-log.ts'

/** Fields of CSV (RFC 4180), all of them quoted. */
function parseCsv(text: string): string[][] {
  const lines = text.replace(/^\ufeff/, '').split('\r\n')
  expect(lines.pop()).to.equal('')
  return lines.map((line) =>
    line
      .slice(1, -1)
      .split('","')
      .map((field) => field.replaceAll('""', '"')),
  )
}

describe('an export of the log', () => {
  it('holds exactly what the filter shows, in every format', async () => {
    await using log = await temporaryLog()
    const texts = Array.from({ length: 3 * BLOCK }, (_, index) => ({ text: `entry ${index}`, user: `u${index % 3}` }))
    await log.write(...texts)
    const filter = { user: 'u1', search: '7' }
    const shown = await log.texts(filter)
    expect(shown).to.have.length.greaterThan(250)
    const csv = parseCsv(await log.exported('csv', filter))
    expect(csv.slice(1).map((fields) => fields[8])).to.deep.equal(shown)
    const jsonl = (await log.exported('jsonl', filter)).trimEnd().split('\n')
    expect(jsonl.map((line) => JSON.parse(line).text)).to.deep.equal(shown)
    const text = (await log.exported('text', filter)).trimEnd().split('\n')
    expect(text.map((line) => line.split(' ').slice(-2).join(' '))).to.deep.equal(shown)
    expect(parseCsv(await log.exported('csv'))).to.have.length(3 * BLOCK + 1)
    expect(parseCsv(await log.exported('csv', { search: 'nothing' }))).to.have.length(1)
    expect(await log.exported('text', { day: '2026-10-19' })).to.equal('')
  })

  it('keeps every field, with the time in the time zone', async () => {
    await using log = await temporaryLog({ timeZone: 'Europe/Berlin' })
    const verdict = { rule: 'right.upload', level: 'group', detail: 'staff' } as const
    const transfer = { path: '/a, "b".txt', bytes: 2 ** 40, seconds: 0.25, result: 'failed' as const, verdict }
    await log.write({ kind: 'error', session: 's', user: 'u', address: '::1', domain: 'd', text: 'x', ...transfer })
    const time = '2026-10-20T14:00:00.000+02:00'
    const [stored] = await log.all()
    expect(JSON.parse(await log.exported('jsonl'))).to.deep.equal({ ...stored, time })
    const row = [String(stored?.id), time, 'error', 'command', 's', 'u', '::1', 'd', 'x']
    const rest = ['/a, "b".txt', '1099511627776', '0.25', 'failed', 'right.upload', 'group', 'staff']
    expect(parseCsv(await log.exported('csv'))[1]).to.deep.equal([...row, ...rest])
    expect(await log.exported('text')).to.equal(`${time} error   s u ::1 x\n`)
  })

  it('CSV formula injection: nothing begins like a formula', async () => {
    await using log = await temporaryLog()
    const formulas = ['=cmd|"/c calc"!A1', '+1', '-1', '@SUM(1)', '\t=1', '\r=1', '＝1', '=HYPERLINK("http://x","y")']
    await log.write(...formulas.map((text) => ({ text, user: text, path: text })))
    const fields = parseCsv(await log.exported('csv'))
      .slice(1)
      .flat()
    expect(fields).to.include('\'=cmd|"/c calc"!A1')
    expect(fields.filter((field) => /^[=+\-@\t\r＝＋－＠]/.test(field))).to.deep.equal([])
  })

  it('ends with what was there when it began, and reads no further than it is read', async () => {
    await using log = await temporaryLog()
    await log.write(...Array.from({ length: 1500 }, () => ({})))
    const pieces = log.journal.export({ day: DAY }, 'jsonl')[Symbol.asyncIterator]()
    const first = await pieces.next()
    await log.write({ text: 'too late' })
    let rest = ''
    for (let piece = await pieces.next(); !piece.done; piece = await pieces.next()) rest += piece.value
    expect(`${first.value}${rest}`.trimEnd().split('\n')).to.have.length(1500)
    expect(rest).to.not.include('too late')
  })

  it('can be given up in the middle', async () => {
    await using log = await temporaryLog()
    await log.write(...Array.from({ length: 3000 }, () => entry()))
    for await (const piece of log.journal.export({ day: DAY }, 'csv')) {
      expect(piece).to.include(String(new Date(NOON).getUTCFullYear()))
      break
    }
    expect(await log.all()).to.have.length(1000)
  })
})
