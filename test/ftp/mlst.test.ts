/** MLSD, MLST, OPTS MLST, MDTM and MFMT (RFC 3659 sections 3 and 7, draft-somers-ftp-mfxx). */
import { expect } from 'chai'
import { RIGHTS, type Right } from '../../module/ftp/backend.ts'
import type { RawClient } from '../raw-client.ts'
import { serve } from '../serve.ts'

const files = { 'a.txt': 'hello', 'd/b c.txt': 'b', empty: null }

describe('MLSD', () => {
  it('gives type, size, modify in UTC, perm, unique and unix.mode, one space, the name', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    const facts = await entries(client, 'MLSD')
    const file = facts.get('a.txt')
    expect(file).to.include({ type: 'file', size: '5', modify: '20240102030405', 'unix.mode': '0644' })
    expect(file?.['unique']).to.be.a('string').and.not.equal(facts.get('d')?.['unique'])
    expect(facts.get('d')).to.include({ type: 'dir' }).and.to.not.have.property('size')
  })

  it('of a path with spaces gives relative names', async () => {
    await using it = await serve({ files: { 'two words/b c.txt': 'x' } })
    const client = await it.login()
    const facts = await entries(client, 'MLSD two words')
    expect([...facts].filter(([, { type }]) => type === 'file').map(([name]) => name)).to.deep.equal(['b c.txt'])
  })

  it('of a file is 501, of what is missing 550, of -la the path of that name', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    for (const [path, codes] of [
      ['a.txt', [501]],
      ['missing', [550]],
      ['-la', [550]],
      ['-a', [550]],
    ] as const) {
      const data = await client.epsv()
      await client.say(`MLSD ${path}`, codes)
      data.close()
    }
  })
})

describe('MLST', () => {
  it('gives the entry on the control connection, between two lines of code 250', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    const { lines } = await client.say('MLST d/b c.txt', 250)
    expect(lines.length).to.equal(3)
    expect(lines[1]).to.match(/^ (?:[\w.]+=[^; ]*;)+ (?:\/?d\/)?b c\.txt$/)
    expect((await client.say('MLST', 250)).lines[1]).to.match(/type=(?:c?dir);.* \/$/)
    await client.say('MLST missing', 550)
  })

  it('is no oracle for what may not be seen: hidden looks like missing (CVE-2008-7262)', async () => {
    const rights = { '/': ['list', 'download'], '/d': [] } as const
    await using it = await serve({ files, rights })
    const client = await it.login()
    for (const verb of ['MLST', 'SIZE', 'MDTM', 'RETR', 'CWD', 'HASH', 'DELE', 'RMD', 'RNFR', 'STAT']) {
      const texts = []
      for (const path of ['d/b c.txt', 'gone']) {
        if (verb === 'RETR') await client.say('EPSV', 229)
        texts.push((await client.say(`${verb} ${path}`, [550, 450])).text.replaceAll(path, '…'))
      }
      expect(texts[0], verb).to.equal(texts[1])
    }
  })
})

describe('the perm fact tells what this user may do', () => {
  const table: readonly [readonly Right[], { file: string; directory: string }][] = [
    [RIGHTS, { file: 'adfrw', directory: 'cdeflmp' }],
    [['list', 'download'], { file: 'r', directory: 'el' }],
    [['list'], { file: '', directory: 'el' }],
    [['list', 'download', 'upload'], { file: 'r', directory: 'cel' }],
    [['list', 'download', 'upload', 'overwrite', 'append'], { file: 'arw', directory: 'cel' }],
    [['list', 'delete', 'removeDirectory'], { file: 'd', directory: 'delp' }],
    [['list', 'rename', 'renameDirectory'], { file: 'f', directory: 'efl' }],
    [['list', 'createDirectory'], { file: '', directory: 'elm' }],
  ]
  for (const [rights, wanted] of table) {
    it(`with the rights ${rights.join(', ')}`, async () => {
      await using it = await serve({ files, rights })
      const client = await it.login()
      const facts = await entries(client, 'MLSD')
      const perm = (name: string) => (facts.get(name)?.['perm'] ?? '?').split('').sort().join('')
      expect(perm('a.txt')).to.equal(wanted.file)
      expect(perm('empty')).to.equal(wanted.directory)
    })
  }
})

describe('the unique fact', () => {
  it('is the same for one file in every listing and after a rename, and another for every other file', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    const unique = async (path: string) => /unique=([^;]+);/.exec((await client.say(`MLST ${path}`, 250)).text)?.[1]
    const before = await unique('a.txt')
    expect((await entries(client, 'MLSD')).get('a.txt')?.['unique']).to.equal(before)
    await client.say('RNFR a.txt', 350)
    await client.say('RNTO b.txt', 250)
    expect(await unique('b.txt')).to.equal(before)
    expect(await unique('d/b c.txt')).to.not.equal(before)
  })
})

describe('OPTS MLST', () => {
  it('chooses the facts, drops unknown ones and is shown by the stars in FEAT', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    const { text } = await client.say('OPTS MLST size;Type;nonsense;', 200)
    expect(text).to.match(/^200 MLST OPTS (?:type;size;|size;type;)$/i)
    expect((await client.say('MLST a.txt', 250)).lines[1]).to.match(/^ (?:type=file;size=5;|size=5;type=file;) /)
    const feature = /MLST ([^\n]+)/.exec((await client.say('FEAT', 211)).text)?.[1]?.toLowerCase()
    expect(feature).to.include('type*;').and.to.include('size*;').and.to.include('modify;')
    expect((await client.say('OPTS MLST', 200)).text.trim()).to.match(/^200 MLST OPTS$/)
    expect((await client.say('MLST a.txt', 250)).lines[1]).to.match(/^ {1,2}\/?a\.txt$/)
  })

  it('of nothing known chooses nothing; prototype names are unknown facts', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    const { text } = await client.say('OPTS MLST __proto__;constructor;toString;', 200)
    expect(text.trim()).to.equal('200 MLST OPTS')
  })
})

describe('MDTM', () => {
  it('gives UTC to the second; missing files and directories are 550', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    await client.say('MDTM a.txt', /^213 20240102030405(?:\.\d+)?$/)
    await client.say('MDTM missing', 550)
    await client.say('MDTM d', 550)
  })

  it('with a time in front sets it, unless a file has that whole name', async () => {
    await using it = await serve({ files: { 'f.txt': 'x', '20200101000000 g.txt': 'x', 'g.txt': 'x' } })
    const client = await it.login()
    await client.say('MDTM 20210203040506 f.txt', 213)
    await client.say('MDTM f.txt', /^213 20210203040506/)
    await client.say('MDTM 20200101000000 g.txt', /^213 20240102030405/)
    await client.say('MDTM g.txt', /^213 20240102030405/)
  })
})

describe('MFMT', () => {
  it('sets the time and answers it', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    await client.say('MFMT 20240229123456 d/b c.txt', /^213 Modify=20240229123456; \/?d\/b c\.txt$/i)
    await client.say('MDTM d/b c.txt', /^213 20240229123456/)
    await client.say('MFMT 19700101000000 a.txt', 213)
    await client.say('MFMT 20991231235959 a.txt', 213)
  })

  it('refuses dates that do not exist', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    const wrong = [
      '20230229000000',
      '20241301000000',
      '20240101250000',
      '20240101006000',
      '20240101000062',
      '2024',
      'x',
    ]
    for (const time of wrong) await client.say(`MFMT ${time} a.txt`, 501)
    await client.say('MFMT 20240101000000', 501)
    await client.say('MFMT 20240101000000 missing', 550)
    await client.say('MDTM a.txt', /^213 20240102030405/)
  })

  it('has a sister for several facts, MFF', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    const { text } = await client.say('MFF Modify=20200304050607;UNIX.mode=600; a.txt', 213)
    expect(text).to.match(/^213 .*modify=20200304050607;.* \/?a\.txt$/i)
    expect((await entries(client, 'MLSD')).get('a.txt')).to.include({ modify: '20200304050607', 'unix.mode': '0600' })
    await client.say('MFF Size=3; a.txt', [501, 504])
    await client.say('MFF __proto__=3; a.txt', [501, 504])
    await client.say('MFF Modify=20230229000000; a.txt', 501)
    await client.say('MFF Modify=20200304050607; missing', 550)
  })

  it('needs the right to overwrite', async () => {
    await using it = await serve({ files, rights: ['list', 'download'] })
    const client = await it.login()
    await client.say('MFMT 20240229123456 a.txt', 550)
    await client.say('MDTM 20240229123456 a.txt', 550)
    await client.say('SITE CHMOD 600 a.txt', 550)
    await client.say('MDTM a.txt', /^213 20240102030405/)
  })
})

/** The entries of a listing by name. */
async function entries(client: RawClient, line: string): Promise<Map<string, Record<string, string>>> {
  const lines = await client.listing(line)
  return new Map(
    lines.map((text) => {
      const match = /^((?:[\w.]+=[^; ]*;)*) (.+)$/.exec(text)
      if (!match) throw new Error(`no entry: ${text}`)
      const facts = (match[1] ?? '').split(';').filter(Boolean)
      const pairs = facts.map((fact) => [
        fact.slice(0, fact.indexOf('=')).toLowerCase(),
        fact.slice(fact.indexOf('=') + 1),
      ])
      return [match[2] ?? '', Object.fromEntries(pairs) as Record<string, string>]
    }),
  )
}
