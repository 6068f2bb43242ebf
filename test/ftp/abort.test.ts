/** ABOR in all its forms: plain, behind Telnet IP and Synch, as urgent data (RFC 959 section 4.1.3, RFC 1123 section 4.1.3.3). */
import { expect } from 'chai'
import { eventually } from '../cap.ts'
import { needs, python } from '../real-clients.ts'
import { serve, type Served } from '../serve.ts'

const OCTETS = Buffer.alloc(300_000, 'x')

describe('ABOR', () => {
  before(function () {
    needs(this, 'python3')
  })

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

  it('does not wait for a disk that opens nothing; what opens later is closed again', async () => {
    await using it = await serve({ files: { 'a.txt': 'x' } })
    const [read, write] = [it.files.read.bind(it.files), it.files.write.bind(it.files)]
    const awake = Promise.withResolvers<void>()
    it.files.read = (path) => awake.promise.then(() => read(path))
    it.files.write = (path, request) => awake.promise.then(() => write(path, request))
    const client = await it.login()
    for (const line of ['RETR a.txt', 'STOR b.txt']) {
      const data = await client.epsv()
      client.send(`${line}\r\n`)
      await it.event('command', ({ text }) => text === line)
      await client.say('ABOR', 426)
      await client.reply(226)
      await data.ended()
    }
    awake.resolve()
    await client.say('NOOP', 200)
    await eventually(() => it.files.open === 0, 'the files are closed')
  })

  it('closes no file under a read: its descriptor could be another file by then', async () => {
    await using it = await serve({ files: { 'slow.bin': OCTETS } })
    const client = await it.login()
    const data = await client.epsv()
    await client.say('RETR slow.bin', 150)
    await data.begun()
    await client.say('ABOR', 426)
    await client.reply(226)
    expect(it.files.open).to.equal(1)
    it.files.release()
    await eventually(() => it.files.open === 0, 'the file is closed')
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

  it('that is refused does not cut the next transfer instead', async () => {
    await using it = await serve({ files: { 'a.txt': 'hello' } })
    const client = await it.connect()
    client.send('NOOP\r\nABOR\r\n')
    await client.reply(200)
    await client.reply(530)
    await client.login()
    expect(String(await client.retrieve('RETR a.txt'))).to.equal('hello')
    await it.change({ disabled: new Set(['ABOR']) })
    client.send('NOOP\r\nABOR\r\n')
    await client.reply(200)
    await client.reply(502)
    expect(String(await client.retrieve('RETR a.txt'))).to.equal('hello')
  })

  it('cuts each of two transfers that were said with it in one go', async () => {
    await using it = await serve({ files: { 'slow.bin': 'x'.repeat(300_000) } })
    const client = await it.login()
    await client.epsv()
    client.send('RETR slow.bin\r\nABOR\r\nEPSV\r\nRETR slow.bin\r\nABOR\r\n')
    for (const code of [426, 226, 229, 426, 226] as const) await client.reply(code)
    it.files.release()
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
