/** The Log tab: a day, its pages, calendar, search and filters; the story of a session; export. */
import { expect } from 'chai'
import { Client } from 'basic-ftp'
import { Readable } from 'node:stream'
import { CAP, capped, eventually } from '../cap.ts'
import { DAY, NOON, temporaryLog } from '../journal/temporary-log.ts'
import { instead, logPages } from './log-pages.ts'
import { mounted } from './mounted.ts'

const PAGE = `/log?day=${DAY}`

/** The texts of the rows, in their order. */
function rows(html: string): string[] {
  return [...html.matchAll(/<td class="log-text">[^]*?<bdi>([^]*?)<\/bdi>/g)].map(([, text]) => plain(text ?? ''))
}

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"' }

function plain(html: string): string {
  return html.replaceAll(/&(?:#(\d+)|(\w+));/g, (_, code: string | undefined, name: string) =>
    code === undefined ? (NAMED[name] ?? '') : String.fromCharCode(Number(code)),
  )
}

/** The first link that a text of the page stands in, as an address. */
function link(html: string, text: RegExp): string {
  const found = [...html.matchAll(/<a [^>]*href="([^"]*)"[^>]*>([^]*?)<\/a>/g)].find(([whole]) => text.test(whole))
  return (found?.[1] ?? '').replaceAll('&amp;', '&')
}

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

describe('hostile text in the log', () => {
  const HOSTILE = [
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    '{{7*7}}{% raw %}',
    '\x1b[31mred\x1b]0;title\x07',
    'user\u202egnp.exe\u2066',
    '=cmd()',
    "=cmd|'/C calc'!A0",
    '%0d%0aSet-Cookie: a=b',
    'line\r\nbreak',
    '${7*7}`',
    "' OR 1=1 --",
  ]
  for (const text of HOSTILE) {
    it(`${JSON.stringify(text)} shows as text`, async () => {
      await using log = await temporaryLog()
      await using pages = await logPages(log.journal)
      await log.write({ text, user: text, path: `/${text}`, session: text, address: text, event: 'command' })
      const [entry] = await log.all()
      const stored = entry?.text ?? ''
      for (const path of [
        PAGE,
        `${PAGE}&q=${encodeURIComponent(text)}&user=${encodeURIComponent(text)}`,
        `/log/session/${encodeURIComponent(entry?.session ?? '')}`,
      ]) {
        const answer = await pages.get(path)
        const html = await answer.text()
        expect(answer.status).to.equal(200)
        expect(answer.headers.has('set-cookie')).to.be.false
        expect(html).to.not.match(/<script>|<img|onerror=alert\(1\)>/)
        // oxlint-disable-next-line no-control-regex
        expect(html).to.not.match(/[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]/)
      }
      expect(rows(await pages.text(PAGE))).to.deep.equal([stored])
      const found = await pages.text(`${PAGE}&user=${encodeURIComponent(stored)}`)
      expect(rows(found), 'and can be filtered by').to.have.length(1)
    })
  }
})

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

describe('the story of a session', () => {
  it('says in one sentence what a real client did, and leads back to its day', async () => {
    const right = { user: 'anna', level: 'custom', rights: ['list', 'download', 'upload'] }
    await using it = await mounted({
      preset: {
        enabled: true,
        users: [{ name: 'anna', password: 'correct horse' }],
        resources: [{ name: 'Scans', folder: 'scans', rights: [right] }],
      },
    })
    const client = new Client()
    await client.access({ host: '127.0.0.1', port: it.port, user: 'anna', password: 'correct horse' })
    await client.uploadFrom(Readable.from([Buffer.alloc(1000)]), '/Scans/a.bin')
    await client.uploadFrom(Readable.from([Buffer.alloc(2000)]), '/Scans/b <i>.bin')
    await client.remove('/Scans/a.bin').catch(() => undefined)
    client.close()
    await eventually(() => it.service.sessions().length === 0, 'the session ends')
    await it.service.journal.flush()
    const { text: day } = await it.get('/log')
    const path = link(day, /Story of the session/)
    const { text: story } = await it.get(path)
    expect(story).to.include('anna from 127.0.0.1: put 2 files, 3 kB, into Scans; 1 refusal: no right to delete.')
    expect(rows(story).length).to.be.above(8)
    expect(story).to.include('b &lt;i&gt;.bin').and.to.not.include('correct horse')
    const { text: russian } = await ((it.presentation = { ...it.presentation, locale: 'ru' }), it.get(path))
    expect(russian).to.include('anna с адреса 127.0.0.1: загружено 2 файла (3 кБ) в Scans; 1 отказ: нет права удалять.')
    expect(rows((await it.get(link(story, /Back to the log/))).text)).to.include('Logged in.')
  })

  it('counts what broke off, what was changed, and who never logged in', async () => {
    await using log = await temporaryLog()
    await using pages = await logPages(log.journal)
    const transfer = { event: 'transfer-ended', path: '/A/x', bytes: 10, session: 's', address: '10.0.0.7' }
    await log.write(
      { ...transfer, text: 'Sent /A/x (RETR): 10 bytes in 1.000 s.', result: 'complete' },
      { ...transfer, text: 'Sent /A/x (RETR): 10 bytes in 1.000 s. Aborted.', result: 'aborted' },
      { event: 'changed', text: 'Deleted /A/x.', session: 's' },
      {
        event: 'login-failed',
        session: 't',
        address: '::1',
        verdict: { rule: 'login.password', level: 'user' },
        text: 'Refused.',
      },
    )
    expect(await pages.text('/log/session/s')).to.include(
      'Somebody from 10.0.0.7 without a login: fetched 1 file, 10 B, from A; deleted, renamed or made something once; 1 transfer broke off.',
    )
    expect(await pages.text('/log/session/t')).to.include('::1 without a login: 1 refusal: wrong name or password.')
  })

  it('has pages of its own', async () => {
    await using log = await temporaryLog()
    await using pages = await logPages(log.journal)
    await log.write(...Array.from({ length: 230 }, (_, n) => ({ text: `n${n}`, session: 's/../?x' })))
    const path = `/log/session/${encodeURIComponent('s/../?x')}`
    const first = await pages.text(path)
    expect(rows(first)[0]).to.equal('n0')
    expect(rows(await pages.text(link(first, /Forward/)))[0]).to.equal('n100')
    for (const page of ['3', '99', 'x']) expect((await pages.get(`${path}?page=${page}`)).status).to.equal(200)
    expect(rows(await pages.text(`${path}?page=99`))).to.have.length(30)
  })
})
