/** What may be said while a transfer runs: ABOR, STAT, NOOP, QUIT, and losing the connection (RFC 959 section 4.1.3). */
import { expect } from 'chai'
import { eventually } from '../cap.ts'
import { python } from '../real-clients.ts'
import { serve, type Served } from '../serve.ts'
import { TRANSPORTS } from '../transport.ts'

const OCTETS = Buffer.alloc(300_000, 'x')

for (const transport of TRANSPORTS) {
  describe(`during a transfer over ${transport}`, () => {
    it('ABOR cuts a download: 426, then 226, and the next transfer works', async () => {
      await using it = await serve({ transport, files: { 'slow.bin': OCTETS, 'a.txt': 'hello' } })
      const client = await it.login()
      const data = await client.epsv()
      await client.say('RETR slow.bin', 150)
      await client.say('ABOR', 426)
      await client.reply(226, 'the reply to ABOR')
      expect((await data.remains()).length).to.be.below(OCTETS.length)
      expect(String(await client.retrieve('RETR a.txt'))).to.equal('hello')
      expect((await it.event('transfer-ended')).transfer).to.include({ result: 'aborted', code: 426 })
      it.files.release()
      await eventually(() => it.files.open === 0, 'the files are closed')
    })

    it('ABOR cuts an upload; what becomes of the part is the business of the files', async () => {
      for (const partial of ['keep', 'drop'] as const) {
        await using it = await serve({ transport })
        it.files.partial = partial
        const client = await it.login()
        const data = await client.epsv()
        await client.say('STOR part.bin', 150)
        await data.write('the first part')
        await client.say('ABOR', 426)
        await client.reply(226, 'the reply to ABOR')
        await data.ended()
        expect(it.files.exists('part.bin')).to.equal(partial === 'keep')
        await client.store('STOR whole.bin', 'x')
        expect(it.files.open).to.equal(0)
      }
    })

    it('STAT tells the progress and NOOP answers, both at once', async () => {
      await using it = await serve({ transport, files: { 'slow.bin': OCTETS } })
      const client = await it.login()
      const data = await client.epsv()
      await client.say('RETR slow.bin', 150)
      const { text } = await client.say('STAT', [211, 213])
      expect(text)
        .to.include('slow.bin')
        .and.to.match(/\b\d+\b.*\b300000\b/s)
      await client.say('NOOP', 200)
      it.files.release()
      expect((await data.all()).length).to.equal(OCTETS.length)
      await client.reply(226)
    })

    it('QUIT waits for its end: 226, 221, and the connection closes', async () => {
      await using it = await serve({ transport, files: { 'slow.bin': OCTETS } })
      const client = await it.login()
      const data = await client.epsv()
      await client.say('RETR slow.bin', 150)
      client.send('QUIT\r\n')
      it.files.release()
      expect((await data.all()).length).to.equal(OCTETS.length)
      await client.reply(226)
      await client.reply(221)
      await client.ended()
    })

    it('the loss of the control connection ends it and frees the file', async () => {
      await using it = await serve({ transport, files: { 'slow.bin': OCTETS } })
      const client = await it.login()
      const data = await client.epsv()
      await client.say('RETR slow.bin', 150)
      client.socket.destroy()
      await data.ended()
      expect((await it.event('session-closed')).reason).to.equal('lost')
      it.files.release()
      await eventually(() => it.files.open === 0, 'the file is closed')
    })
  })
}

describe('during a transfer', () => {
  it('REIN waits for its end and then forgets the login (RFC 959 section 4.1.1)', async () => {
    await using it = await serve({ files: { 'slow.bin': OCTETS } })
    const client = await it.login()
    const data = await client.epsv()
    await client.say('RETR slow.bin', 150)
    client.send('REIN\r\n')
    it.files.release()
    expect((await data.all()).length).to.equal(OCTETS.length)
    await client.reply(226)
    await client.reply(220)
    await client.say('PWD', 530)
  })

  it('of an upload STAT tells what has come so far', async () => {
    await using it = await serve()
    const client = await it.login()
    const data = await client.epsv()
    await client.say('STOR up.bin', 150)
    await data.write(Buffer.alloc(1234))
    await it.event('transfer-progress')
    expect((await client.say('STAT', [211, 213])).text)
      .to.include('up.bin')
      .and.match(/\b1234\b/)
    await data.end()
    await client.reply(226)
  })

  it('the 226 of an upload waits for the disk', async () => {
    await using it = await serve()
    const client = await it.login()
    const data = await client.epsv()
    await client.say('STOR slow.bin', 150)
    await data.end(OCTETS)
    await client.say('NOOP', 200)
    expect(it.files.exists('slow.bin')).to.be.false
    it.files.release()
    await client.reply(226)
    expect(it.files.content('slow.bin')?.length).to.equal(OCTETS.length)
  })
})

describe('ABOR', () => {
  it('without a transfer answers 225 and closes an unused listener', async () => {
    await using it = await serve({ files: { 'a.txt': 'x' } })
    const client = await it.login()
    await client.say('ABOR', [225, 226])
    const { port } = await client.pasvTarget()
    await client.say('ABOR', [225, 226])
    const reached = await client.dial(port).then(
      () => true,
      () => false,
    )
    expect(reached).to.be.false
    await client.say('RETR a.txt', [425, 503])
  })

  it('behind a finished transfer answers 225 or 226 once', async () => {
    await using it = await serve({ files: { 'a.txt': 'x' } })
    const client = await it.login()
    await client.retrieve('RETR a.txt')
    await client.say('ABOR', [225, 226])
    await client.say('NOOP', 200)
  })

  it('ends the wait for a client that never connects', async () => {
    await using it = await serve({ files: { 'a.txt': 'x' }, options: { timeouts: { dataConnect: 60 } } })
    const client = await it.login()
    await client.say('EPSV', 229)
    client.send('RETR a.txt\r\nABOR\r\n')
    await client.reply([425, 426])
    await client.reply([225, 226])
    expect(String(await client.retrieve('RETR a.txt'))).to.equal('x')
  })

  it('works with Telnet IP and Synch in front of it', async () => {
    await using it = await serve({ files: { 'slow.bin': OCTETS } })
    const client = await it.login()
    const data = await client.epsv()
    await client.say('RETR slow.bin', 150)
    client.send(Buffer.concat([Buffer.from([255, 244, 255, 242]), Buffer.from('ABOR\r\n')]))
    await client.reply(426)
    await client.reply(226)
    await data.ended()
    await client.say('NOOP', 200)
  })

  it('works as urgent data, of which the last octet may be lost', async () => {
    await using it = await serve({ files: { 'slow.bin': OCTETS, 'a.txt': 'hello' } })
    const said = await python(URGENT, it.port)
    expect(said).to.match(/^426[^]*\n226[^]*\n200/)
    await it.event('transfer-ended', ({ transfer }) => transfer.result === 'aborted')
  })

  it('works after IAC IP IAC and an urgent DM (RFC 959 section 4.1.3)', async () => {
    await using it = await serve({ files: { 'slow.bin': OCTETS } })
    const said = await python(SYNCH, it.port)
    expect(said.trim().split('\n')).to.deep.equal(['426', '226', '200'])
  })

  it('repeated a hundred times answers each time and leaks nothing', async () => {
    await using it = await serve({ files: { 'slow.bin': OCTETS } })
    const client = await it.login()
    client.send('ABOR\r\n'.repeat(100))
    for (let number = 0; number < 100; number++) await client.reply([225, 226])
    for (let round = 0; round < 20; round++) {
      const data = await client.epsv()
      await client.say('RETR slow.bin', 150)
      client.send('ABOR\r\n')
      await client.reply(426)
      await client.reply(226)
      await data.ended()
    }
    it.files.release()
    await eventually(() => it.files.open === 0, 'the files are closed')
    expect(running(it)).to.equal(0)
  })
})

/** Transfers that began and did not end. */
function running(it: Served): number {
  return it.all('transfer-started').length - it.all('transfer-ended').length
}

/** What Python's ftplib does: ABOR with its last octet urgent. */
const URGENT = `
import ftplib, sys
ftp = ftplib.FTP(timeout=10)
ftp.connect('127.0.0.1', int(sys.argv[1]))
ftp.login('anna', 'secret')
ftp.voidcmd('TYPE I')
connection = ftp.transfercmd('RETR slow.bin')
connection.recv(10)
print(ftp.abort())
print(ftp.getresp())
connection.close()
print(ftp.voidcmd('NOOP'))
`

const SYNCH = `
import socket, sys
def reply(file):
    line = file.readline()
    return line[:3]
control = socket.create_connection(('127.0.0.1', int(sys.argv[1])), 10)
file = control.makefile('r', newline='')
def say(line):
    control.sendall(line.encode() + b'\\r\\n')
    return file.readline()
file.readline()
say('USER anna'); say('PASS secret'); say('TYPE I')
port = int(say('EPSV').split('|||')[1].split('|')[0])
data = socket.create_connection(('127.0.0.1', port), 10)
assert say('RETR slow.bin').startswith('150')
data.recv(10)
control.sendall(b'\\xff\\xf4\\xff')
control.send(b'\\xf2', socket.MSG_OOB)
control.sendall(b'ABOR\\r\\n')
print(reply(file)); print(reply(file))
print(say('NOOP')[:3])
`
