/** What the engine is told, and the addresses it announces. */
import { expect } from 'chai'
import { engineOptions, listenerOptions } from '../../module/settings/engine-options.ts'
import { ExternalAddress } from '../../module/settings/external-address.ts'
import { networkTest } from '../../module/settings/networks.ts'
import { checked } from '../../module/settings/problems.ts'
import { serverSettings, settings } from '../../module/settings/schema.ts'

const server = (input: object) => checked(serverSettings, input)
const keyPair = { certificate: 'certificate', key: 'key' }
const options = (input: object) =>
  engineOptions({ settings: server(input), domains: [] }, { keyPair, externalAddress: () => undefined })

describe('the engine’s options', () => {
  it('switch active mode off with the one switch', () => {
    expect([...options({ passiveOnly: true }).disabled]).to.deep.equal(['PORT', 'EPRT'])
  })

  it('mean Infinity by unlimited', () => {
    const { limits, timeouts } = options({ limits: { connections: 'unlimited' }, timeouts: { idle: 'unlimited' } })
    expect(limits.sessions).to.equal(Infinity)
    expect(timeouts.idle).to.equal(Infinity)
  })

  it('offer no TLS where it is off or there is no certificate', () => {
    expect(options({ tls: { policy: 'off' } })).to.not.have.property('tls')
    expect(
      engineOptions({ settings: server({}), domains: [] }, { externalAddress: () => undefined }),
    ).to.not.have.property('tls')
    expect(options({ tls: { policy: 'data' } }).tls?.required).to.equal('data')
    expect(options({}).tls?.required).to.equal('never')
  })

  it('split texts into lines and keep own reply texts by code', () => {
    const { greeting, texts } = options({ messages: { greeting: 'a\nb', replies: { 502: 'Use passive mode!' } } })
    expect(greeting).to.deep.equal(['a', 'b'])
    expect(texts.get(502)).to.equal('Use passive mode!')
  })

  it('name every listener', () => {
    const listeners = listenerOptions(
      checked(settings, { settings: { port: 0, listeners: [{ port: 990, address: '127.0.0.1', implicitTls: true }] } }),
    )
    expect(listeners).to.deep.equal([
      { address: '::', port: 0, implicitTls: false, domain: 'default' },
      { address: '127.0.0.1', port: 990, implicitTls: true, domain: 'default' },
    ])
  })
})

const announced = async (given: object, lookup = async (_name: string) => '203.0.113.9') => {
  const surrounding = { lan: networkTest(['192.168.0.0/16']), wanAddress: () => '198.51.100.1', lookup }
  const address = new ExternalAddress(surrounding)
  await address.configure(server(given))
  address.close()
  return (client: string) => address.for(client)
}

describe('the announced address', () => {
  it('is the local one for the LAN and the WAN’s for others', async () => {
    const of = await announced({})
    expect(of('192.168.1.5')).to.equal(undefined)
    expect(of('203.0.113.77')).to.equal('198.51.100.1')
  })

  it('is a fixed one', async () => {
    expect((await announced({ externalAddress: '203.0.113.1' }))('203.0.113.77')).to.equal('203.0.113.1')
  })

  it('is what a host name means, the WAN’s while nobody knows', async () => {
    const setting = { externalAddress: 'home.example.net' }
    expect((await announced(setting))('203.0.113.77')).to.equal('203.0.113.9')
    const failing = await announced(setting, () => Promise.reject(new Error('no answer')))
    expect(failing('203.0.113.77')).to.equal('198.51.100.1')
  })

  it('is another one for single networks, the LAN’s too', async () => {
    const externalAddressExceptions = [
      { network: '10.8.0.0/24', address: '10.8.0.1' },
      { network: '203.0.113.0/24', address: 'local' },
    ]
    const of = await announced({ externalAddressExceptions })
    expect(of('10.8.0.7')).to.equal('10.8.0.1')
    expect(of('203.0.113.77')).to.equal(undefined)
  })
})

describe('a test for networks', () => {
  it('knows both families and takes mapped addresses for IPv4', () => {
    const lan = networkTest(['192.168.0.0/16', 'fd00::/8', '2001:db8::1'])
    expect(['192.168.9.9', '::ffff:192.168.9.9', 'fd12::1', '2001:db8::1'].every(lan)).to.equal(true)
    expect(['193.168.0.1', '::1', '2001:db8::2', '', 'x'].some(lan)).to.equal(false)
  })
})
