/** Data connections resume the TLS session of their own control connection, and of no other. */
import type { ConnectionOptions } from 'node:tls'
import { expect } from 'chai'
import type { RawClient } from '../raw-client.ts'
import { serve, type ServeOptions } from '../serve.ts'

const files = { 'a.txt': 'hello' }
const explicit = { transport: 'explicit TLS', files } as const
const ways = ['TLSv1.2', 'TLSv1.3'].flatMap((version) => [
  { version, descriptors: false },
  { version, descriptors: true },
]) as readonly { readonly version: 'TLSv1.2' | 'TLSv1.3'; readonly descriptors: boolean }[]

for (const { version, descriptors } of ways) {
  describe(`session reuse with ${version}${descriptors ? ', files with descriptors' : ''}`, () => {
    const tls: ConnectionOptions = { minVersion: version, maxVersion: version }
    const begin = async (options: ServeOptions['options']) => {
      const it = await serve({ ...explicit, descriptors, ...(options && { options }) })
      return { it, client: await it.login('anna', 'secret', { tls }) }
    }

    it('resumes the session of the control connection when it is preferred', async () => {
      const { it, client } = await begin({ tls: { sessionReuse: 'prefer' } })
      await using _ = it
      const data = await client.epsv()
      await client.say('RETR a.txt', 150)
      expect(await data.resumed()).to.be.true
      await data.all()
      await client.reply(226)
    })

    it('resumes nothing when it is off', async () => {
      const { it, client } = await begin({ tls: { sessionReuse: 'off' } })
      await using _ = it
      const data = await client.epsv()
      await client.say('RETR a.txt', 150)
      expect(await data.resumed()).to.be.false
      await data.all()
      await client.reply(226)
    })

    it('also serves clients that do not resume when it is preferred', async () => {
      const { it, client } = await begin({ tls: { sessionReuse: 'prefer' } })
      await using _ = it
      client.session = undefined
      expect(String(await client.retrieve('RETR a.txt'))).to.equal('hello')
    })

    it('resumes again and again when it is required', async () => {
      const { it, client } = await begin({ tls: { sessionReuse: 'require' } })
      await using _ = it
      for (let round = 0; round < 4; round++) {
        expect(String(await client.retrieve('RETR a.txt', round % 2 ? client.port() : client.epsv()))).to.equal('hello')
        const data = await client.epsv()
        await client.say(`STOR ${round}.txt`, 150)
        expect(await data.resumed()).to.be.true
        await data.end('x')
        await client.reply(226)
      }
    })

    it('refuses a new session when it is required, and sends nothing', async () => {
      const { it, client } = await begin({ tls: { sessionReuse: 'require' } })
      await using _ = it
      client.session = undefined
      await refusedWithoutData(client)
    })

    it('refuses the ticket of another session of the same user (stolen data connection)', async () => {
      const { it, client } = await begin({ tls: { sessionReuse: 'require' } })
      await using _ = it
      const other = await it.login('anna', 'secret', { tls })
      client.session = other.session
      await refusedWithoutData(client)
    })

    it('keeps apart sessions whose handshakes run side by side', async () => {
      const { it } = await begin({ tls: { sessionReuse: 'require' } })
      await using _ = it
      const clients = await Promise.all(Array.from({ length: 6 }, () => it.login('anna', 'secret', { tls })))
      const got = await Promise.all(clients.map(async (one) => String(await one.retrieve('RETR a.txt'))))
      expect(got).to.deep.equal(clients.map(() => 'hello'))
      const sessions = clients.map(({ session }) => session)
      for (const [at, one] of clients.entries()) one.session = sessions[(at + 1) % sessions.length]
      await Promise.all(clients.map(refusedWithoutData))
    })
  })
}

async function refusedWithoutData(client: RawClient): Promise<void> {
  const data = await client.epsv()
  client.send('RETR a.txt\r\n')
  const first = await client.reply([150, 425, 522])
  if (first.code === 150) await client.reply([425, 426, 522])
  expect((await data.remains()).length).to.equal(0)
  const upload = await client.epsv()
  client.send('STOR taken.txt\r\n')
  const second = await client.reply([150, 425, 522])
  await upload.end('evil').catch(() => undefined)
  if (second.code === 150) await client.reply([425, 426, 522])
  await client.say('SIZE taken.txt', [213, 550]).then(({ text }) => expect(text).to.not.equal('213 4'))
}
