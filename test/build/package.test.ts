/** What `build.sh` makes, unpacked elsewhere and used as a firmware would. */
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { needs, run, succeed } from '../real-clients.ts'
import { Place } from '../start/started.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { version: string }
const NAME = `ftp-module_${version}_all`

const PRESET = {
  enabled: true,
  administrator: { name: 'admin', password: 'a long password' },
  users: [{ name: 'anna', password: 's3cret!' }],
  settings: { port: 0, address: '127.0.0.1', passivePorts: 'any' },
  resources: [{ name: 'Scans', folder: 'scans', rights: [{ user: 'anna', level: 'readWrite' }] }],
}

/** e_machine of an ELF file. */
const MACHINES = { x64: 62, arm64: 183 }

describe('the package that build.sh makes', function () {
  this.timeout(60_000)
  let folder = ''
  let tree = ''

  before(async function () {
    needs(this, 'xz')
    needs(this, 'curl')
    folder = await mkdtemp(join(tmpdir(), 'package-'))
    tree = join(folder, 'unpacked', NAME)
    await build('one')
    await mkdir(join(folder, 'unpacked'))
    await succeed('tar', ['-xJf', join(folder, 'one', `${NAME}.tar.xz`), '-C', join(folder, 'unpacked')])
  })

  after(() => rm(folder, { recursive: true, force: true }))

  const build = async (name: string) => {
    await succeed('bash', [join(ROOT, 'build.sh'), join(folder, name)], { cap: 60_000 })
    return readFile(join(folder, name, `${NAME}.tar.xz`))
  }

  it('is the same for the same sources, and small', async () => {
    const [one, two] = [await readFile(join(folder, 'one', `${NAME}.tar.xz`)), await build('two')]
    expect(one.equals(two)).to.be.true
    expect(one.length).to.be.below(1_700_000)
  })

  it('holds no source, no development tool and no Node, and the licence of every package', async () => {
    const files = await readdir(tree, { recursive: true })
    expect(
      files.filter((path) => /\.ts$|\.map$|node-linux|node_modules\/(?:mocha|typescript|@types)/.test(path)).sort(),
      'the contract, and nothing else',
    ).to.deep.equal(['index', 'service/manifest', 'service/version', 'shell'].map((name) => `module/${name}.d.ts`))
    const licences = await readFile(join(tree, 'LICENSES'), 'utf8')
    for (const path of files.filter((each) => /^node_modules\/(?:@[^/]+\/)?[^/@]+$/.test(each))) {
      expect(licences).to.include(`${path.slice('node_modules/'.length)} `)
    }
  })

  it('serves FTP and the pages from JavaScript alone', async () => {
    await using place = await Place.make(join(tree, 'server.mjs'))
    const started = await place.start(PRESET, [], { FTP_MODULE_WEB_PORT: '0' })
    const ftp = `ftp://127.0.0.1:${await started.port()}`
    const [web] = await started.printed(/https?:\/\/127\.0\.0\.1:\d+/)
    await curl('-u', 'anna:s3cret!', '-T', join(tree, 'LICENSE'), `${ftp}/Scans/`)
    expect(await curl('-u', 'anna:s3cret!', '--ssl-reqd', `${ftp}/Scans/LICENSE`)).to.equal(
      await readFile(join(tree, 'LICENSE'), 'utf8'),
    )
    // The digest is made in a worker of its own, the log in two others.
    expect(await curl('-u', 'anna:s3cret!', '-v', '--quote', 'XSHA256 /Scans/LICENSE', '-l', `${ftp}/`)).to.include(
      'Scans',
    )
    expect(await curl('-L', `${web}/`)).to.include('<h1')
    for (const name of ['style.css', 'app.js', 'htmx.js', 'hx-sse.js', 'uplot.js']) {
      expect((await curl(`${web}/public/${name}`)).length, name).to.be.above(1000)
    }
    expect((await stat(join(place.data, 'storage/scans/LICENSE'))).size).to.be.above(0)
  })

  it('has the types of the contract: the example of docs/EMBEDDING.md compiles against it', async () => {
    const project = join(folder, 'unpacked')
    await mkdir(join(project, 'node_modules'))
    await symlink(tree, join(project, 'node_modules/ftp-module'))
    await symlink(join(ROOT, 'node_modules/@types'), join(project, 'node_modules/@types'))
    const source = await readFile(join(ROOT, 'test/embedding/firmware.ts'), 'utf8')
    const example = source.replaceAll('../../module/index.ts', 'ftp-module')
    const compiled = async (text: string) => {
      await writeFile(join(project, 'firmware.ts'), text)
      const options = [
        '--ignoreConfig',
        '--noEmit',
        '--strict',
        '--module',
        'nodenext',
        '--target',
        'es2024',
        '--types',
        'node',
      ]
      return run(join(ROOT, 'node_modules/.bin/tsc'), [...options, join(project, 'firmware.ts')])
    }
    expect((await compiled(example)).stdout).to.equal('')
    const { stdout } = await compiled(example.replace("permission: 'manage'", "permission: 'everything'"))
    expect(stdout).to.include("is not assignable to type 'Permission'")
  })

  it('has what its README and its manifest name', async () => {
    const manifest = JSON.parse(await readFile(join(tree, 'module.json'), 'utf8')) as {
      icon: string
      security: { contact: string; policy: string }
    }
    const readme = await readFile(join(tree, 'README.md'), 'utf8')
    const named = [...readme.matchAll(/\]\(([\w/.-]+\.md)\)/g)].map(([, path = '']) => path)
    expect(named).to.include('docs/EMBEDDING.md')
    for (const path of [...named, manifest.icon, manifest.security.contact, manifest.security.policy]) {
      expect((await stat(join(tree, path))).size, path).to.be.above(0)
    }
  })

  it('lets the kernel copy, and does without where its binary is missing', async () => {
    const script = "const { moverKind } = await import('./module/ftp/data/chosen-mover.js'); console.log(moverKind())"
    const kind = () => succeed('sh', ['-c', `cd "${tree}" && "${process.execPath}" --input-type=module -e "${script}"`])
    const files = await readdir(tree, { recursive: true })
    expect(files.filter((path) => path.endsWith('.node'))).to.have.lengthOf(2)
    expect(await kind()).to.equal('kernel\n')
    await rename(join(tree, 'node_modules/@koromix'), join(folder, 'elsewhere'))
    expect(await kind()).to.equal('stream\n')
    await rename(join(folder, 'elsewhere'), join(tree, 'node_modules/@koromix'))
  })

  it('has binaries for both processors, and over them those for machines with musl', async () => {
    const musl = join(folder, 'musl')
    await mkdir(musl)
    await succeed('tar', ['-xJf', join(folder, 'one', `ftp-module_${version}_musl.tar.xz`), '-C', musl])
    for (const [top, library] of [
      [tree, 'linux'],
      [join(musl, NAME), 'musl'],
    ] as const) {
      for (const [processor, machine] of Object.entries(MACHINES)) {
        const place = join(top, `node_modules/@koromix/koffi-linux-${processor}`)
        expect((await readdir(place)).sort()).to.deep.equal(['index.js', `${library}_${processor}`, 'package.json'])
        const binary = await readFile(join(place, `${library}_${processor}/koffi.node`))
        expect(binary.readUInt16LE(18), 'the machine that it is for').to.equal(machine)
        // What the dynamic linker is to load with it.
        expect(binary.includes(library === 'musl' ? 'libc.musl' : 'libc.so.6')).to.be.true
      }
    }
  })

  it('tells an old Node in one line that it is too old', async () => {
    const old = 'data:text/javascript,Object.defineProperty(process,"versions",{value:{node:"20.19.2"}})'
    const { code, stderr } = await run(process.execPath, ['--import', old, join(tree, 'server.mjs')])
    expect(code).to.equal(1)
    expect(stderr).to.match(/^The FTP module needs Node\.js 22\.13 or newer\. This is .+\n$/)
  })
})

function curl(...parameters: readonly string[]): Promise<string> {
  return succeed('curl', ['-sS', '-k', '--noproxy', '*', '--max-time', '20', ...parameters])
}
