/** `npm start`, seen from outside: what it serves, prints, refuses, and how it ends. */
import { execFile } from 'node:child_process'
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { connect as connectTls } from 'node:tls'
import { connect } from 'node:net'
import { expect } from 'chai'
import { Client } from 'basic-ftp'
import { selfSigned } from '../../module/certificates/self-signed.ts'
import { capped } from '../cap.ts'
import { Place } from './started.ts'

const run = promisify(execFile)

const PRESET = {
  enabled: true,
  administrator: { name: 'admin', password: 'a long password' },
  users: [{ name: 'anna', password: 's3cret!', groups: ['staff'] }],
  settings: { port: 0, passivePorts: 'any' },
  resources: [
    {
      name: 'Scans',
      folder: 'scans',
      rights: [{ group: 'staff', level: 'readWrite' }],
      guests: { profile: 'dropBox', from: 'lan' },
    },
  ],
}

const curl = (...args: readonly string[]) => run('curl', ['-sS', '--noproxy', '*', '--max-time', '10', ...args])

/** Looks until it is so; what a client has written to its disk is told by no event. */
async function eventually(so: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 4000
  while (!(await so())) if (performance.now() > end) throw new Error('it did not happen')
}

/** How far back the threads of a process stand, in order, by their names. */
async function nicenessOf(pid: number): Promise<Map<string, number[]>> {
  const found = new Map<string, number[]>()
  for (const thread of await readdir(`/proc/${pid}/task`)) {
    const [, name = '', rest = ''] =
      /\((.*)\) (.*)/.exec(await readFile(`/proc/${pid}/task/${thread}/stat`, 'utf8')) ?? []
    // Field 19, counted from 1; the third is the first behind the name (proc(5)).
    const niceness = Number(rest.split(' ')[16])
    found.set(
      name,
      [...(found.get(name) ?? []), niceness].sort((a, b) => a - b),
    )
  }
  return found
}

describe('npm start', function () {
  this.timeout(30_000)

  it('serves what a preset describes, in clear and over TLS', async () => {
    await using place = await Place.make()
    const started = await place.start(PRESET)
    const url = `ftp://127.0.0.1:${await started.port()}/Scans/`
    const file = join(place.folder, 'a b.txt')
    await writeFile(file, 'hello')
    await curl('-u', 'anna:s3cret!', '-T', file, url)
    expect(await readFile(join(place.data, 'storage/scans/a b.txt'), 'utf8')).to.equal('hello')
    const { stdout } = await curl('-u', 'anna:s3cret!', '--ssl-reqd', '-k', `${url}a%20b.txt`)
    expect(stdout).to.equal('hello')
    expect(await started.end('SIGTERM')).to.equal(0)
    expect(started.errors).to.equal('')
  })

  it('trusts a client with its certificate, and prints the fingerprint', async () => {
    await using place = await Place.make()
    const started = await place.start(PRESET)
    const port = await started.port()
    const certificate = join(place.data, 'certificates/self-signed.pem')
    await curl('-u', 'anna:s3cret!', '--ssl-reqd', '--cacert', certificate, `ftp://127.0.0.1:${port}/`)
    expect(started.output).to.match(/^Certificate SHA-256: ([0-9A-F]{2}:){31}[0-9A-F]{2}$/m)
  })

  it('lets guests drop files and do nothing else, where a resource says so', async () => {
    await using place = await Place.make()
    const started = await place.start(PRESET)
    const client = new Client(5000)
    await client.access({ host: '127.0.0.1', port: await started.port() })
    await writeFile(join(place.folder, 'x'), 'x')
    await client.uploadFrom(join(place.folder, 'x'), '/Scans/x')
    const refused = await client.size('/Scans/x').then(
      () => undefined,
      (error: unknown) => error,
    )
    expect(refused).to.have.property('code', 550)
    client.close()
  })

  it('never prints a password', async () => {
    await using place = await Place.make()
    const started = await place.start(PRESET)
    await started.port()
    await started.end('SIGTERM')
    expect(started.output + started.errors).to.not.match(/s3cret!|a long password/)
    for (const name of await readdir(place.data)) {
      if (!name.endsWith('.json')) continue
      expect(await readFile(join(place.data, name), 'utf8'), name).to.not.match(/s3cret!|a long password/)
      expect((await stat(join(place.data, name))).mode & 0o077, name).to.equal(0)
    }
    expect((await stat(place.data)).mode & 0o777).to.equal(0o700)
  })

  it('keeps everything for the next start, and leaves the preset aside then', async () => {
    await using place = await Place.make()
    const first = await place.start(PRESET)
    await first.port()
    await first.end('SIGINT')
    const again = await place.start({ ...PRESET, users: [] })
    await curl('-u', 'anna:s3cret!', `ftp://127.0.0.1:${await again.port()}/Scans/`)
    expect(again.output).to.include('Note: the preset was left aside')
  })

  it('says what to do where nobody administers it yet, and where there is no user', async () => {
    await using place = await Place.make()
    const fresh = await place.start({ enabled: false })
    const code = /^Set-up code: (?:[A-Z2-9]{4}-){3}[A-Z2-9]{4} \(also in (.+)\)$/m
    const path = (await fresh.printed(code))[1] ?? ''
    await fresh.printed(
      /^Nobody administers this server yet: open http:\/\/127\.0\.0\.1:\d+\/ and type the set-up code\.$/m,
    )
    expect((await stat(path)).mode & 0o777).to.equal(0o600)
    await fresh.end('SIGTERM')
    expect(await stat(path).catch(() => undefined)).to.equal(undefined)
    await using other = await Place.make()
    const started = await other.start({ enabled: false, administrator: PRESET.administrator })
    await started.printed(/^There is no user yet: open http:\/\/127\.0\.0\.1:\d+\/ and add one\.$/m)
    expect(started.output).to.not.include('Set-up code')
  })

  it('prints a JSON Schema of presets', async () => {
    await using place = await Place.make()
    const started = await place.start(undefined, ['--preset-schema'])
    expect(await started.exit()).to.equal(0)
    expect(JSON.parse(started.output)).to.have.nested.property('properties.settings.properties.passivePorts')
    expect(await readdir(place.folder)).to.deep.equal([])
  })

  it('refuses a preset with mistakes, a line for each, and touches nothing', async () => {
    await using place = await Place.make()
    const started = await place.start({ ...PRESET, settings: { passivePorts: '5-1', prot: 21 } })
    expect(await started.exit()).to.equal(1)
    expect(started.errors.trim().split('\n')).to.deep.equal([
      'preset.json: settings.passivePorts: must be "from-to" with ports 1024-65535 (got "5-1")',
      'preset.json: settings.prot: is not a known setting',
    ])
    expect(await readdir(place.folder)).to.deep.equal(['preset.json'])
  })

  it('refuses a preset that is no JSON or not there, without showing its content', async () => {
    await using place = await Place.make()
    const broken = await place.start('{"users": [{"password": s3cret!')
    expect(await broken.exit()).to.equal(1)
    expect(broken.errors)
      .to.match(/^preset\.json: is not JSON.*\n$/)
      .and.not.include('s3cret')
    const missing = await place.start(undefined, ['--preset', '/nowhere/preset.json'])
    expect(await missing.exit()).to.equal(1)
    expect(missing.errors).to.equal('/nowhere/preset.json: cannot be read (ENOENT)\n')
  })

  it('refuses a settings file with mistakes with the path of the value, and leaves it where it is', async () => {
    await using place = await Place.make()
    await mkdir(place.data)
    const text = '{"version": 1, "settings": {"timeouts": {"idle": -1}}}'
    await writeFile(join(place.data, 'settings.json'), text)
    const started = await place.start()
    expect(await started.exit()).to.equal(1)
    expect(started.errors).to.match(/^settings\.json: settings\.timeouts\.idle: must be .+ \(got -1\)\n$/)
    expect(await readFile(join(place.data, 'settings.json'), 'utf8')).to.equal(text)
  })

  it('uses the version before when the power went in the middle of nowhere, and says so', async () => {
    await using place = await Place.make()
    const first = await place.start(PRESET)
    await first.port()
    await first.end('SIGTERM')
    const path = join(place.data, 'settings.json')
    await writeFile(join(place.data, 'settings.previous.json'), await readFile(path))
    await writeFile(path, (await readFile(path, 'utf8')).slice(0, 100))
    const again = await place.start()
    await again.port()
    expect(again.errors).to.match(/settings\.json: is not JSON.*set aside as .*settings\.broken-/)
  })

  it('names a port that is in use, ends with 1, and can be tried again with another preset', async () => {
    await using place = await Place.make()
    const other = createServer().listen(0, '::')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    const started = await place.start({ ...PRESET, settings: { port, passivePorts: 'any' } })
    expect(await started.exit()).to.equal(1)
    expect(started.errors).to.include(`settings.port: port ${port} is already in use`)
    other.close()
    await (await place.start(PRESET)).port()
  })

  it('refuses a passive range that holds the port of the web pages', async () => {
    await using place = await Place.make()
    const crossed = { ...PRESET, web: { port: 50_010 }, settings: { port: 0 } }
    const started = await place.start(crossed, [], { FTP_MODULE_WEB_PORT: '' })
    expect(await started.exit()).to.equal(1)
    expect(started.errors).to.include('settings.passivePorts: must not hold port 50010')
  })

  it('refuses a second start on the same data folder, and the first goes on', async () => {
    await using place = await Place.make()
    const first = await place.start(PRESET)
    const port = await first.port()
    const second = await place.start()
    expect(await second.exit()).to.equal(1)
    expect(second.errors).to.include('another process already uses this data folder')
    await curl('-u', 'anna:s3cret!', `ftp://127.0.0.1:${port}/`)
    await first.end('SIGKILL')
    await (await place.start()).port()
  })

  it('takes preset, log and short-lived files from the environment', async () => {
    await using place = await Place.make()
    const at = (name: string) => join(place.folder, name)
    await writeFile(at('factory.json'), JSON.stringify(PRESET))
    const env = { FTP_MODULE_PRESET: at('factory.json'), FTP_MODULE_LOG: at('log'), FTP_MODULE_RUN: at('run') }
    const started = await place.start(undefined, [], env)
    await curl('-u', 'anna:s3cret!', `ftp://127.0.0.1:${await started.port()}/Scans/`)
    expect(await readdir(place.folder)).to.include.members(['log', 'run'])
    expect(await readdir(place.data)).to.not.include('log')
  })

  it('says in one line that the data folder cannot be used', async () => {
    await using place = await Place.make()
    await writeFile(place.data, 'a file')
    const started = await place.start(PRESET)
    expect(await started.exit()).to.equal(1)
    expect(started.errors).to.match(/^\/.+\/data: cannot be made \(EEXIST\)\n$/)
  })

  it('leaves the permissions of a folder alone that holds other things', async () => {
    await using place = await Place.make()
    await mkdir(place.data, { mode: 0o755 })
    await writeFile(join(place.data, 'other.txt'), 'x')
    await (await place.start(PRESET)).port()
    expect((await stat(place.data)).mode & 0o777).to.equal(0o755)
    expect((await stat(join(place.data, 'storage'))).mode & 0o777).to.equal(0o700)
  })

  it('lets a transfer end when it is asked to stop', async () => {
    await using place = await Place.make()
    const slow = { ...PRESET, settings: { ...PRESET.settings, limits: { downloadBytesPerSecond: 1_000_000 } } }
    const started = await place.start(slow)
    const url = `ftp://127.0.0.1:${await started.port()}/Scans/large`
    await writeFile(join(place.data, 'storage/scans/large'), Buffer.alloc(3_000_000, 'x'))
    const downloading = curl('-u', 'anna:s3cret!', '-o', join(place.folder, 'got'), url)
    await eventually(async () => ((await stat(join(place.folder, 'got')).catch(() => undefined))?.size ?? 0) > 0)
    expect(await started.end('SIGTERM')).to.equal(0)
    await downloading
    expect((await stat(join(place.folder, 'got'))).size).to.equal(3_000_000)
  })

  it('works behind others, its threads further back, where it is started so', async () => {
    await using place = await Place.make()
    const started = await place.start(PRESET, [], {}, ['nice', '-n', '10'])
    const url = `ftp://127.0.0.1:${await started.port()}/Scans/large`
    const file = join(place.folder, 'large')
    await writeFile(file, Buffer.alloc(4 << 20, 'x'))
    await curl('-u', 'anna:s3cret!', '-T', file, url)
    const back = join(place.folder, 'back')
    await curl('-u', 'anna:s3cret!', '-o', back, url)
    expect((await readFile(back)).equals(await readFile(file))).to.equal(true)
    const threads = await nicenessOf(started.pid)
    expect(threads.get('MainThread')).to.deep.equal([10])
    // One thread of the log writes, the other is asked.
    expect(threads.get('journal')).to.deep.equal([10, 15])
    expect(threads.get('mover')).to.include(15)
    expect(Math.min(...[...threads.values()].flat())).to.equal(10)
    expect(await started.end('SIGTERM')).to.equal(0)
    expect(started.errors).to.equal('')
  })

  it('refuses an unknown option and a port that is none', async () => {
    await using place = await Place.make()
    const started = await place.start(undefined, ['--prest', 'x'])
    expect(await started.exit()).to.equal(1)
    expect(started.errors).to.match(/--prest/)
  })

  it('serves a renewed certificate to the next handshake, without a restart', async () => {
    await using place = await Place.make()
    const listeners = [{ port: 0, address: '127.0.0.1', implicitTls: true }]
    const started = await place.start({
      ...PRESET,
      settings: { ...PRESET.settings, port: 0, address: '::1', listeners },
    })
    const port = await started.port('ftps')
    const fingerprint = async () => {
      const socket = connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false })
      await capped(once(socket, 'secureConnect'), 'the handshake')
      const { fingerprint256 } = socket.getPeerCertificate()
      socket.destroy()
      return fingerprint256
    }
    const before = await fingerprint()
    const { certificate, key } = await selfSigned(['renewed.example'])
    const folder = join(place.data, 'certificates')
    await chmod(folder, 0o700)
    await writeFile(join(folder, 'self-signed.key'), key)
    await writeFile(join(folder, 'self-signed.pem'), certificate)
    started.reload()
    let after = await fingerprint()
    for (
      const end = performance.now() + 4000;
      after === before && performance.now() < end;
      after = await fingerprint()
    );
    expect(after).to.not.equal(before)
  })

  it('ends within seconds although a session hangs', async () => {
    await using place = await Place.make()
    const started = await place.start(PRESET)
    const socket = connect(await started.port(), '127.0.0.1')
    await capped(once(socket, 'data'), 'the greeting')
    expect(await started.end('SIGTERM')).to.equal(0)
    socket.destroy()
  })
})
