/** The log at a syslog host: how messages look, how they are framed, and that a deaf host holds nobody up. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { expect } from 'chai'
import { KINDS } from '../../module/journal/entry.ts'
import type { CleanEntry, NewEntry } from '../../module/journal/entry.ts'
import { entriesOf, runOf } from '../../module/journal/run.ts'
import { openSyslog, syslogMessage } from '../../module/journal/syslog.ts'
import { eventually } from '../cap.ts'
import { entry, NOON, temporaryLog } from './temporary-log.ts'

const clean = (given: Partial<NewEntry>): CleanEntry => entriesOf(runOf([entry(given)], NOON))[0]!

/** The parts of a message in the grammar of RFC 5424 section 6. */
const MESSAGE =
  /^<(\d{1,3})>1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) ([!-~]{1,255}) ftp-module (\d+) ([!-~]{1,32}) \[meta sequenceId="(\d+)"\] \ufeff(.*)$/s

async function tcpHost(received: (chunk: Buffer, socket: Socket) => void): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.on('data', (chunk) => received(chunk, socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port

/** Messages framed by octet counting (RFC 6587 section 3.4.1). */
function unframe(octets: Buffer): string[] {
  const messages: string[] = []
  for (let at = 0; at < octets.length;) {
    const space = octets.indexOf(0x20, at)
    const length = Number(octets.toString('latin1', at, space))
    expect(length).to.be.within(1, 2048)
    messages.push(octets.toString('utf8', space + 1, space + 1 + length))
    at = space + 1 + length
  }
  return messages
}

describe('a syslog message', () => {
  it('has the form of RFC 5424 and the severity of its kind', () => {
    const severities = KINDS.map((kind) => {
      const text = syslogMessage(clean({ kind, event: 'login', user: 'anna', address: '::1', text: 'Привет' }), 11, 7)
      const [, priority, time, , , event, sequence, message] = MESSAGE.exec(text.toString('utf8')) ?? []
      expect([time, event, sequence, message]).to.deep.equal([
        '2026-10-20T12:00:00.000Z',
        'login',
        '7',
        '::1 anna: Привет',
      ])
      return Number(priority) - 11 * 8
    })
    expect(severities).to.deep.equal([6, 5, 4, 3])
  })

  it('is cut to 2,048 octets between characters, not inside one', () => {
    for (const pad of ['', 'a', 'ab', 'abc']) {
      const message = syslogMessage(clean({ text: pad + '😀'.repeat(1500) }), 1, 1)
      expect(message.length).to.be.within(2045, 2048)
      expect(message.toString('utf8')).to.not.include('\ufffd')
    }
  })

  it('forging: neither a line end nor a strange event makes a second message', () => {
    const text = syslogMessage(clean({ event: 'a b\n<1>1', text: 'x\n<34>1 forged' }), 1, 1).toString('utf8')
    expect(MESSAGE.exec(text)?.[5]).to.equal('ab\\x0a<1>1')
    expect(text).to.not.include('\n')
  })
})

describe('a syslog host', () => {
  it('gets every entry over TCP, framed by octet counting', async () => {
    const chunks: Buffer[] = []
    const server = await tcpHost((chunk) => chunks.push(chunk))
    await using log = await temporaryLog({
      syslog: { host: '127.0.0.1', port: portOf(server), facility: 11, protocol: 'tcp' },
    })
    await log.write(...Array.from({ length: 600 }, (_, index) => ({ text: `запись ${index}` })))
    const arrived = (): string[] => unframe(Buffer.concat(chunks))
    // At the end: behind the number of another entry, the length of the next message may begin with the digit that is missing.
    await eventually(() => Buffer.concat(chunks).toString().endsWith('запись 599'), 'the last entry')
    expect(arrived().map((message) => MESSAGE.exec(message)?.[7])).to.deep.equal(
      Array.from({ length: 600 }, (_, index) => `запись ${index}`),
    )
    server.close()
  })

  it('gets entries over UDP, one in a datagram', async () => {
    const socket = createSocket('udp4').bind(0, '127.0.0.1')
    await once(socket, 'listening')
    const sender = openSyslog({ host: 'localhost', port: socket.address().port, facility: 3, protocol: 'udp' })
    const messages: string[] = []
    socket.on('message', (message) => messages.push(message.toString('utf8')))
    await eventually(() => {
      sender.send([clean({ text: 'hello' })])
      return messages.length > 0
    }, 'a datagram')
    expect(MESSAGE.exec(messages[0] ?? '')?.[1]).to.equal('30')
    sender.close()
    socket.close()
  })

  it('that never reads costs bounded memory and no time', async () => {
    const server = await tcpHost((_chunk, socket) => socket.pause())
    const sender = openSyslog({ host: '127.0.0.1', port: portOf(server), facility: 1, protocol: 'tcp' })
    const [peer] = (await once(server, 'connection')) as [Socket]
    const batch = Array.from({ length: 1000 }, () => clean({ text: 'x'.repeat(1500) }))
    const before = process.memoryUsage().arrayBuffers
    const began = performance.now()
    for (let round = 0; round < 50; round++) {
      sender.send(batch)
      await new Promise(setImmediate)
    }
    expect(performance.now() - began).to.be.lessThan(5000)
    expect(process.memoryUsage().arrayBuffers - before).to.be.lessThan(60_000_000)
    sender.close()
    peer.destroy()
    server.close()
  })

  it('that is not there changes nothing for the log', async () => {
    const server = await tcpHost(() => undefined)
    const port = portOf(server)
    server.close()
    await using log = await temporaryLog({ syslog: { host: '127.0.0.1', port, facility: 1, protocol: 'tcp' } })
    await log.write({ text: 'kept' })
    expect(await log.texts()).to.deep.equal(['kept'])
    expect(log.journal.state()).to.deep.equal({ waiting: 0, dropped: 0 })
  })
})
