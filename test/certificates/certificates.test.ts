/** Certificates: made, read, and told apart from what cannot be used. */
import { X509Certificate } from 'node:crypto'
import { connect, createServer } from 'node:tls'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { expect } from 'chai'
import { chooseCertificate } from '../../module/certificates/choose.ts'
import { inspectPair } from '../../module/certificates/inspect.ts'
import { selfSigned } from '../../module/certificates/self-signed.ts'
import { checked } from '../../module/settings/problems.ts'
import { serverSettings } from '../../module/settings/schema.ts'
import type { Certificates } from '../../module/shell.ts'
import { capped } from '../cap.ts'
import { rejection } from '../rejection.ts'

const DAY = 86_400_000

describe('a self-signed certificate', () => {
  it('is trusted by a client that has been given it, for its names and addresses', async () => {
    const { certificate, key } = await selfSigned(['router.lan', '127.0.0.1', '::1'])
    const server = createServer({ cert: certificate, key })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    for (const name of ['router.lan', '127.0.0.1']) {
      const servername = name === 'router.lan' ? { servername: name } : {}
      const client = connect({ host: '127.0.0.1', port, ca: certificate, ...servername })
      await capped(once(client, 'secureConnect'), 'the handshake')
      expect(client.authorized, String(client.authorizationError)).to.equal(true)
      client.destroy()
    }
    server.close()
  })

  it('is issued by itself and never has the same serial number twice', async () => {
    const one = new X509Certificate((await selfSigned(['a'])).certificate)
    const other = new X509Certificate((await selfSigned(['a'])).certificate)
    expect(one.verify(one.publicKey)).to.equal(true)
    expect(one.ca).to.equal(false)
    expect(one.serialNumber).to.not.equal(other.serialNumber)
  })

  it('is not dated 1970 by a router whose clock is not set yet', async () => {
    const { description } = inspectPair(await selfSigned(['a'], 0))
    expect(description?.validUntil).to.be.above(Date.UTC(2028, 0, 1))
  })
})

const kinds = (pair: { certificate: string; key: string }) => {
  const inspection = inspectPair(pair)
  return [inspection.usable, ...inspection.faults.map(({ kind }) => kind)]
}

describe('a pair of certificate and key', () => {
  it('is unusable when the parts do not belong together or are no PEM', async () => {
    const [one, other] = [await selfSigned(['a']), await selfSigned(['b'])]
    expect(kinds(one)).to.deep.equal([true])
    expect(kinds({ ...one, key: other.key })).to.deep.equal([false, 'foreign-key'])
    expect(kinds({ ...one, key: 'x' })).to.deep.equal([false, 'unreadable-key'])
    expect(kinds({ ...one, certificate: 'x' })).to.deep.equal([false, 'unreadable-certificate'])
  })

  it('is told to have expired, and works all the same', async () => {
    const pair = await selfSigned(['a'])
    const { usable, faults } = inspectPair(pair, Date.now() + 900 * DAY)
    expect(usable).to.equal(true)
    expect(faults.map(({ kind }) => kind)).to.deep.equal(['expired'])
  })
})

const tls = (input: object) => checked(serverSettings, { tls: input }).tls
const shell = (pairs: Readonly<Record<string, { certificate: string; key: string }>>): Certificates => ({
  list: async () => [],
  load: async (id = 'own') => pairs[id] ?? Promise.reject(new Error(`There is no certificate "${id}".`)),
})

describe('the choice of a certificate', () => {
  it('falls back on the shell’s own with a warning', async () => {
    const own = await selfSigned(['own'])
    const { chosen, warnings } = await chooseCertificate(shell({ own }), tls({ certificate: 'gone' }))
    expect(chosen?.keyPair).to.equal(own)
    expect(warnings.map(({ text }) => text)).to.deep.equal(['There is no certificate "gone".'])
  })

  it('is none where TLS is off, or optional and there is none', async () => {
    expect(await chooseCertificate(shell({}), tls({ policy: 'off' }))).to.deep.equal({ warnings: [] })
    expect(await chooseCertificate(shell({}), tls({}))).to.not.have.property('chosen')
  })

  it('never leaves out TLS where it is required (downgrade)', async () => {
    expect(await rejection(chooseCertificate(shell({}), tls({ policy: 'login' }))))
      .to.have.property('message')
      .that.matches(/TLS is required/)
  })
})
