/** The story of a session: one sentence, then its entries. */
import { Readable } from 'node:stream'
import { Client } from 'basic-ftp'
import { expect } from 'chai'
import { eventually } from '../cap.ts'
import { temporaryLog } from '../journal/temporary-log.ts'
import { link, logPages, rows } from './log-pages.ts'
import { mounted } from './mounted.ts'

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
    expect(rows((await it.get(link(story, /Back to the log/))).text)).to.include('Вход выполнен.')
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
