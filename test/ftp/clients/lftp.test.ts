/** lftp against the server: whole trees both ways, resumed, active and passive. */
import { expect } from 'chai'
import { certificate } from '../../certificate.ts'
import { memoryTree, oddTree, TemporaryFolder } from '../../disk-tree.ts'
import { needs, succeed } from '../../real-clients.ts'
import { serve, type Served } from '../../serve.ts'
import { FAMILIES, TRANSPORTS } from '../../transport.ts'

const BIG = Buffer.alloc(2_000_000, 'lftp ')

for (const transport of TRANSPORTS) {
  describe(`lftp over ${transport}`, () => {
    before(function () {
      needs(this, 'lftp')
    })

    for (const mode of ['passive', 'active'] as const) {
      it(`mirrors 200 files with odd names up and down in ${mode} mode`, async () => {
        await using it = await serve({ transport })
        await using source = await TemporaryFolder.make(oddTree())
        await using copy = await TemporaryFolder.make()
        await lftp(it, [`mirror -R --parallel=2 ${source.path} /up`, `mirror --parallel=2 /up ${copy.path}/down`], mode)
        const wanted = await source.tree()
        expect(Object.keys(wanted).length).to.equal(200)
        expect(memoryTree(it.files, '/up')).to.deep.equal(wanted)
        expect(await copy.tree('down')).to.deep.equal(wanted)
        expect(it.files.open).to.equal(0)
      })
    }

    it('resumes both ways', async () => {
      await using it = await serve({ transport, files: { 'big.bin': BIG, 'up.bin': BIG.subarray(0, 700_000) } })
      await using folder = await TemporaryFolder.make({ 'big.bin': BIG.subarray(0, 900_000), 'up.bin': BIG })
      await lftp(it, [`lcd ${folder.path}`, 'get -c big.bin', 'put -c up.bin'])
      expect((await folder.read('big.bin')) === String(BIG)).to.be.true
      expect(it.files.content('up.bin')?.equals(BIG)).to.be.true
      const offsets = it.all('transfer-started').map(({ transfer }) => transfer.offset)
      expect(offsets).to.include(900_000).and.include(700_000)
    })
  })
}

describe('lftp', () => {
  before(function () {
    needs(this, 'lftp')
  })

  for (const family of FAMILIES) {
    it(`mirrors a second time without moving anything, IPv${family}`, async () => {
      await using it = await serve({ family })
      await using source = await TemporaryFolder.make(oddTree())
      await lftp(it, [`mirror -R ${source.path} /up`])
      const before = it.all('transfer-started').filter(({ transfer }) => transfer.direction === 'upload').length
      await lftp(it, [`mirror -R ${source.path} /up`])
      const after = it.all('transfer-started').filter(({ transfer }) => transfer.direction === 'upload').length
      expect([before, after]).to.deep.equal([200, 200])
    })
  }

  it('lists, fetches in segments, renames, links no more, changes modes and removes trees', async () => {
    await using it = await serve({ files: { 'd/a.txt': 'x', 'big.bin': BIG } })
    await using folder = await TemporaryFolder.make()
    const listed = await lftp(it, [
      `pget -n 4 big.bin -o ${folder.path}/big.bin`,
      'mv d/a.txt d/b.txt',
      'chmod 600 d/b.txt',
      'cls -l d',
      'mkdir -p e/f/g',
      'rm -r d',
      'du e',
    ])
    expect(listed).to.match(/-rw------- .*b\.txt/)
    expect((await folder.read('big.bin')) === String(BIG)).to.be.true
    expect(it.files.names()).to.deep.equal(['big.bin', 'e'])
  })

  it('uses MODE Z when it is told to', async () => {
    await using it = await serve({ files: { 'big.bin': BIG } })
    await using folder = await TemporaryFolder.make({ 'up.bin': BIG })
    await lftp(it, ['set ftp:use-mode-z yes', `lcd ${folder.path}`, 'get big.bin', 'put up.bin'])
    expect((await folder.read('big.bin')) === String(BIG)).to.be.true
    expect(it.files.content('up.bin')?.equals(BIG)).to.be.true
    expect(it.all('command').map(({ text }) => text)).to.include('MODE Z')
  })
})

async function lftp(it: Served, commands: readonly string[], mode: 'passive' | 'active' = 'passive'): Promise<string> {
  const { file } = await certificate()
  const host = it.family === 6 ? '[::1]' : '127.0.0.1'
  const scheme = it.transport === 'implicit TLS' ? 'ftps' : 'ftp'
  const settings = [
    'set cmd:fail-exit yes',
    'set net:timeout 10; set net:max-retries 1; set net:reconnect-interval-base 1',
    // In MODE Z lftp 4.9 waits seconds before it sends the end of an empty file.
    'set ftp:use-mode-z no',
    `set ssl:ca-file ${file}; set ssl:check-hostname no`,
    `set ftp:passive-mode ${mode === 'passive' ? 'yes' : 'no'}`,
    `set ftp:ssl-allow ${it.transport === 'plain' ? 'no' : 'yes'}; set ftp:ssl-protect-data yes`,
    `set ftp:ssl-force ${it.transport === 'explicit TLS' ? 'yes' : 'no'}`,
    `open -u anna,secret ${scheme}://${host}:${it.port}/`,
  ]
  await using home = await TemporaryFolder.make()
  return succeed('lftp', ['--norc', '-c', [...settings, ...commands].join('; ')], { cwd: home.path })
}
