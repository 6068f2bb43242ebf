/** Random lines never crash it, and a fresh login works after. */
import { connect } from 'node:net'
import { expect } from 'chai'
import { commandTable } from '../../module/ftp/commands/table.ts'
import { serve, type Served } from '../serve.ts'

const LINES = 20_000
const LINES_PER_SESSION = 500

describe('20,000 random lines', () => {
  it('never crash the server, and a fresh login works after them (seeded)', async function () {
    this.timeout(60_000)
    await using it = await serve({
      files: { 'a.txt': 'hello', 'd/b.txt': 'x', 'fails-on-read.bin': 'x'.repeat(3000) },
      options: { timeouts: { dataConnect: 0.01, stall: 0.5 }, listing: { recursive: true } },
    })
    const random = generator(20_261_121)
    for (let session = 0; it.all('command').length < LINES; session++) await torture(it, random, session % 4 !== 0)
    expect(it.takeFaults().map(({ error }) => String(error))).to.deep.equal([])
    it.files.put('fresh.txt', 'still alive')
    const client = await it.login()
    expect(String(await client.retrieve('RETR fresh.txt'))).to.equal('still alive')
  })

  it('and random octets under TLS neither', async () => {
    await using it = await serve({ transport: 'implicit TLS' })
    const random = generator(7)
    for (let session = 0; session < 5; session++) {
      const client = await it.connect()
      client.socket.on('error', () => undefined)
      for (let line = 0; line < 100; line++) client.send(randomLine(random))
      client.send(Buffer.from(Array.from({ length: 3000 }, () => random(256))))
    }
    await it.login()
    expect(it.takeFaults()).to.deep.equal([])
  })
})

/** One session's worth of nonsense; everything that comes back must be well-formed replies. */
async function torture(it: Served, random: (below: number) => number, loggedIn: boolean): Promise<void> {
  const client = loggedIn ? await it.login() : await it.connect()
  client.socket.on('error', () => undefined)
  for (let line = 0; line < LINES_PER_SESSION; line++) client.send(randomLine(random))
  client.send('\r\nQUIT\r\n')
  // The grammar of replies is checked by the reader; the session ends by QUIT, or because it asked for too much nonsense.
  for (;;) {
    const received = await client.reply().catch((error: Error) => error)
    if (received instanceof Error) {
      if (/closed the connection|waited/.test(received.message)) return
      throw received
    }
    if (received.code === 229) disturb(Number(/\|(\d+)\|\)/.exec(received.text)?.[1]), random)
    if (received.code === 221 || received.code === 421) return
    if (received.code === 234) return client.socket.destroySoon()
  }
}

/** A data connection that sends something, nothing, or a reset. */
function disturb(port: number, random: (below: number) => number): void {
  const socket = connect(port, '127.0.0.1').on('error', () => undefined)
  socket.resume()
  const how = random(3)
  if (how === 0) socket.end(Buffer.alloc(random(5000), 7))
  else if (how === 1) socket.once('connect', () => socket.resetAndDestroy())
  else setTimeout(() => socket.destroy(), 30)
}

/** Those that end the session or the login come seldom, or nothing else would be tried. */
const ENDING = ['USER', 'PASS', 'REIN', 'AUTH', 'NONSENSE']
const VERBS = [...commandTable.keys()].filter((verb) => verb !== 'QUIT' && !ENDING.includes(verb))
const PIECES = [
  'a.txt',
  'd',
  '..',
  '/',
  '*',
  ' ',
  '-la',
  '0',
  '1',
  '99999999999999999999',
  'Z',
  'P',
  '127,0,0,1,4,5',
  '|1|127.0.0.1|5000|',
]
const ODD = [
  '\0',
  '\r',
  '\u00ff',
  'é',
  '"',
  '\\',
  '%s',
  '__proto__',
  ';',
  '=',
  '20200101000000',
  'SHA-256',
  'ALL',
  'ON',
  'x'.repeat(300),
]

function randomLine(random: (below: number) => number): Buffer {
  const pick = <T>(list: readonly T[]): T => list[random(list.length)] as T
  const words = Array.from({ length: random(4) }, () => pick(random(3) === 0 ? ODD : PIECES))
  const verb = random(60) === 0 ? pick([...ODD, ...ENDING]) : pick(VERBS)
  const octets = Buffer.from(`${verb}${random(9) === 0 ? '' : ' '}${words.join(random(2) === 0 ? ' ' : '')}`)
  // Behind the verb; a broken verb is an unknown one, and few of those are suffered.
  const behind = verb.length + 1
  if (random(6) === 0 && octets.length > behind) octets[behind + random(octets.length - behind)] = random(256)
  return Buffer.concat([octets, Buffer.from(random(30) === 0 ? '\n' : '\r\n')])
}

/** Numbers that are the same in every run (xorshift). */
function generator(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}
