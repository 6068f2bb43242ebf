/** The Log tab: a day of entries, its pages, calendar, search and filters. */
import { expect } from 'chai'
import { DAY, NOON, temporaryLog } from '../journal/temporary-log.ts'
import { instead, link, logPages, rows } from './log-pages.ts'

const PAGE = `/log?day=${DAY}`

describe('the page "Log"', () => {
  it('opens on today, on the last page, the newest last', async () => {
    await using log = await temporaryLog()
    await using pages = await logPages(log.journal)
    const now = Date.now()
    await log.write({ text: 'another day' }, ...Array.from({ length: 250 }, (_, n) => ({ text: `n${n}`, time: now })))
    const html = await pages.text('/log')
    expect(rows(html)).to.deep.equal(Array.from({ length: 50 }, (_, n) => `n${200 + n}`))
    expect(html).to.include('250 entries').and.to.include('data-follow=')
  })

  it('shows each kind by a colour of the row, a shape and a word', async () => {
    await using log = await temporaryLog()
    await using pages = await logPages(log.journal)
    await log.write({ kind: 'message' }, { kind: 'status' }, { kind: 'warning' }, { kind: 'error' })
    const html = await pages.text(PAGE)
    for (const [kind, badge, word] of [
      ['message', 'plain', 'Message'],
      ['status', 'good', 'Status'],
      ['warning', 'warning', 'Warning'],
      ['error', 'bad', 'Error'],
    ]) {
      expect(html).to.match(new RegExp(`<tr class="log-${kind}"[^]*?<span class="badge ${badge}">${word}</span>`))
    }
  })

  it('turns pages back and forward, to the ends, and to a number', async () => {
    await using log = await temporaryLog()
    await using pages = await logPages(log.journal)
    await log.write(...Array.from({ length: 350 }, (_, n) => ({ text: `n${n}` })))
    const second = await pages.text(`${PAGE}&page=2`)
    expect(rows(second).at(0)).to.equal('n100')
    expect(rows(await pages.text(link(second, /First/)))[0]).to.equal('n0')
    expect(rows(await pages.text(link(second, /Back/)))[0]).to.equal('n0')
    expect(rows(await pages.text(link(second, /Forward/)))[0]).to.equal('n200')
    expect(rows(await pages.text(link(second, /Last/)))).to.have.length(50)
    expect(rows(await pages.text(`${PAGE}&page=999`))[0]).to.equal('n300')
    for (const nonsense of ['0', '-1', 'x', '1e3', '']) {
      expect(rows(await pages.text(`${PAGE}&page=${nonsense}`))[0], nonsense).to.equal('n300')
    }
    const last = await pages.text(PAGE)
    expect(last).to.match(/<span class="button" aria-disabled="true">\s*Forward/)
  })

  it('searches user, address, path and text, and filters by kind, user and session; the link says it all', async () => {
    await using log = await temporaryLog()
    await using pages = await logPages(log.journal)
    await log.write(
      { text: 'one', user: 'anna', address: '10.0.0.7', session: 's-1', kind: 'error' },
      { text: 'two', user: 'boris', address: '10.0.0.8', session: 's-2', path: '/Scans/Needle.pdf', kind: 'status' },
      { text: 'three', user: 'anna', address: '10.0.0.7', session: 's-3' },
    )
    const texts = async (filter: string) => rows(await pages.text(`${PAGE}&${filter}`))
    expect(await texts('q=needle')).to.deep.equal(['two'])
    expect(await texts('q=10.0.0.7')).to.deep.equal(['one', 'three'])
    expect(await texts('q=ANNA&kind=error&kind=status')).to.deep.equal(['one'])
    expect(await texts('user=anna')).to.deep.equal(['one', 'three'])
    expect(await texts('session=s-2')).to.deep.equal(['two'])
    const html = await pages.text(`${PAGE}&q=an&user=anna&kind=error&page=1`)
    expect(html).to.include('1 entry found')
    expect(html).to.include('name="q" value="an"').and.to.include('name="user" value="anna"')
    expect(html).to.match(/value="error" checked/)
    const yesterday = new URL(link(html, /Previous day/), pages.origin).searchParams
    expect([...yesterday]).to.deep.include.members([
      ['q', 'an'],
      ['user', 'anna'],
      ['kind', 'error'],
    ])
    expect(link(html, /Clear filters/)).to.equal(PAGE)
  })

  it('marks days with entries and days with errors in the calendar, and walks through months', async () => {
    await using log = await temporaryLog()
    await using pages = await logPages(log.journal)
    const day = 86_400_000
    await log.write({}, {}, { time: NOON - day, kind: 'error' }, { time: NOON - 30 * day })
    const html = await pages.text(PAGE)
    expect(html).to.match(/class="log-day entries" aria-current="date">[^]*?Tuesday, October 20, 2026, 2 entries</)
    expect(html).to.match(/day=2026-10-19" class="log-day errors"[^]*?1 entry, 1 error</)
    expect(html).to.include('<span class="log-day">18</span>')
    const before = await pages.text(link(html, /Previous month/))
    expect(before).to.include('Days of September 2026').and.to.include('day=2026-09-20" class="log-day entries"')
    expect(rows(before), 'the day stays').to.have.length(2)
    expect(before).to.include('Tuesday, October 20, 2026')
  })

  it('begins weeks as the reader is used to', async () => {
    await using log = await temporaryLog()
    for (const [locale, first] of [
      ['en', 'Monday'],
      ['en-US', 'Sunday'],
      ['ru', 'понедельник'],
    ] as const) {
      await using pages = await logPages(log.journal, { presentation: { locale } })
      const [, weekday] = /<abbr title="([^"]+)"/.exec(await pages.text(PAGE)) ?? []
      expect(weekday, locale).to.equal(first)
    }
  })

  it('says what to do next where there is nothing', async () => {
    await using log = await temporaryLog()
    await using pages = await logPages(log.journal)
    expect(await pages.text(PAGE)).to.include('Choose another day')
    expect(await pages.text(`${PAGE}&q=x`))
      .to.include('Try other words')
      .and.to.include('Clear filters')
    expect(await pages.text('/log')).to.include('New ones appear here by themselves')
    expect(await pages.text('/log/session/none')).to.include('no longer kept')
  })

  it('says of a day that is none that it is none, and shows today', async () => {
    await using log = await temporaryLog()
    await using pages = await logPages(log.journal)
    for (const day of ['2026-02-30', 'tomorrow', '../../etc/passwd', '<b>', '0000-01-01', '2026-1-1']) {
      const html = await pages.text(`/log?day=${encodeURIComponent(day)}&month=${encodeURIComponent(day)}`)
      expect(html, day).to.include('is not a day of the calendar')
      expect(html).to.include(log.journal.today())
    }
  })

  it('has no link outside the base path', async () => {
    await using log = await temporaryLog()
    await using pages = await logPages(log.journal, { base: '/modules/ftp' })
    await log.write(...Array.from({ length: 150 }, () => ({ user: 'anna', session: 's', address: '10.0.0.7' })))
    for (const path of [PAGE, '/log', `${PAGE}&q=none`, '/log/session/s']) {
      const links = (await pages.text(path)).match(/(?:href|src|action|hx-get|data-\w+)="\/(?!modules\/ftp\/)[^"]*"/g)
      expect(links, path).to.equal(null)
    }
  })

  it('says why new entries are not being stored', async () => {
    await using log = await temporaryLog()
    const problem = 'The disk of the log is full.'
    const state = () => ({ waiting: 1, dropped: 0, problem })
    await using pages = await logPages(instead(log.journal, { state }))
    expect(await pages.text(PAGE)).to.include(problem)
  })

  it('explains a refusal in the words of the language', async () => {
    await using log = await temporaryLog()
    await using pages = await logPages(log.journal, { presentation: { locale: 'ru' } })
    await log.write({ event: 'refused', verdict: { rule: 'right.delete', level: 'group', detail: 'group staff' } })
    const html = await pages.text(PAGE)
    for (const words of ['нет права удалять', 'запись для группы', 'group staff', 'right.delete', 'Отказ']) {
      expect(html).to.include(words)
    }
  })
})
