/**
 * Attacks on paths and files, as far as the engine decides: one normalisation, then the right of that path (spec: attacks
 * section 4). Links, devices and the disk itself are the matter of the resources.
 */
import { expect } from 'chai'
import { attempt } from '../attempt.ts'
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
