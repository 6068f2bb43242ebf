/** What clients do while growth is measured: they log in, and move octets without keeping or making any. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { RawClient } from '../../raw-client.ts'

const PIECE = Buffer.alloc(256 * 1024)
/** All downloads are read into it: nobody looks. */
const discarded = Buffer.alloc(256 * 1024)

/** Clients come from many addresses of this machine. */
export function addressOf(number: number): string {
  return `127.0.${1 + ((number >> 7) & 127)}.${1 + (number & 127)}`
}

export async function loggedIn(port: number, number: number, user = 'anna'): Promise<RawClient> {
  const client = await RawClient.connect(port, { localAddress: addressOf(number) })
  await client.login(user, 'secret')
  await client.say('TYPE I', 200)
  return client
}

/** As many clients more, fifty at a time. */
export async function crowd(port: number, from: number, to: number): Promise<RawClient[]> {
  const clients: RawClient[] = []
  for (let number = from; number < to; number += 50) {
    const batch = Array.from({ length: Math.min(50, to - number) }, (_, at) => loggedIn(port, number + at))
    clients.push(...(await Promise.all(batch)))
  }
  return clients
}

/** A data connection in passive mode; `arrived` hears of what is read and thrown away. */
export async function dataConnection(client: RawClient, arrived: (octets: number) => void): Promise<Socket> {
  const { text } = await client.say('EPSV', 229)
  const port = Number(/\(\|\|\|(\d+)\|\)/.exec(text)?.[1])
  const onread = { buffer: discarded, callback: (octets: number) => (arrived(octets), true) }
  const { localAddress } = client.socket
  const data = connect({ host: '127.0.0.1', port, onread, ...(localAddress && { localAddress }) })
  // What matters of an error is said on the control connection.
  data.on('error', () => undefined)
  await once(data, 'connect')
  return data
}

/** RETR, LIST or MLSD; octets received. `arrived` hears of them on the way. */
export async function take(client: RawClient, line: string, arrived?: (octets: number) => void): Promise<number> {
  let total = 0
  const data = await dataConnection(client, (octets) => {
    total += octets
    arrived?.(octets)
  })
  const closed = new Promise((resolve) => data.once('close', resolve))
  await client.say(line, 150)
  await closed
  await client.reply(226, `the end of ${line}`)
  return total
}

/** STOR of so many octets. */
export async function give(client: RawClient, path: string, octets: number): Promise<void> {
  const data = await dataConnection(client, () => undefined)
  const closed = new Promise((resolve) => data.once('close', resolve))
  await client.say(`STOR ${path}`, 150)
  for (let left = octets; left > 0 && !data.destroyed; left -= PIECE.length) {
    const ready = data.write(left < PIECE.length ? PIECE.subarray(0, left) : PIECE)
    if (!ready) await Promise.race([new Promise((resolve) => data.once('drain', resolve)), closed])
  }
  data.end()
  await closed
  await client.reply(226, `the end of STOR ${path}`)
}
