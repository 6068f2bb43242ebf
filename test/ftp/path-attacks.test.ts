/**
 * Attacks on paths and files, as far as the engine decides: one normalisation, then the right of that path (spec: attacks
 * section 4). Links, devices and the disk itself are the matter of the resources.
 */
import { expect } from 'chai'
import type { RawClient } from '../raw-client.ts'
import { serve } from '../serve.ts'

/** The jail is everything the account may see; `/secret` stands for what lies outside. */
const files = {
  'share/a.txt': 'mine',
  'share/sub/b.txt': 'mine',
  'secret/passwd': 'root:x:0',
  'share-two/c.txt': 'other',
}
const rights = {
  '/': ['list'],
  '/share': ['list', 'download', 'upload', 'overwrite', 'append', 'rename', 'delete', 'createDirectory'],
  '/secret': [],
  '/share-two': [],
} as const

const SPELLINGS = [
  '../secret/passwd',
  '..//secret//passwd',
  '....//secret/passwd',
  '..././secret/passwd',
  '..\\secret\\passwd',
  '..\\..\\secret\\passwd',
  '%2e%2e%2fsecret%2fpasswd',
  '%252e%252e%252fsecret/passwd',
  '..%2fsecret/passwd',
  '..%c0%af../secret/passwd',
  '..%00/secret/passwd',
  '\uFF0E\uFF0E/secret/passwd',
  '\u2025/secret/passwd',
  '..;/secret/passwd',
  '.. /secret/passwd',
  '../\u200Bsecret/passwd',
  '~/secret/passwd',
  '~root/secret/passwd',
  '/secret/passwd',
  '//secret/passwd',
  '///secret/./passwd',
  '/share/../secret/passwd',
  '/share/sub/../../secret/passwd',
  'sub/../../secret/passwd',
  'missing/../../secret/passwd',
  './../secret/passwd',
  '/../../../../secret/passwd',
  '/proc/self/root/secret/passwd',
  '/etc/passwd',
  'file:///secret/passwd',
  'C:\\secret\\passwd',
  '\\\\?\\C:\\secret\\passwd',
  '\\\\server\\secret\\passwd',
  '/?InternalDir=\\..\\..\\secret&InternalFile=passwd',
  '<INCLUDE>/secret/passwd</INCLUDE>',
  '../secret/passwd/',
  '../secret/./passwd',
  '../SECRET/../secret/passwd',
  '-la ../secret/passwd',
  '/share-two/c.txt',
  '../share-two/c.txt',
  '/share/../share-two/c.txt',
  '/share/../share-t*o/c.txt',
  '../s?cret/passwd',
  '../{secret,x}/passwd',
]

const READING = ['RETR', 'SIZE', 'MDTM', 'MLST', 'STAT', 'HASH', 'XMD5', 'CWD', 'LIST', 'NLST', 'MLSD']
const WRITING = [
  'STOR',
  'APPE',
  'STOU',
  'DELE',
  'MKD',
  'RMD',
  'RNFR',
  'MFMT 20200101000000',
  'SITE CHMOD 777',
  'SITE UTIME 20200101000000',
]

describe('attacks on paths', () => {
  it('reach nothing outside by any spelling of traversal (CVE-2024-28995, CVE-2020-26299, CVE-2024-4040)', async () => {
    await using it = await serve({ files, rights })
    const client = await it.login()
    await client.say('CWD share', 250)
    for (const spelling of SPELLINGS) {
      for (const verb of READING)
        expect(await attempt(client, verb, spelling), `${verb} ${spelling}`).to.not.match(/root:x:0|other/)
    }
    await client.say('PWD', /"\/share"/)
  })

  it('change nothing outside by any spelling of traversal', async () => {
    await using it = await serve({ files, rights })
    const client = await it.login()
    await client.say('CWD share', 250)
    for (const spelling of SPELLINGS) {
      for (const verb of WRITING) await attempt(client, verb, spelling)
      await client.say('RNFR a.txt', [350, 550])
      await client.say(`RNTO ${spelling}`)
      if (!it.files.exists('share/a.txt')) it.files.put('share/a.txt', 'mine')
    }
    expect(it.files.content('secret/passwd')?.toString()).to.equal('root:x:0')
    expect(it.files.content('share-two/c.txt')?.toString()).to.equal('other')
    expect(it.files.names('/secret')).to.deep.equal(['passwd'])
    expect(it.files.names('/share-two')).to.deep.equal(['c.txt'])
    expect(it.files.names('/')).to.deep.equal(['secret', 'share', 'share-two'])
  })

  it('do not take one share for the other because its name begins alike (GHSA-h64p, CVE-2026-40876)', async () => {
    await using it = await serve({ files, rights })
    const client = await it.login()
    for (const path of ['/share-two', '/share-two/', '/share-two/c.txt', '/share/../share-two/']) {
      await client.say(`CWD ${path}`, 550)
      await client.say(`SIZE ${path}`, 550)
    }
    expect(await client.listing('NLST')).to.deep.equal(['share'])
  })

  it('do not get past overlong UTF-8 for dot and slash (C0 AE, E0 80 AE)', async () => {
    await using it = await serve({ files, rights })
    const client = await it.login()
    for (const dots of [
      [0xc0, 0xae, 0xc0, 0xae],
      [0xe0, 0x80, 0xae, 0xe0, 0x80, 0xae],
      [0xc0, 0xaf],
    ]) {
      client.send(Buffer.concat([Buffer.from('SIZE share/'), Buffer.from(dots), Buffer.from('/secret/passwd\r\n')]))
      await client.reply([501, 550, 553])
    }
  })

  it('cannot remove or rename the root, dots or nothing', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    for (const path of ['/', '.', '..', '', '//', './.', '*', '/*']) {
      for (const verb of ['DELE', 'RMD', 'RNFR']) {
        const { code } = await client.say(`${verb} ${path}`)
        if (code === 350) await client.say('RNTO stolen', [550, 553])
        else expect(code, `${verb} ${path}`).to.be.oneOf([501, 550])
      }
    }
    expect(it.files.names('/').length).to.equal(3)
  })

  it('do not learn from time or text whether something hidden is there (CVE-2008-7262)', async () => {
    await using it = await serve({ files, rights })
    const client = await it.login()
    for (const verb of [...READING, 'DELE', 'RMD', 'RNFR']) {
      const there = await attempt(client, verb, '/secret/passwd')
      const missing = await attempt(client, verb, '/nowhere/passwd')
      expect(there.replaceAll('secret', '…'), verb).to.equal(missing.replaceAll('nowhere', '…'))
    }
  })

  it('never see the disk in a reply, whatever breaks', async () => {
    await using it = await serve({
      files: { 'fails-on-open.bin': 'x', 'fails-on-read.bin': 'x'.repeat(9000), d: null },
    })
    const client = await it.login()
    const said = []
    for (const verb of [...READING, ...WRITING]) {
      for (const path of ['fails-on-open.bin', 'fails-on-read.bin', 'd', 'missing', 'd/../..']) {
        said.push(await attempt(client, verb, path))
      }
    }
    expect(said.join('\n')).to.not.match(/srv\/disk|secret detail|ENOENT|at .*\.ts:/)
  })
})

describe('attacks by patterns', () => {
  it('do not cost time: glob and regular expression bombs (CVE-2010-2632, CVE-2011-0762)', async () => {
    const many = Object.fromEntries(Array.from({ length: 2000 }, (_, at) => [`d/${'a'.repeat(60)}${at}`, '']))
    await using it = await serve({ files: many })
    const [client, bystander] = [await it.login(), await it.login()]
    const bombs = [
      '{{*},{{*},{{*},{{*},{*}}}}}',
      '*'.repeat(1000),
      '*a'.repeat(200),
      '?*'.repeat(200) + 'b',
      '[[[[[[',
      '(a+)+$',
    ]
    const slowest = []
    for (const bomb of bombs) {
      for (const verb of ['LIST', 'NLST', 'STAT', 'MLSD']) {
        const running = attempt(client, verb, `d/${bomb}`)
        const begun = performance.now()
        await bystander.say('NOOP', 200)
        slowest.push(performance.now() - begun)
        await running
      }
    }
    expect(Math.max(...slowest)).to.be.below(1000)
  })

  it('do not walk without end: LIST -R of a deep tree stays within its bounds', async () => {
    const deep = Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`${'d/'.repeat(at + 1)}f`, 'x']))
    await using it = await serve({ files: deep, options: { listing: { recursive: true, depth: 5, entries: 50 } } })
    const client = await it.login()
    expect((await client.listing('LIST -R')).length).to.be.below(80)
  })
})

describe('several hands on one file', () => {
  it('get clean replies and leave no handle open (STOR, APPE, DELE, RNTO, RETR at once)', async () => {
    await using it = await serve({ files: { 'a.bin': Buffer.alloc(50_000, 1) } })
    const clients = await Promise.all(Array.from({ length: 5 }, () => it.login()))
    const verbs = ['STOR', 'APPE', 'RETR', 'DELE', 'RNFR']
    await Promise.all(
      clients.map(async (client, at) => {
        for (let round = 0; round < 12; round++) {
          const verb = verbs[(at + round) % verbs.length] ?? ''
          await attempt(client, verb, 'a.bin')
          if (verb === 'RNFR') await client.say('RNTO a.bin')
        }
        await client.say('NOOP', 200)
      }),
    )
    expect(it.files.open).to.equal(0)
  })

  it('cannot together exceed a quota that each of them keeps (quota race)', async () => {
    await using it = await serve()
    it.files.quota = 100_000
    it.files.partial = 'drop'
    const clients = await Promise.all(Array.from({ length: 4 }, () => it.login()))
    await Promise.all(
      clients.map(async (client, at) => {
        const data = await client.epsv()
        await client.say(`STOR ${at}.bin`, 150)
        await data.end(Buffer.alloc(60_000)).catch(() => undefined)
        await client.reply([226, 552])
      }),
    )
    const stored = it.files.names().map((name) => it.files.content(name)?.length ?? 0)
    expect(stored.reduce((a, b) => a + b, 0)).to.be.at.most(100_000)
  })
})

/** Runs a command whatever kind it is; everything it said and sent. */
async function attempt(client: RawClient, verb: string, path: string): Promise<string> {
  const transfer = /^(?:RETR|STOR|APPE|STOU|LIST|NLST|MLSD)$/.test(verb)
  if (!transfer) {
    const { text } = await client.say(`${verb} ${path}`)
    if (verb === 'CWD') await client.say('CWD /share')
    return text
  }
  const data = await client.epsv()
  const first = await client.say(`${verb} ${path}`)
  if (first.code !== 150) {
    data.close()
    return first.text
  }
  if (/^(?:STOR|APPE|STOU)$/.test(verb)) await data.end('planted').catch(() => undefined)
  const octets = await data.remains()
  return `${first.text}\n${String(octets)}\n${(await client.reply()).text}`
}
