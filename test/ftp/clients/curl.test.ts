/** curl against the server, over every transport and both families. */
import { expect } from 'chai'
import { certificate } from '../../certificate.ts'
import { TemporaryFolder } from '../../disk-tree.ts'
import { needs, run, succeed } from '../../real-clients.ts'
import { serve, type Served } from '../../serve.ts'
import { FAMILIES, TRANSPORTS } from '../../transport.ts'

const BIG = Buffer.alloc(3_000_000, 'curl ')
const files = { 'a.txt': 'hello', 'two words.txt': 'spaces', 'big.bin': BIG, 'empty.txt': '', 'd/b.txt': 'below' }

for (const transport of TRANSPORTS) {
  for (const family of FAMILIES) {
    describe(`curl over ${transport}, IPv${family}`, () => {
      before(function () {
        needs(this, 'curl')
      })

      for (const [mode, flags] of Object.entries({
        passive: [],
        ...(family === 4 && { PASV: ['--disable-epsv'] }),
        // Active and protected at once, curl 7.88 asks a descriptor it does not have for its address.
        ...(transport === 'plain' && { active: ['-P', '-'] }),
        ...(transport === 'plain' && family === 4 && { PORT: ['-P', '-', '--disable-eprt'] }),
      })) {
        it(`fetches, stores, resumes and lists in ${mode} mode`, async () => {
          await using it = await serve({ transport, family, files })
          await using folder = await TemporaryFolder.make({ 'up.bin': BIG, 'part.bin': BIG.subarray(0, 1_000_001) })
          const curl = await caller(it, flags)
          expect(await curl('a.txt')).to.equal('hello')
          expect(await curl('two%20words.txt')).to.equal('spaces')
          expect(await curl('empty.txt')).to.equal('')
          await curl('up.bin', '-T', folder.file('up.bin'))
          expect(it.files.content('up.bin')?.equals(BIG)).to.be.true
          await curl('big.bin', '-C', '-', '-o', folder.file('part.bin'))
          expect((await folder.read('part.bin')) === String(BIG)).to.be.true
          expect(await curl('', '-l')).to.equal('a.txt\ntwo words.txt\nbig.bin\nempty.txt\nd\nup.bin\n')
          expect(await curl('d/')).to.match(/ b\.txt\r?\n$/)
        })
      }
    })
  }
}

describe('curl', () => {
  before(function () {
    needs(this, 'curl')
  })

  it('resumes an upload, appends, makes directories, renames and deletes', async () => {
    await using it = await serve({ files })
    await using folder = await TemporaryFolder.make({ 'up.bin': BIG })
    const curl = await caller(it)
    it.files.put('up.bin', BIG.subarray(0, 500_000))
    await curl('up.bin', '-C', '-', '-T', folder.file('up.bin'))
    expect(it.files.content('up.bin')?.equals(BIG)).to.be.true
    await curl('a.txt', '-a', '-T', folder.file('up.bin'))
    expect(it.files.content('a.txt')?.length).to.equal(5 + BIG.length)
    await curl('new/deep/x.bin', '--ftp-create-dirs', '-T', folder.file('up.bin'))
    expect(it.files.content('new/deep/x.bin')?.length).to.equal(BIG.length)
    await curl('', '-l', '-Q', 'RNFR d/b.txt', '-Q', 'RNTO moved.txt', '-Q', 'DELE empty.txt')
    expect(it.files.names()).to.include('moved.txt').and.not.include('empty.txt')
  })

  it('shows size and time, and fetches by every method of walking directories', async () => {
    await using it = await serve({ files })
    const curl = await caller(it)
    const head = await curl('a.txt', '-I')
    expect(head).to.include('Content-Length: 5').and.include('Last-Modified: Tue, 02 Jan 2024 03:04:05 GMT')
    for (const method of ['multicwd', 'nocwd', 'singlecwd']) {
      expect(await curl('d/b.txt', '--ftp-method', method)).to.equal('below')
    }
    expect(await curl('a.txt', '-r', '1-3')).to.equal('ell')
    expect(await curl('a.txt', '--use-ascii')).to.equal('hello')
  })

  it('fetches many files over one connection', async () => {
    await using it = await serve({ transport: 'explicit TLS', files })
    const curl = await caller(it)
    expect(await curl('a.txt', '--next', ...(await parameters(it, 'd/b.txt')))).to.equal('belowhello')
  })

  it('is told why it is refused', async () => {
    await using it = await serve({ files, options: { login: { failureDelay: 0 } } })
    const url = `ftp://127.0.0.1:${it.port}/a.txt`
    expect((await run('curl', ['-sS', '-u', 'anna:wrong', url])).code).to.equal(67)
    expect((await run('curl', ['-sS', '-u', 'anna:secret', `${url}.missing`])).code).to.equal(78)
  })

  it('continues a protected session for its data when that is required', async () => {
    await using it = await serve({ transport: 'explicit TLS', files, options: { tls: { sessionReuse: 'require' } } })
    const curl = await caller(it)
    expect(await curl('a.txt')).to.equal('hello')
    expect((await curl('')).split('\n').length).to.be.above(4)
  })
})

type Curl = (path: string, ...more: string[]) => Promise<string>

async function caller(it: Served, flags: readonly string[] = []): Promise<Curl> {
  return async (path, ...more) => succeed('curl', [...flags, ...more, ...(await parameters(it, path))])
}

async function parameters(it: Served, path: string): Promise<string[]> {
  const { file } = await certificate()
  const scheme = it.transport === 'implicit TLS' ? 'ftps' : 'ftp'
  const host = it.family === 6 ? '[::1]' : '127.0.0.1'
  const tls = it.transport === 'explicit TLS' ? ['--ssl-reqd'] : []
  return ['-sS', '--cacert', file, ...tls, '-u', 'anna:secret', `${scheme}://${host}:${it.port}/${path}`]
}
