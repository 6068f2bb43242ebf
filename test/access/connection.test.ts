/** Access control in front of the real engine: what clients see, and when. */
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect } from 'chai'
import { RuleList } from '../../module/access/ip-rules.ts'
import { createFtpServer } from '../../module/ftp/server.ts'
import type { FtpEvent } from '../../module/ftp/events.ts'
import { DEFAULTS } from '../../module/ftp/options.ts'
import { capped } from '../cap.ts'
import { MemoryBackend } from '../memory-backend.ts'
import { rules } from './rules.ts'
import { lists, setUp } from './set-up.ts'

type Policy = NonNullable<Parameters<typeof setUp>[0]>['policy']

/** A server that listens on both families, guarded by a policy. */
async function guarded(policy: Policy) {
  const access = setUp(policy === undefined ? {} : { policy })
  const backend = new MemoryBackend([])
  backend.admits = (client, domain) => access.gate.admit(client, domain)
  backend.admitsHost = (client, domain) => access.gate.admitHost(client, domain)
  const events: FtpEvent[] = []
  const domains = [
    { id: 'default', names: ['ftp.example'] },
    { id: 'shop', names: ['shop.example'] },
  ] as const
  const server = createFtpServer({
    backend,
    options: { ...DEFAULTS, domains },
    observers: [(event) => events.push(event)],
  })
  await server.listen([{ address: '::', port: 0, implicitTls: false, domain: 'default' }])
  return {
    access,
    events,
    /** All that a client reads which says these lines and then QUIT. */
    async hear(host: string, ...lines: string[]): Promise<string> {
      const socket = connect({ host, port: server.addresses()[0]?.port ?? 0 })
      // The server may have hung up before the last line is written.
      socket.on('error', () => undefined)
      socket.write([...lines, 'QUIT', ''].join('\r\n'))
      return capped(text(socket), 'the server to hang up')
    },
    [Symbol.asyncDispose]: () => server.close({ graceMs: 0 }),
  }
}

describe('a connection that the rules refuse', () => {
  it('gets no greeting, and the verdict names the rule', async () => {
    await using server = await guarded({ server: new RuleList(rules('deny 127.0.0.1', 'allow *.*.*.*', 'allow *:*')) })
    expect(await server.hear('127.0.0.1')).not.to.match(/^220/m)
    expect(await server.hear('::1')).to.match(/^220[ -]/)
    const refused = server.events.find((event) => event.kind === 'connection-refused')
    expect(refused).to.deep.include({
      verdict: { allowed: false, rule: 'access.rule', level: 'server', detail: '127.0.0.1' },
    })
  })

  it('stops a client that comes as ::ffff:127.0.0.1 on a listener of both families', async () => {
    await using server = await guarded({
      server: new RuleList(rules('deny 127.0.0.0/8', 'allow *.*.*.*', 'allow *:*')),
    })
    expect(await server.hear('::ffff:127.0.0.1')).not.to.match(/^220/m)
    expect(await server.hear('127.0.0.1')).not.to.match(/^220/m)
  })

  it('gets no greeting while it is banned', async () => {
    await using server = await guarded({})
    server.access.fail('127.0.0.1', 'root', 6)
    // The LAN of these tests is elsewhere, so loopback is banned like any other address.
    expect(await server.hear('127.0.0.1')).not.to.match(/^220/m)
    server.access.clock.pass(30 * 60 + 1)
    expect(await server.hear('127.0.0.1')).to.match(/^220[ -]/)
  })

  it('may be refused at HOST by the rules of that domain', async () => {
    await using server = await guarded({ domains: lists({ shop: ['deny 127.0.0.1', 'allow *.*.*.*'] }) })
    const heard = await server.hear('127.0.0.1', 'HOST ftp.example', 'HOST shop.example')
    expect(heard).to.match(/^220[ -]/)
    expect(heard.split('\r\n').filter((line) => /^[45]\d\d /.test(line))).to.have.lengthOf(1)
  })
})
