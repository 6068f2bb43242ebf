/** The export of the log: what the filter shows, as a file that is never held in memory. */
import { Readable } from 'node:stream'
import { expect } from 'chai'
import { CAP, capped, eventually } from '../cap.ts'
import { DAY, temporaryLog } from '../journal/temporary-log.ts'
import { instead, logPages } from './log-pages.ts'

describe('the export of the log', () => {
  it('is exactly what the filter shows, as an attachment with a name that says so', async () => {
    await using log = await temporaryLog()
    await using pages = await logPages(log.journal)
    await log.write({ text: '=cmd()', user: 'anna' }, { text: 'other', user: 'boris' })
    for (const [format, type, ending] of [
      ['csv', 'text/csv', 'csv'],
      ['jsonl', 'application/x-ndjson', 'jsonl'],
      ['text', 'text/plain', 'txt'],
    ] as const) {
      const answer = await pages.get(`/log/export?day=${DAY}&user=anna&format=${format}`)
      expect(answer.headers.get('content-type')).to.include(type)
      const disposition = `attachment; filename="ftp-log-${DAY}-part.${ending}"`
      expect(answer.headers.get('content-disposition')).to.equal(disposition)
      const bytes = Buffer.from(await answer.arrayBuffer()).toString()
      expect(bytes).to.equal(await log.exported(format, { user: 'anna' }))
      expect(bytes).to.include('cmd()').and.to.not.include('other')
      const whole = await pages.get(`/log/export?day=${DAY}&format=${format}`)
      expect(whole.headers.get('content-disposition')).to.include(`ftp-log-${DAY}.${ending}`)
      expect(await whole.text()).to.include('other')
    }
  })

  it('is refused in a format that is none', async () => {
    await using log = await temporaryLog()
    await using pages = await logPages(log.journal)
    expect((await pages.get(`/log/export?day=${DAY}&format=exe`)).status).to.equal(400)
    expect((await pages.get(`/log/export?day=${DAY}`)).status).to.equal(400)
  })

  it('is read from the disk only as fast as the browser reads, and no further once it is gone', async () => {
    await using log = await temporaryLog()
    let pieces = 0
    let ended = false
    async function* endless() {
      try {
        for (;;) {
          pieces++
          yield 'x'.repeat(100_000)
        }
      } finally {
        ended = true
      }
    }
    await using pages = await logPages(instead(log.journal, { export: endless }))
    const controller = new AbortController()
    const answer = await pages.get(`/log/export?day=${DAY}&format=text`, {}, controller.signal)
    const body = Readable.fromWeb(answer.body as Parameters<typeof Readable.fromWeb>[0])
    await capped(new Promise((resolve) => body.once('readable', resolve)), 'the first bytes')
    let before = -1
    await eventually(() => pieces === before || ((before = pieces), false), 'the server waits', CAP)
    expect(pieces * 100_000, 'held in sockets and buffers').to.be.below(20_000_000)
    body.on('error', () => undefined)
    controller.abort()
    await eventually(() => ended, 'the export ends')
  })
})
