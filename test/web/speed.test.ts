/** How long the server works on a page when there is much to show: 1,000 users, 200 resources, 200 real sessions and 2,000 described ones. */
import { expect } from 'chai'
import type { SessionRow } from '../../module/activity/session-record.ts'
import type { SessionView } from '../../module/ftp/session-view.ts'
import { RawClient } from '../raw-client.ts'
import { crawl } from './crawl.ts'
import { type Mounted, mounted } from './mounted.ts'

const USERS = 1000
const RESOURCES = 200
const REAL_SESSIONS = 200
const SESSIONS = 2000

/** Milliseconds from request to the last octet of the page. */
const ALLOWED = 100

const PRESET = {
  enabled: true,
  users: [{ name: 'anna', password: 'a password' }],
  settings: { limits: { connections: REAL_SESSIONS + 100 } },
  resources: Array.from({ length: RESOURCES }, (_, at) => ({
    name: `Resource ${at}`,
    folder: `folder-${at}`,
    description: `What department ${at} puts down`,
    rights: [
      { group: `group ${at % 50}`, level: 'readWrite' },
      { user: 'anna', level: 'read' },
      { user: `user ${at}`, level: 'custom', rights: ['download', 'list'] },
    ],
    ...(at % 10 === 0 && { guests: { profile: 'dropBox', from: 'lan' } }),
  })),
}

describe('the pages with 1,000 users, 200 resources and 2,000 sessions', function () {
  this.timeout(120_000)
  let web: Mounted
  let clients: readonly RawClient[] = []

  before(async () => {
    web = await mounted({ preset: PRESET })
    const users = Array.from({ length: USERS - 1 }, (_, at) => ({
      name: `user ${at}`,
      groups: [`group ${at % 50}`],
      enabled: at % 20 !== 0,
    }))
    await web.shell.users.put(users)
    clients = await Promise.all(Array.from({ length: REAL_SESSIONS }, (_, at) => RawClient.connect(web.port, from(at))))
    const real = web.service.sessions()
    expect(real).to.have.length(REAL_SESSIONS)
    const many = Array.from({ length: SESSIONS }, (_, at) => described(real[at % REAL_SESSIONS]!, at))
    web.service.sessions = () => many
    const rows = web.service.activity.rows()
    const all = Array.from({ length: SESSIONS }, (_, at) => describedRow(rows[at % REAL_SESSIONS]!, at))
    web.service.activity.rows = () => all
  })
  after(async () => {
    for (const client of clients) await client[Symbol.asyncDispose]()
    await web[Symbol.asyncDispose]()
  })

  it(`take the server at most ${ALLOWED} ms each`, async () => {
    const figures: [path: string, time: number, size: number][] = []
    for (const { path, text, status } of await crawl(web)) {
      if (text === '' || status >= 400) continue
      figures.push([path, await quickest(web, path), text.length])
    }
    figures.sort(([, one], [, other]) => other - one)
    if (process.env['FIGURES']) {
      for (const [path, time, size] of figures)
        console.log(`${time.toFixed(1).padStart(7)} ms ${String(size).padStart(8)} B  ${path}`)
    }
    expect(figures.length).to.be.above(4)
    expect(figures.filter(([, time]) => time > ALLOWED)).to.deep.equal([])
  })
})

/** Few from one address may be there without a login. */
function from(at: number) {
  return { localAddress: `127.0.1.${Math.floor(at / 50)}` }
}

/** The best of five: what else the machine does meanwhile is not the page's. */
async function quickest(web: Mounted, path: string): Promise<number> {
  let best = Infinity
  for (let turn = 0; turn < 5; turn++) {
    const began = performance.now()
    await web.get(path)
    best = Math.min(best, performance.now() - began)
    if (turn > 0 && best < ALLOWED / 2) break
  }
  return best
}

/** The same for the Activity tab; the first ones can be opened. */
function describedRow(like: SessionRow, at: number): SessionRow {
  const size = 5_000_000
  const transfer = {
    direction: 'download',
    verb: 'RETR',
    path: `/Resource ${at % RESOURCES}/file-${at}.bin`,
    bytes: at * 1000,
    offset: 0,
    size,
    progress: (at * 1000) / size,
    bytesPerSecond: at * 100,
    secure: true,
  } as const
  return {
    ...like,
    id: at < REAL_SESSIONS ? like.id : `${like.id}-${at}`,
    user: `user ${at % USERS}`,
    address: `192.0.2.${at % 256}`,
    ...(at % 3 === 0 && { transfer, now: 'download' }),
  }
}

/** A session like another one, as a busy server would have it. */
function described(like: SessionView, at: number): SessionView {
  const transfer = {
    verb: 'RETR',
    path: `/Resource ${at % RESOURCES}/file-${at}.bin`,
    bytes: at * 1000,
    size: 5_000_000,
  }
  return {
    ...like,
    id: `${like.id}-${at}`,
    user: `user ${at % USERS}`,
    address: `192.0.2.${at % 256}`,
    ...(at % 3 === 0 && { transfer }),
  }
}
