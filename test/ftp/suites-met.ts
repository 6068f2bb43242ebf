/** The TLS suites that one client meets on all its connections to one server. */
import type { ConnectionOptions, TLSSocket } from 'node:tls'
import type { DataConnection } from '../data-connection.ts'
import { serve } from '../serve.ts'

/** Too much for the main thread, so that a thread does the handshake of a download where it can. */
const big = Buffer.alloc(2 * 1024 * 1024, 'some text, again and again ')

export interface SuitesMet {
  readonly control: string
  readonly listing: string
  readonly small: string
  readonly download: string
  readonly upload: string
}

/** Logs in and transfers both ways; throws where a data connection resumes nothing or another octet comes. */
export async function suitesMet(tls: ConnectionOptions, descriptors: boolean): Promise<SuitesMet> {
  const options = { tls: { sessionReuse: 'require' } } as const
  await using it = await serve({ transport: 'explicit TLS', descriptors, files: { big, small: 'hello' }, options })
  const client = await it.login('anna', 'secret', { tls })
  const receiving = async (line: string, wanted?: Buffer) => {
    const data = await client.epsv()
    const suite = resumedWith(data)
    const octets = await client.retrieve(line, Promise.resolve(data))
    if (wanted && !wanted.equals(octets)) throw new Error(`other octets came for ${line}`)
    return suite
  }
  const sending = async (line: string) => {
    const data = await client.epsv()
    const suite = resumedWith(data)
    await client.store(line, big, Promise.resolve(data))
    if (!it.files.content('up')?.equals(big)) throw new Error(`other octets were stored for ${line}`)
    return suite
  }
  return {
    control: (client.socket as TLSSocket).getCipher().name,
    listing: await receiving('MLSD'),
    small: await receiving('RETR small', Buffer.from('hello')),
    download: await receiving('RETR big', big),
    upload: await sending('STOR up'),
  }
}

/** To be asked before the end: the socket forgets both. */
async function resumedWith(data: DataConnection): Promise<string> {
  const socket = (await data.ready) as TLSSocket
  if (!socket.isSessionReused()) throw new Error('a data connection did not resume the session')
  return socket.getCipher().name
}
