/** Transcripts, chats and speeds: bounded, in order, and readable while they grow. */
import { expect } from 'chai'
import * as fc from 'fast-check'
import { Chat, LONGEST_MESSAGE, messageText } from '../../module/activity/chat.ts'
import { Speed } from '../../module/activity/speed.ts'
import { eachLine, Transcript } from '../../module/activity/transcript.ts'

describe('a transcript', () => {
  it('keeps the beginning and the latest lines within its size', () => {
    const transcript = new Transcript()
    for (let line = 1; line <= 1000; line++) transcript.add('client', `NOOP ${line}`, 0, 10_000)
    const numbers = transcript.lines().map(({ number }) => number)
    expect(transcript.size).to.be.at.most(10_000)
    expect(numbers.slice(0, 30)).to.deep.equal(Array.from({ length: 30 }, (_, at) => at + 1))
    expect(numbers.at(-1)).to.equal(1000)
    expect(numbers.length).to.be.above(90)
    expect(numbers[30]).to.equal(1000 - (numbers.length - 31))
  })

  it('gives what comes after a line that was seen already', () => {
    const transcript = new Transcript()
    for (let line = 1; line <= 50; line++) transcript.add('server', `200 ${line}`, 0, 100_000)
    expect(transcript.lines(48).map(({ text }) => text)).to.deep.equal(['200 49', '200 50'])
    expect(transcript.lines(transcript.last)).to.deep.equal([])
  })

  it('stays bounded against a client that sends nothing but long lines', () => {
    const transcript = new Transcript()
    for (let line = 0; line < 500; line++) transcript.add('client', 'x'.repeat(8192), 0, 8192)
    expect(transcript.size).to.be.below(30 * 600)
    expect(transcript.lines().every(({ text }) => text.length <= 513)).to.be.true
  })

  it('writes replies as they were sent', () => {
    const session = { id: '1', address: '', port: 1, localAddress: '', localPort: 1, since: 0 }
    const texts = (lines: string[]) => {
      const told: string[] = []
      eachLine({ kind: 'reply', session, code: 211, lines }, (_from, text) => told.push(text))
      return told
    }
    expect(texts(['End'])).to.deep.equal(['211 End'])
    expect(texts(['Features:', ' MDTM', ' SIZE', 'End'])).to.deep.equal(['211-Features:', ' MDTM', ' SIZE', '211 End'])
  })
})

describe('a chat', () => {
  it('keeps the latest lines of both sides', () => {
    const chat = new Chat()
    for (let line = 1; line <= 250; line++) {
      if (line % 2 === 0) chat.add({ at: line, from: 'client', text: `${line}` })
      else chat.add({ at: line, from: 'administrator', by: 'olga', text: `${line}` })
    }
    expect(chat.lines()).to.have.lengthOf(200)
    expect(chat.lines(248)).to.deep.equal([
      { number: 249, at: 249, from: 'administrator', by: 'olga', text: '249' },
      { number: 250, at: 250, from: 'client', text: '250' },
    ])
  })

  it('stops texts that would break the protocol', () => {
    expect(messageText('hello\r\n221 Goodbye.\r\n')).to.equal('hello 221 Goodbye.')
    expect(messageText('a\u2028b\0c\x1b[2J')).to.equal('a b c [2J')
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 900 }), (text) => {
        const line = messageText(text)
        expect(line).not.to.match(/[\p{Cc}\p{Zl}\p{Zp}]/u)
        expect(line.length).to.be.at.most(LONGEST_MESSAGE)
        expect(line.isWellFormed()).to.equal(text.isWellFormed() || line.isWellFormed())
      }),
    )
    expect(messageText('😀'.repeat(300)).isWellFormed()).to.be.true
    expect(messageText(`x${'😀'.repeat(300)}`).isWellFormed()).to.be.true
  })
})

describe('a speed', () => {
  it('follows the bytes, smoothed, and falls when nothing moves', () => {
    const speed = new Speed(0)
    for (let step = 1; step <= 40; step++) speed.moved(step * 250_000, step * 250)
    expect(speed.perSecond(10_000)).to.equal(1_000_000)
    for (let step = 41; step <= 60; step++) speed.moved(10_000_000 + (step - 40) * 500_000, step * 250)
    expect(speed.perSecond(15_000)).to.be.within(1_850_000, 2_000_000)
    expect(speed.perSecond(30_000)).to.be.below(2000)
  })

  it('is nothing before the first byte and survives news at one instant', () => {
    const speed = new Speed(0)
    speed.moved(1000, 0)
    expect(speed.perSecond(0)).to.equal(0)
  })
})
