/** Following the log: the stream of rows behind a page, without gap or double, bounded, ending with the day. */
import { expect } from 'chai'
import type { Entry } from '../../module/journal/entry.ts'
import { idOf } from '../../module/journal/row.ts'
import { BATCH, follow } from '../../module/web/log/follow.ts'
import { capped, eventually } from '../cap.ts'
import { DAY, entry, NOON, temporaryLog } from '../journal/temporary-log.ts'
import { instead, logPages } from './log-pages.ts'

interface Message {
  readonly event: string
  readonly id: string
  readonly data: string
}

/** The messages of a stream as they come; heartbeats are left out. */
async function* messages(answer: Response): AsyncGenerator<Message> {
  let text = ''
  for await (const piece of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += piece
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const lines = text.slice(0, end).split('\n')
      text = text.slice(end + 2)
      const field = (name: string) =>
        lines.flatMap((line) => (line.startsWith(`${name}: `) ? [line.slice(name.length + 2)] : [])).join('\n')
      if (field('data') || field('event')) yield { event: field('event'), id: field('id'), data: field('data') }
    }
  }
}

async function next(stream: AsyncGenerator<Message>): Promise<Message> {
  const { value, done } = await capped(stream.next(), 'a message')
  if (done === true) throw new Error('the stream has ended')
  return value
}

describe('a page that follows the log', () => {
  it('is sent new rows as they stand in the table, and only those that match', async () => {
    await using log = await temporaryLog()
    await using pages = await logPages(log.journal, { presentation: { locale: 'ru' } })
    await log.write({ text: 'before', time: Date.now() })
    const [, address = ''] = /data-follow="([^"]+)"/.exec(await pages.text('/log?kind=error&q=disk')) ?? []
    const answer = await pages.get(address.replaceAll('&amp;', '&'))
    expect(answer.headers.get('content-type')).to.include('text/event-stream')
    const stream = messages(answer)
    const time = Date.now()
    await log.write({ text: 'disk ok', time }, { text: 'net', kind: 'error', time })
    await log.write({ text: '<b>disk</b>', kind: 'error', time, verdict: { rule: 'disk.read', level: 'system' } })
    const { data, id, event } = await next(stream)
    expect(event).to.equal('')
    expect(Number(id)).to.be.above(0)
    expect(data.match(/<tr /g)).to.have.length(1)
    expect(data).to.include('&lt;b&gt;disk&lt;/b&gt;').and.to.include('Ошибка').and.to.include('ошибка чтения диска')
  })

  it('misses nothing between the page and the stream, nor while it was away', async () => {
    await using log = await temporaryLog()
    await using pages = await logPages(log.journal)
    const time = Date.now()
    await log.write({ text: 'shown', time })
    const through = (await log.journal.page({ day: log.journal.today() }, { page: 'last' })).through
    await log.write({ text: 'between', time })
    const stream = messages(await pages.get(`/log/follow?after=${through}`))
    const first = await next(stream)
    expect(first.data).to.include('between').and.to.not.include('shown')
    await stream.return(undefined)
    await log.write({ text: 'while away', time })
    const again = messages(await pages.get(`/log/follow?after=${through}`, { 'Last-Event-ID': first.id }))
    expect((await next(again)).data)
      .to.include('while away')
      .and.to.not.include('between')
  })

  it('costs nothing any more once it is closed', async () => {
    await using log = await temporaryLog()
    let followers = 0
    const subscribe = (listener: (stored: () => readonly Entry[]) => void) => {
      followers++
      const stop = log.journal.subscribe(listener)
      return () => {
        followers--
        stop()
      }
    }
    await using pages = await logPages(instead(log.journal, { subscribe }))
    const controller = new AbortController()
    await pages.get('/log/follow', {}, controller.signal)
    await eventually(() => followers === 1, 'it follows')
    controller.abort()
    await eventually(() => followers === 0, 'it follows no longer')
  })

  it('is told when the day is over, and of a day that is over gets what there is', async () => {
    await using log = await temporaryLog()
    const stop = new AbortController()
    const batches = follow(log.journal, { day: DAY }, idOf(DAY, 0), stop.signal)
    await log.write({ text: 'last', time: NOON })
    expect((await batches.next()).value).to.deep.include({ over: false, skipped: false })
    await log.write({ text: 'next day', time: NOON + 86_400_000 })
    const { value } = await capped(batches.next(), 'the end of the day')
    expect(value).to.deep.equal({ entries: [], skipped: false, over: true })
    expect((await batches.next()).done).to.be.true
  })
})

describe('a burst of entries', () => {
  it('is cut to what a browser can show, and says so', async () => {
    await using log = await temporaryLog()
    const stop = new AbortController()
    const batches = follow(log.journal, { day: DAY }, idOf(DAY, 0), stop.signal)
    await log.write(...Array.from({ length: 3 * BATCH }, (_, n) => ({ text: `n${n}` })))
    const { value } = await capped(batches.next(), 'a batch')
    expect(value?.skipped).to.be.true
    expect(value?.entries.map(({ text }) => text)).to.deep.equal(
      Array.from({ length: BATCH }, (_, n) => `n${n + 2 * BATCH}`),
    )
    const waiting = batches.next()
    log.journal.record(entry({ text: 'one more' }))
    const { value: second } = await capped(waiting, 'the next batch')
    expect(second?.entries.map(({ text }) => text)).to.deep.equal(['one more'])
    expect(second?.skipped).to.be.false
    const last = batches.next()
    stop.abort()
    expect((await capped(last, 'the end')).done).to.be.true
  })
})
