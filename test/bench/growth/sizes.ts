/** What one session, directory entry, octet, resource and user costs, by how many there are. */
import { mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { hashPassword } from '../../../module/shells/embedded/password-hash.ts'
import { RawClient } from '../../raw-client.ts'
import { newFolder, presetWith, Server } from './server.ts'
import { grouped, median, often, print, timed, type Row } from './table.ts'
import { crowd, give, loggedIn, take } from './traffic.ts'

const MIB = 1024 ** 2
const GIB = 1024 ** 3

/** Logs in from a fixed address and leaves. */
async function visit(port: number, user = 'anna'): Promise<void> {
  await using client = await RawClient.connect(port)
  await client.login(user, 'secret')
  await client.say('QUIT', 221)
}

export async function sessions(sizes: readonly number[]): Promise<void> {
  await using server = await Server.start(presetWith())
  // Compiled code and first buffers belong to nobody's session.
  for (const client of await crowd(server.port, 0, 300)) client.socket.destroy()
  await often(200, () => visit(server.port))
  const rows: Row[] = []
  for (const size of sizes) {
    const taken: { objects: number; process: number }[] = []
    let figures = {}
    // What few sessions take is less than what comes and goes by itself: the middle of many rounds tells.
    for (let round = size <= 100 ? 9 : 1; round > 0; round--) {
      const descriptors = server.descriptors()
      const empty = await server.memory()
      const clients = await crowd(server.port, 0, size)
      const full = await server.memory()
      taken.push({ objects: full.objects - empty.objects, process: full.process - empty.process })
      if (round === 1) figures = await logins(server)
      for (const { socket } of clients) socket.destroy()
      while (server.descriptors() > descriptors) await pause(20)
    }
    const each = {
      'objects KiB/session': median(taken.map(({ objects }) => objects)) / size / 1024,
      'process KiB/session': median(taken.map(({ process: whole }) => whole)) / size / 1024,
    }
    rows.push({ size, label: `${grouped(size)} sessions`, figures: { ...each, ...figures } })
  }
  print('Idle sessions', rows, ['objects KiB/session', 'login ms', 'CPU ms/login'])
}

/** What a start leaves to be done, to count folders for one, is nobody's login: waits, half a minute at most, until it is done. */
async function rested(server: Server): Promise<void> {
  for (let round = 0; round < 60; round++) {
    const { cpu } = await server.ask('look')
    await pause(500)
    if ((await server.ask('look')).cpu - cpu < 25_000) return
  }
}

/** One login more, beside those who are there. */
async function logins(server: Server, user = (_round: number) => 'anna'): Promise<Row['figures']> {
  const { cpu } = await server.ask('look')
  const time = await often(200, (round) => visit(server.port, user(round)))
  return { 'login ms': time, 'CPU ms/login': ((await server.ask('look')).cpu - cpu) / 200 / 1000 }
}

export async function entries(sizes: readonly number[]): Promise<void> {
  await using server = await Server.start(presetWith())
  for (const size of sizes) {
    mkdirSync(join(server.storage, 'files', `${size}`))
    for (let at = 0; at < size; at++) writeFileSync(join(server.storage, 'files', `${size}`, `entry-${at}`), '')
  }
  await using client = await loggedIn(server.port, 0)
  // The first listings of a process make the thread that all others use.
  for (let round = 0; round < 5; round++) await take(client, `MLSD /Files/${sizes.at(-1)}`)
  const rows: Row[] = []
  for (const size of sizes) {
    server.forgetPeak()
    const before = server.peak()
    const cpu = (await server.ask('look')).cpu
    const times = size > 10_000 ? 7 : 31
    const time = await often(times, () => take(client, `MLSD /Files/${size}`))
    const spent = ((await server.ask('look')).cpu - cpu) / times
    const figures = {
      'MLSD ms': time,
      'us/entry': (time * 1000) / size,
      'CPU us/entry': spent / size,
      'memory +MiB': (server.peak() - before) / MIB,
    }
    rows.push({ size, label: `${grouped(size)} entries`, figures })
  }
  print('Directory entries', rows, ['us/entry', 'CPU us/entry'])
  print('Directory entries, where the connection no longer counts', rows.slice(-2), ['us/entry', 'CPU us/entry'])
}

export async function bytes(largest: number): Promise<void> {
  await using server = await Server.start(presetWith())
  await using client = await loggedIn(server.port, 0)
  const file = join(server.storage, 'files', 'file.bin')
  // A file with content takes memory here; one with holes does not, so only what is sent can be of any size.
  const onDisk = process.env['GROWTH_FOLDER'] !== undefined
  const up = Math.min(largest, onDisk || process.availableMemory() > 15 * GIB ? 10 * GIB : 2 * GIB)
  const move = async (title: string, most: number, act: (size: number) => Promise<unknown>) => {
    const rows: Row[] = []
    for (const size of [MIB, 64 * MIB, GIB, most].filter((one, at, list) => one <= most && list.indexOf(one) === at)) {
      const rounds = Math.max(1, Math.min(50, Math.round((2 * GIB) / size)))
      await act(size)
      server.forgetPeak()
      const before = server.peak()
      const cpu = (await server.ask('look')).cpu
      const time = await often(rounds, () => act(size))
      const spent = ((await server.ask('look')).cpu - cpu) / rounds
      const figures = {
        'MB/s': size / 1000 / time,
        'us/MiB': (time * 1000 * MIB) / size,
        'CPU s/GiB': (spent / 1e6) * (GIB / size),
        'memory +MiB': (server.peak() - before) / MIB,
      }
      rows.push({ size, label: `${grouped(Math.round(size / MIB))} MiB`, figures })
    }
    print(title, rows, ['us/MiB', 'CPU s/GiB'])
    print(`${title}, where the connection no longer counts`, rows.slice(-2), ['us/MiB', 'CPU s/GiB'])
  }
  await move('Octets down', largest, async (size) => {
    writeFileSync(file, '')
    truncateSync(file, size)
    const arrived = await take(client, 'RETR /Files/file.bin')
    if (arrived !== size) throw new Error(`${arrived} of ${size} octets arrived`)
  })
  await move('Octets up', up, async (size) => {
    rmSync(file, { force: true })
    await give(client, '/Files/file.bin', size)
  })
}

export async function resources(sizes: readonly number[]): Promise<void> {
  const rows: Row[] = []
  for (const size of sizes) {
    const made = Array.from({ length: size }, (_, at) => ({
      name: `Resource ${at}`,
      folder: `resource-${at}`,
      rights: [{ user: 'anna', level: 'readWrite' }],
    }))
    await using server = await Server.start(presetWith({ resources: made }))
    await often(200, () => visit(server.port))
    await rested(server)
    await using client = await loggedIn(server.port, 0)
    const change = (round: number) => client.say(`CWD /Resource ${(round * 7919) % size}`, 250)
    const list = () => take(client, 'LIST /')
    await often(100, change)
    await often(20, list)
    const figures = {
      'start ms': server.startedIn,
      ...(await logins(server)),
      'CWD ms': await often(200, change),
      'LIST / ms': await often(50, list),
    }
    const each = { ...figures, 'LIST / us/resource': (figures['LIST / ms'] * 1000) / size }
    rows.push({ size, label: `${grouped(size)} resources`, figures: each })
  }
  print('Resources', rows, ['login ms', 'CPU ms/login', 'CWD ms', 'LIST / us/resource'])
}

export async function users(sizes: readonly number[]): Promise<void> {
  const rows: Row[] = []
  const password = await hashPassword('secret')
  for (const size of sizes) {
    const folder = newFolder()
    await (await Server.start(presetWith(), folder)).stop()
    addUsers(join(folder, 'users.json'), size, password)
    await using server = await Server.start({}, folder)
    await often(200, () => visit(server.port))
    const user = (round: number) => `user-${(round * 7919) % (size - 1)}`
    const first = await often(Math.min(20, size), (round) => visit(server.port, user(round)))
    const figures = {
      'start ms': server.startedIn,
      'first login ms': first,
      ...(await logins(server, (round) => user(round % 10))),
      'memory MiB': (await server.memory()).process / MIB,
    }
    rows.push({ size, label: `${grouped(size)} users`, figures })
  }
  print('Users', rows, ['first login ms', 'login ms', 'CPU ms/login'])
}

/** Passwords of 10,000 people take minutes to hash, and all of them to read the file back: they share one hash. */
function addUsers(path: string, count: number, password: string): void {
  const stored = JSON.parse(readFileSync(path, 'utf8')) as { users: object[] }
  const others = Array.from({ length: count - 1 }, (_, at) => ({
    name: `user-${at}`,
    groups: [],
    enabled: true,
    password,
  }))
  writeFileSync(path, JSON.stringify({ ...stored, users: [...stored.users, ...others] }))
}

/** All of them; `share` makes the largest sizes smaller, to try things out. */
export async function all(share: number): Promise<void> {
  const upTo = (...sizes: readonly number[]) => [
    ...new Set([10, ...sizes.map((size) => Math.max(10, Math.round(size * share)))]),
  ]
  const seconds = await timed(async () => {
    await sessions(upTo(100, 1000, 5000))
    await entries(upTo(1000, 10_000, 100_000))
    await bytes(Math.max(MIB, Math.round(10 * GIB * share)))
    await resources(upTo(200, 2000))
    await users(upTo(1000, 10_000))
  })
  console.log(`\n${(seconds / 1000).toFixed(0)} s`)
}
