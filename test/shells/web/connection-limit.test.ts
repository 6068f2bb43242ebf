/** Web connections are counted by the host they come from. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { connect } from 'node:net'
import { expect } from 'chai'
import { limitConnections } from '../../../module/shells/embedded/web/connection-limit.ts'
import { originOf } from '../../../module/shells/embedded/web/origin.ts'

describe('a host of the LAN that opens every web connection it can (connection exhaustion)', () => {
  const server = createServer((_, response) => void response.end('served'))
  const open: Socket[] = []

  before(async () => {
    limitConnections(server, 3, () => false)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
  })
  afterEach(() => {
    for (const socket of open.splice(0)) socket.destroy()
  })
  after(() => server.close())

  /** What a request over a new connection from that address is answered; empty where it is closed at once. */
  const ask = async (from: string): Promise<{ socket: Socket; answer: string }> => {
    const { port } = server.address() as AddressInfo
    const socket = connect({ host: '127.0.0.1', port, localAddress: from })
    open.push(socket)
    socket.on('error', () => undefined)
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    const answer = await Promise.race([
      once(socket, 'data').then(([data]) => String(data)),
      once(socket, 'close').then(() => ''),
    ])
    return { socket, answer }
  }

  it('is closed out beyond its share while another host is served', async () => {
    for (let count = 0; count < 3; count++) expect((await ask('127.0.0.2')).answer).to.include('served')
    expect((await ask('127.0.0.2')).answer).to.equal('')
    expect((await ask('127.0.0.3')).answer).to.include('served')
  })

  it('has its share again when it lets go', async () => {
    const held = [await ask('127.0.0.2'), await ask('127.0.0.2'), await ask('127.0.0.2')]
    held[0]?.socket.end()
    await once(held[0]?.socket ?? server, 'close')
    expect((await ask('127.0.0.2')).answer).to.include('served')
  })

  it('does not gain by the addresses of one IPv6 network', () => {
    expect(originOf('2001:db8:1:2::1')).to.equal(originOf('2001:db8:1:2:ffff::9'))
    expect(originOf('2001:db8:1:2::1')).not.to.equal(originOf('2001:db8:1:3::1'))
    expect(originOf('::ffff:192.0.2.1')).to.equal(originOf('192.0.2.1'))
  })
})
