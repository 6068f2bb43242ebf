/** One client among many: makes transfers, breaks them off where it is told to, and minds what it is answered. */
import { randomInt } from 'node:crypto'
import { existsSync, readFileSync, unlinkSync } from 'node:fs'
import type { Socket } from 'node:net'
import type { DataConnection } from './data-connection.ts'
import { RawClient } from './raw-client.ts'
import type { Served } from './serve.ts'

/** What is transferred. */
export const KINDS = ['RETR small', 'RETR large', 'STOR small', 'STOR large', 'MLSD', 'EPSV'] as const
/** How it ends: of itself; by ABOR; by the client's reset or close, of its data or its control connection; by an administrator. */
export const CUTS = ['whole', 'ABOR', 'reset', 'close', 'control', 'kick'] as const
export type Kind = (typeof KINDS)[number]
export type Cut = (typeof CUTS)[number]

/** What is there to be transferred: no two clients have the same octets. */
export interface Goods {
  /** The line of a command that sends, and all that it should. */
  readonly sent: Readonly<Record<'RETR small' | 'RETR large' | 'MLSD', readonly [line: string, octets: Buffer]>>
  readonly received: Readonly<Record<'STOR small' | 'STOR large', Buffer>>
  /** Where the file of an upload lies on the disk. */
  disk(name: string): string
}

/** Final replies that are right: all others are not. */
const DOWN: Readonly<Record<Cut, RegExp>> = {
  whole: /^226$/,
  ABOR: /^(425|426|226) 22[56]$/,
  reset: /^(226|426|522)$/,
  close: /^(226|426|522)$/,
  control: /^$/,
  kick: /^(226 )?421$/,
}
/** A client that ends its upload is done, though it had more; under TLS that would be its close_notify, which a cut has not. */
const UP: Readonly<Record<Cut, RegExp>> = { ...DOWN, ABOR: /^42[56] 22[56]$/, reset: /^(426|522)$/, kick: /^421$/ }
const NOBODY: Readonly<Record<Cut, RegExp>> = { ...UP, whole: /^425$/, reset: /^$/, close: /^$/ }

export class Lane {
  readonly #it: Served
  readonly #goods: Goods
  #client: RawClient
  #session: string
  #uploads = 0

  private constructor(it: Served, goods: Goods, client: RawClient, session: string) {
    this.#it = it
    this.#goods = goods
    this.#client = client
    this.#session = session
  }

  static async open(it: Served, goods: Goods): Promise<Lane> {
    return new Lane(it, goods, ...(await entered(it)))
  }

  /** Makes one transfer and cuts it; its final replies, and what was wrong with it. */
  async transfer(kind: Kind, cut: Cut): Promise<{ readonly codes: string; readonly wrong?: string | undefined }> {
    const made = kind === 'EPSV' ? this.#nobody(cut) : this.#connected(kind, cut)
    const { codes, wrong } = await made.catch((cause: unknown) => {
      throw new Error(`${kind}, ${cut}`, { cause })
    })
    if (cut === 'control' || cut === 'kick') {
      this.#client.socket.destroy()
      ;[this.#client, this.#session] = await entered(this.#it)
    }
    return { codes, wrong }
  }

  close(): void {
    this.#client.socket.destroy()
  }

  async #connected(kind: Exclude<Kind, 'EPSV'>, cut: Cut) {
    const data = await this.#client.epsv()
    const tcp = await data.connected
    const way = kind === 'STOR small' || kind === 'STOR large' ? this.#upload(kind, data) : this.#download(kind, data)
    this.#client.send(`${way.line}\r\n`)
    // Now and then before anything has moved: while the file is being opened, or in the middle of the handshake.
    const point = cut === 'whole' ? way.size : randomInt(4) === 0 ? 0 : randomInt(way.size)
    if (point > 0 || cut === 'whole') await way.move(point, cut === 'whole')
    this.#strike(cut, tcp)
    const codes = await this.#replies(cut)
    tcp.resume()
    if (point > 0) (await data.ready.catch(() => tcp)).resume()
    const wrong = way.wrong(codes, await data.remains(), cut, point)
    data.close()
    return { codes, wrong }
  }

  #download(kind: 'RETR small' | 'RETR large' | 'MLSD', data: DataConnection) {
    const [line, all] = this.#goods.sent[kind]
    return {
      line,
      size: all.length,
      move: (point: number, whole: boolean) => (whole ? data.ended() : passed(data, point)),
      wrong(codes: string, got: Buffer, cut: Cut) {
        if (!DOWN[cut].test(codes)) return `${line}, ${cut}: ${codes}`
        if (!got.equals(all.subarray(0, got.length))) return `${line}, ${cut}: other octets`
        const all226 = codes.startsWith('226') && (cut === 'whole' || cut === 'ABOR')
        return all226 && got.length < all.length ? `${line}, ${cut}: ${codes} behind ${got.length} octets` : undefined
      },
    }
  }

  #upload(kind: 'STOR small' | 'STOR large', data: DataConnection) {
    const octets = this.#goods.received[kind]
    const name = `up-${this.#client.socket.localPort}-${this.#uploads++}`
    const disk = this.#goods.disk(name)
    const stored = () => {
      if (!existsSync(disk)) return undefined
      const content = readFileSync(disk)
      unlinkSync(disk)
      return content
    }
    return {
      line: `STOR ${name}`,
      size: octets.length,
      async move(point: number, whole: boolean) {
        await data.write(octets.subarray(0, point)).catch(() => undefined)
        if (whole) await data.end()
      },
      wrong(codes: string, _got: Buffer, cut: Cut, point: number) {
        const content = stored()
        if (!UP[cut].test(codes)) return `${kind}, ${cut}: ${codes}`
        if (codes !== '226') return content && `${kind}, ${cut}: ${codes}, and there is a file`
        if (!content?.equals(octets.subarray(0, content.length))) return `${kind}, ${cut}: other octets`
        return cut === 'whole' && content.length < point ? `${kind}: ${content.length} of ${point} octets` : undefined
      },
    }
  }

  /** A port that nobody connects to. */
  async #nobody(cut: Cut) {
    await this.#client.say('EPSV', 229)
    const asks = !NOBODY[cut].test('') || cut === 'control'
    if (asks) this.#client.send(`${this.#goods.sent['RETR small'][0]}\r\n`)
    await new Promise(setImmediate)
    this.#strike(cut)
    const codes = asks ? await this.#replies(cut) : ''
    return { codes, wrong: NOBODY[cut].test(codes) ? undefined : `EPSV, ${cut}: ${codes}` }
  }

  #strike(cut: Cut, tcp?: Socket): void {
    if (cut === 'ABOR') this.#client.send('ABOR\r\n')
    else if (cut === 'reset') tcp?.resetAndDestroy()
    else if (cut === 'close') tcp?.destroy()
    else if (cut === 'control') this.#client.socket.destroy()
    else if (cut === 'kick') this.#it.server.disconnect(this.#session)
  }

  /** The codes behind the mark. */
  async #replies(cut: Cut): Promise<string> {
    if (cut === 'control') return ''
    const codes: number[] = []
    const done = () => (cut === 'kick' ? codes.at(-1) === 421 : codes.length === (cut === 'ABOR' ? 2 : 1))
    while (!done()) {
      const { code } = await this.#client.reply()
      if (code !== 150) codes.push(code)
    }
    if (cut === 'kick') await this.#client.ended()
    return codes.join(' ')
  }
}

/** A client in the folder of the files, and the session it has. The server of the tests would remember its own. */
async function entered(it: Served): Promise<[client: RawClient, session: string]> {
  const client = await RawClient.connect(it.port)
  const port = client.socket.localPort
  const opened = it.all('session-opened').findLast(({ session }) => session.port === port)
  if (it.transport !== 'plain') await client.startTls()
  await client.login('disk', 'secret')
  if (it.transport !== 'plain') await client.protect()
  await client.say('TYPE I', 200)
  await client.say('CWD /Share', 250)
  return [client, opened?.session.id ?? '']
}

/** Reads so many octets at least and then no more, or to the end. */
async function passed(data: DataConnection, point: number): Promise<void> {
  const socket = await data.ready
  await new Promise<void>((resolve) => {
    let seen = 0
    const heard = (chunk: Buffer) => {
      seen += chunk.length
      if (seen < point) return
      socket.off('data', heard).pause()
      resolve()
    }
    socket.once('close', resolve).on('data', heard)
  })
}
