/** Attacks on the parser and injection (spec: attacks section 3). */
import { expect } from 'chai'
import { serve, type Served } from '../serve.ts'

const files = { 'a.txt': 'hello', 'd/b.txt': 'b' }
const PROTOTYPE = ['__proto__', 'constructor', 'toString', 'then', 'hasOwnProperty', 'valueOf']

describe('attacks on the parser', () => {
  it('refuses NUL in user, password and path, and never cuts at it (Wing FTP CVE-2025-47812)', async () => {
    await using it = await serve({ files })
    const client = await it.connect()
    await client.say('USER anna\0x', [501, 530])
    await client.say('USER anna', 331)
    await client.say('PASS secret\0x', [501, 530])
    await client.login()
    for (const line of [
      'RETR a.txt\0.png',
      'DELE a.txt\0',
      'CWD d\0',
      'MKD x\0y',
      'SIZE a.txt\0',
      'RNFR a.txt\0',
      'MLST a.txt\0',
    ]) {
      expect((await client.say(line)).code, line).to.be.oneOf([501, 550, 553])
    }
    expect(it.files.names()).to.deep.equal(['a.txt', 'd'])
    expect(it.backend.logins.map(({ user }) => user)).to.deep.equal(['anna'])
  })

  it('does not take a bare CR, U+0085 or U+2028 for the end of a line', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    for (const end of ['\r', '\u0085', '\u2028', '\u2029', '\v', '\f']) {
      const { code } = await client.say(`MKD x${end}DELE a.txt`)
      expect(code).to.be.oneOf([257, 501, 550, 553])
      await client.say('SIZE a.txt', 213)
    }
  })

  it('never runs the tail of an over-long line as a command', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    for (const length of [8190, 8192, 8193, 16_384, 65_536]) {
      client.send(`NOOP ${'x'.repeat(length - 5)}DELE a.txt\r\n`)
      await client.reply([200, 500, 501, 421])
      if (length > 60_000) break
      await client.say('SIZE a.txt', [213]).catch(() => undefined)
    }
    expect(it.files.exists('a.txt')).to.be.true
  })

  it('answers an over-long line in its turn among the others', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    client.send(`PWD\r\nNOOP ${'x'.repeat(10_000)}\r\nNOOP\r\n`)
    for (const code of [257, 500, 200] as const) await client.reply(code)
  })

  it('closes after repeated over-long lines, and holds no 10 MiB line in memory', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    client.socket.on('error', () => undefined)
    const before = process.memoryUsage().arrayBuffers
    const piece = Buffer.alloc(1 << 20, 0x41)
    for (let round = 0; round < 10; round++) client.send(piece)
    client.send('\r\n')
    await client.reply([500, 421])
    expect(process.memoryUsage().arrayBuffers - before).to.be.below(40 << 20)
    const other = await it.login()
    for (let round = 0; round < 5; round++) other.send(`${'y'.repeat(9000)}\r\n`)
    await other.ended()
    await it.event('session-closed', ({ reason }) => reason === 'flood')
  })

  it('bounds Telnet: floods of IAC, a subnegotiation without end, IAC split over segments', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    client.send(Buffer.alloc(200_000, Buffer.from([255, 241])))
    await client.say('NOOP', 200)
    client.send(Buffer.from([255]))
    await new Promise(setImmediate)
    client.send(Buffer.concat([Buffer.from([241]), Buffer.from('NOOP\r\n')]))
    await client.reply(200)
    const deaf = await it.login()
    deaf.socket.on('error', () => undefined)
    deaf.send(Buffer.concat([Buffer.from([255, 250, 24]), Buffer.alloc(300_000, 65)]))
    deaf.send('\r\nNOOP\r\n')
    await client.say('NOOP', 200)
  })

  it('answers a client that negotiates without end no more than it can read', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    client.socket.on('error', () => undefined)
    client.socket.pause()
    const before = process.memoryUsage().arrayBuffers
    const flood = Buffer.alloc(300_000, Buffer.from([255, 253, 1]))
    for (let round = 0; round < 30; round++) client.send(flood)
    const other = await it.login()
    await other.say('NOOP', 200)
    expect(process.memoryUsage().arrayBuffers - before).to.be.below(64 << 20)
  })

  it('reads 50,000 pipelined commands no faster than they are answered', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    const before = process.memoryUsage().arrayBuffers
    client.send('NOOP\r\n'.repeat(50_000))
    const other = await it.login()
    await other.say('PWD', 257)
    for (let count = 0; count < 50_000; count++) await client.reply(200)
    expect(process.memoryUsage().arrayBuffers - before).to.be.below(64 << 20)
  })

  it('survives a mebibyte of random octets', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    client.socket.on('error', () => undefined)
    let seed = 1
    const octets = Buffer.from(Array.from({ length: 1 << 20 }, () => (seed = (seed * 48_271) % 0x7fffffff) & 255))
    client.send(octets)
    await it.login()
  })

  it('knows no command, option or topic by the name of an object’s prototype', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    for (const name of PROTOTYPE) {
      for (const line of [
        name,
        `SITE ${name}`,
        `OPTS ${name}`,
        `HELP ${name}`,
        `LANG ${name}`,
        `OPTS HASH ${name}`,
        `MODE ${name}`,
      ]) {
        const { code, text } = await client.say(line)
        expect(code, line).to.be.within(500, 504)
        expect(text, line).to.not.match(/function|object/i)
      }
    }
    for (const name of PROTOTYPE) {
      const other = await it.connect()
      await other.say(`USER ${name}`, 331)
      await other.say('PASS x', 530)
    }
  })

  it('takes options of ls from a fixed list, however many there are (proftpd, pure-ftpd CVE-2024-48208)', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    for (const letter of 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@#$%') {
      const { code } = await client.say(`STAT -${letter} d`)
      expect(code, letter).to.be.oneOf([211, 212, 213, 450, 501, 550])
    }
    for (const verb of ['STAT', 'LIST', 'NLST', 'MLSD']) {
      for (const text of [
        `-${'l'.repeat(4000)}`,
        `-${'R'.repeat(4000)} d`,
        `-${'.'.repeat(4110)}`,
        '-B \u00ff',
        '-',
        '--',
        '-- d',
        '--help',
        '-la -la -la',
      ]) {
        await client.say('EPSV', 229)
        const { port } = await client.pasvTarget()
        const data = await client.dial(port)
        const { code } = await client.say(`${verb} ${text}`)
        if (code === 150) await client.reply([226, 450, 550])
        data.close()
      }
    }
    await client.say('STAT -C', [211, 212, 213, 450, 501, 550])
    await client.say('STAT -C', [211, 212, 213, 450, 501, 550])
    await client.say('NOOP', 200)
  })

  it('survives quotes and backslashes at the end of a line (CVE-2023-51713)', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    for (const text of ['"', '\\', '"\\', '\\"', '"a', 'a"', '""', "'", '"\\\\', '" 1 2', '"a" x', '"a"1']) {
      for (const verb of [
        'RETR',
        'CWD',
        'XMD5',
        'XCRC',
        'SITE UTIME',
        'SITE CHMOD',
        'SITE CHMOD 644',
        'MFMT',
        'HASH',
        'OPTS MLST',
      ]) {
        await client.say(`${verb} ${text}`)
      }
    }
    await client.say('NOOP', 200)
  })

  it('is not slowed by 1-octet dribble or floods of HELP and FEAT', async () => {
    await using it = await serve({ files })
    const [flood, dribble, other] = [await it.login(), await it.login(), await it.login()]
    flood.send('HELP\r\nFEAT\r\n'.repeat(2000))
    for (const letter of 'NOOP\r\n'.repeat(50)) dribble.send(letter)
    expect(await latency(other)).to.be.below(1000)
    for (let count = 0; count < 50; count++) await dribble.reply(200)
    for (let count = 0; count < 2000; count++) {
      await flood.reply(214)
      await flood.reply(211)
    }
  })
})

async function latency(client: Awaited<ReturnType<Served['login']>>): Promise<number> {
  const begun = performance.now()
  await client.say('NOOP', 200)
  return performance.now() - begun
}
