/** A server and a polite client (basic-ftp) that is logged in: what most behaviour tests start from. */
import { Readable, Writable } from 'node:stream'
import { Client } from 'basic-ftp'
import { serve, type Served, type ServeOptions } from './serve.ts'

/** Starts both. Dispose of it with `await using`. */
export async function pair(options: ServeOptions = {}): Promise<Pair> {
  const served = await serve(options)
  const client = new Client(10_000)
  const secure = { plain: false, 'explicit TLS': true, 'implicit TLS': 'implicit' as const }[served.transport]
  const where = { host: served.host, port: served.port, secureOptions: { rejectUnauthorized: false } }
  try {
    await client.access({ ...where, user: 'anna', password: 'secret', secure })
  } catch (error) {
    await served[Symbol.asyncDispose]()
    throw error
  }
  return new Pair(served, client)
}

export class Pair implements AsyncDisposable {
  readonly served: Served
  readonly client: Client

  constructor(served: Served, client: Client) {
    this.served = served
    this.client = client
  }

  get files(): Served['files'] {
    return this.served.files
  }

  /** What a file holds, as the client receives it. */
  async download(path: string, options: { from?: number } = {}): Promise<string> {
    return (await this.downloadOctets(path, options)).toString('utf8')
  }

  async downloadOctets(path: string, options: { from?: number } = {}): Promise<Buffer> {
    const pieces: Buffer[] = []
    const sink = new Writable({
      write(piece: Buffer, _encoding, done) {
        pieces.push(piece)
        done()
      },
    })
    await this.client.downloadTo(sink, path, options.from ?? 0)
    return Buffer.concat(pieces)
  }

  async upload(path: string, content: string | Buffer): Promise<void> {
    await this.client.uploadFrom(Readable.from([Buffer.from(content as Buffer)]), path)
  }

  event: Served['event'] = (kind, fits) => this.served.event(kind, fits)

  async [Symbol.asyncDispose](): Promise<void> {
    this.client.close()
    await this.served[Symbol.asyncDispose]()
  }
}
