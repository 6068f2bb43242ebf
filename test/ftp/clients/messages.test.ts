/** Messages of administrators while real clients work: nobody loses step, and whoever can show them does. */
import { Readable, Writable } from 'node:stream'
import { Client } from 'basic-ftp'
import { expect } from 'chai'
import { eventually } from '../../cap.ts'
import { TemporaryFolder } from '../../disk-tree.ts'
import { needs, python, run, succeed } from '../../real-clients.ts'
import { serve, type Served } from '../../serve.ts'

const BIG = Buffer.alloc(700_000, 'chat ')
const files = { 'a.txt': 'hello', 'd/b.txt': 'below', 'd/c.txt': 'beside', 'big.bin': BIG }
/** What would confuse whoever takes it for something else. */
const TEXT = 'Lunch! 227 (127,0,0,1,0,21) 550 no (5 bytes) |||21|'

/** Writes to all sessions all the time, as no administrator could, until the end of its scope. */
function bother(it: Served): Disposable & { readonly heard: number } {
  const timer = setInterval(() => {
    for (const { id } of it.server.sessions()) it.server.message(id, TEXT)
  }, 1)
  return {
    [Symbol.dispose]: () => clearInterval(timer),
    get heard() {
      return it.all('messages-sent').length
    },
  }
}

describe('messages in the middle of the work of', () => {
  it('curl leave its files and listings as they are', async function () {
    needs(this, 'curl')
    await using it = await serve({ files })
    await using folder = await TemporaryFolder.make({ 'up.bin': BIG })
    using bothered = bother(it)
    const url = (path: string) => `ftp://anna:secret@127.0.0.1:${it.port}/${path}`
    // One connection for all of it.
    const listed = await succeed('curl', ['-sS', '-l', url('d/'), url(''), url('d/')])
    expect(listed).to.equal('b.txt\nc.txt\na.txt\nd\nbig.bin\nb.txt\nc.txt\n')
    expect(await succeed('curl', ['-sS', url('a.txt'), url('d/b.txt'), url('d/c.txt')])).to.equal('hellobelowbeside')
    await succeed('curl', ['-sS', '-T', folder.file('up.bin'), url('up.bin')])
    await succeed('curl', ['-sS', '-o', folder.file('down.bin'), url('big.bin')])
    expect(it.files.content('up.bin')?.equals(BIG)).to.be.true
    expect((await folder.read('down.bin')) === String(BIG)).to.be.true
    expect(bothered.heard).to.be.above(5)
  })

  it('lftp leave its trees as they are, also where they come at once', async function () {
    needs(this, 'lftp')
    await using it = await serve({ files })
    await using folder = await TemporaryFolder.make()
    using bothered = bother(it)
    const commands = [
      'set net:max-retries 1',
      'set ftp:ssl-allow no',
      `open -u anna,secret ftp://127.0.0.1:${it.port}`,
      `mirror / ${folder.path}/down`,
      `mirror -R ${folder.path}/down /up`,
      'cls /up/d',
      'sleep 0.1',
      'cat /up/a.txt',
    ]
    expect(await succeed('lftp', ['-c', commands.join('; ')], { cwd: folder.path })).to.equal(
      '/up/d/b.txt\n/up/d/c.txt\nhello',
    )
    expect(it.files.content('up/big.bin')?.equals(BIG)).to.be.true
    expect((await folder.read('down/big.bin')) === String(BIG)).to.be.true
    expect(bothered.heard).to.be.above(5)
  })

  it('ftplib leave its files and listings as they are', async function () {
    needs(this, 'python3')
    await using it = await serve({ files })
    using bothered = bother(it)
    const said: unknown = JSON.parse(await python(FTPLIB, '127.0.0.1', it.port))
    expect(said).to.deep.equal({ same: 20, listed: ['a.txt', 'big.bin', 'd'], size: BIG.length, pwd: '/d' })
    expect(it.files.content('d/up.bin')?.equals(BIG)).to.be.true
    expect(bothered.heard).to.be.above(5)
  })

  it('basic-ftp leave its files and listings as they are', async () => {
    await using it = await serve({ files })
    using bothered = bother(it)
    const client = new Client(5000)
    await client.access({ host: '127.0.0.1', port: it.port, user: 'anna', password: 'secret' })
    for (let round = 0; round < 10; round++) {
      const chunks: Buffer[] = []
      const sink = new Writable({ write: (chunk: Buffer, _, done) => (chunks.push(chunk), done()) })
      await client.downloadTo(sink, 'big.bin')
      expect(Buffer.concat(chunks).equals(BIG)).to.be.true
      await client.uploadFrom(Readable.from([BIG]), 'd/up.bin')
      expect(await client.size('d/up.bin')).to.equal(BIG.length)
      expect((await client.list('d')).map(({ name }) => name)).to.have.members(['b.txt', 'c.txt', 'up.bin'])
    }
    client.close()
    expect(bothered.heard).to.be.above(5)
  })

  it('ncftp leave its files and listings as they are', async function () {
    needs(this, 'ncftpget')
    await using it = await serve({ files })
    await using folder = await TemporaryFolder.make({ 'up.bin': BIG })
    using bothered = bother(it)
    const who = ['-u', 'anna', '-p', 'secret', '-P', String(it.port)]
    const ncftp = (program: string, ...more: string[]) => succeed(program, [...who, ...more], { cwd: folder.path })
    expect((await ncftp('ncftpls', `ftp://127.0.0.1/d/`)).trim().split(/\s+/)).to.deep.equal(['b.txt', 'c.txt'])
    await ncftp('ncftpget', '-R', '127.0.0.1', folder.path, '/d', '/big.bin', '/a.txt')
    await ncftp('ncftpput', '127.0.0.1', '/d', folder.file('up.bin'), folder.file('a.txt'))
    expect((await folder.read('big.bin')) === String(BIG)).to.be.true
    expect(await folder.read('d/c.txt')).to.equal('beside')
    expect(it.files.content('d/up.bin')?.equals(BIG)).to.be.true
    expect(it.files.content('d/a.txt')?.toString()).to.equal('hello')
    expect(bothered.heard).to.be.above(5)
  })
})

describe('a conversation with lftp', () => {
  it('goes both ways: what is written comes at once while it is idle, and it works on', async function () {
    needs(this, 'lftp')
    await using it = await serve({ files })
    const commands = [
      'debug 5',
      'set net:max-retries 1',
      'set ftp:ssl-allow no',
      `open -u anna,secret ftp://127.0.0.1:${it.port}`,
      'site MSG is anybody there?',
      // Nothing is under way until the answer has come.
      'sleep 1',
      'cat a.txt',
      'site MSG thank you',
      'cls d',
    ]
    const done = run('lftp', ['-c', commands.join('; ')])
    await eventually(() => it.all('message').length === 1, 'the first words of the client')
    const id = it.server.sessions()[0]?.id ?? ''
    // The reply to SITE MSG itself is still on its way.
    await eventually(() => it.all('reply').some(({ lines }) => lines[0] === 'Message delivered.'), 'its reply')
    expect(it.server.message(id, 'yes, in the office')).to.be.true
    const before = it.all('command').length
    await eventually(() => it.all('messages-sent').length === 1, 'the answer is sent')
    expect(it.all('command').length, 'it did not wait for a command').to.equal(before)
    const { code, stdout, stderr } = await done
    expect(code, stderr).to.equal(0)
    expect(stderr + stdout).to.include('Message from the administrator: yes, in the office')
    expect(stderr + stdout).to.not.match(/extra server response|Reconnect/)
    expect(stdout).to.include('hello').and.include('d/b.txt')
    expect(it.all('message').map(({ text }) => text)).to.deep.equal(['is anybody there?', 'thank you'])
    expect(it.all('session-opened')).to.have.lengthOf(1)
  })
})

const FTPLIB = `
import ftplib, io, json, sys
ftp = ftplib.FTP(timeout=10)
ftp.connect(sys.argv[1], int(sys.argv[2]))
ftp.login('anna', 'secret')
out = {'same': 0}
first = io.BytesIO()
ftp.retrbinary('RETR big.bin', first.write)
for _ in range(20):
    back = io.BytesIO()
    ftp.retrbinary('RETR big.bin', back.write)
    out['same'] += back.getvalue() == first.getvalue()
    out['listed'] = sorted(ftp.nlst())
out['size'] = ftp.size('big.bin')
ftp.cwd('d')
out['pwd'] = ftp.pwd()
ftp.storbinary('STOR up.bin', io.BytesIO(first.getvalue()))
ftp.quit()
print(json.dumps(out))
`
