/** CWD, CDUP, PWD, MKD, RMD, DELE, RNFR, RNTO and their X forms (RFC 959 section 4.1.3 and appendix II). */
import { expect } from 'chai'
import { serve } from '../serve.ts'

const files = { 'a.txt': 'a', 'd/b.txt': 'b', 'd/e': null, 'full/x': 'x', empty: null }

describe('directories', () => {
  it('are entered, left and told', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    await client.say('CWD d', 250)
    await client.say('PWD', /^257 "\/d"/)
    await client.say('CWD e', 250)
    await client.say('CDUP', [200, 250])
    await client.say('PWD', /^257 "\/d"/)
    expect((await it.event('directory')).path).to.equal('/d')
  })

  it('are resolved with dots, doubled and trailing slashes, never above the root', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    const table = { 'd/./e/..': '/d', '//d//e//': '/d/e', '../../..': '/', '/d/e/../../d': '/d', '/': '/', '.': '/' }
    for (const [path, meant] of Object.entries(table)) {
      await client.say('CWD /', 250)
      await client.say(`CWD ${path}`, 250)
      expect((await client.say('PWD', 257)).text, path).to.include(`"${meant}"`)
    }
    await client.say('CWD /', 250)
    for (let round = 0; round < 5; round++) await client.say('CDUP', [200, 250])
    await client.say('PWD', /"\/"/)
  })

  it('that are missing, files or forbidden cannot be entered', async () => {
    const rights = { '/': ['list'], '/full': [] } as const
    await using it = await serve({ files, rights })
    const client = await it.login()
    for (const path of ['missing', 'a.txt', 'full', 'full/x', ''])
      await client.say(`CWD ${path}`.trimEnd(), [550, 501, 250])
    for (const path of ['missing', 'a.txt', 'full']) await client.say(`CWD ${path}`, 550)
    await client.say('PWD', /"\/"/)
  })

  it('are made: 257 tells the absolute path, quotes doubled', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    await client.say('CWD d', 250)
    expect((await client.say('MKD new', 257)).text).to.match(/^257 "\/d\/new"/)
    expect((await client.say('MKD say "hi"', 257)).text).to.match(/^257 "\/d\/say ""hi"""/)
    await client.say('CWD say "hi"', 250)
    await client.say('PWD', /^257 "\/d\/say ""hi"""/)
    await client.say('MKD new/deep', 550)
    await client.say('MKD /d/new', [550, 521])
    await client.say('MKD /a.txt', [550, 521])
    await client.say('MKD /missing/x', 550)
  })

  it('are removed when they are empty', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    await client.say('RMD empty', 250)
    for (const path of ['full', 'missing', 'a.txt', '/', '.', '..']) await client.say(`RMD ${path}`, 550)
    expect(it.files.names()).to.deep.equal(['a.txt', 'd', 'full'])
  })

  it('may be removed while a session is in them, which stays usable', async () => {
    await using it = await serve({ files })
    const [client, other] = [await it.login(), await it.login()]
    await client.say('CWD empty', 250)
    await other.say('RMD /empty', 250)
    await client.say('PWD', 257)
    await client.say('CWD /', 250)
    await client.listing('LIST')
  })

  it('have the X forms of old clients (RFC 1123 section 4.1.3.1)', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    await client.say('XMKD x', 257)
    await client.say('XCWD x', 250)
    await client.say('XPWD', /^257 "\/x"/)
    await client.say('XCUP', [200, 250])
    await client.say('XRMD x', 250)
  })

  it('nest forty levels deep', async () => {
    await using it = await serve()
    const client = await it.login()
    for (let level = 0; level < 45; level++) {
      await client.say(`MKD level-${level}`, 257)
      await client.say(`CWD level-${level}`, 250)
    }
    await client.store('STOR deep.txt', 'deep')
    expect(String(await client.retrieve('RETR deep.txt'))).to.equal('deep')
  })
})

describe('DELE', () => {
  it('removes files and nothing else', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    await client.say('DELE a.txt', 250)
    for (const path of ['a.txt', 'd', '/', '.', '..', 'empty']) await client.say(`DELE ${path}`, 550)
    await client.say('DELE', 501)
    expect(await it.event('changed')).to.include({ verb: 'DELE', path: '/a.txt' })
    expect(it.files.names()).to.deep.equal(['d', 'empty', 'full'])
  })
})

describe('RNFR and RNTO', () => {
  it('rename files and directories', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    await client.say('RNFR a.txt', 350)
    await client.say('RNTO d/c.txt', 250)
    await client.say('RNFR d', 350)
    await client.say('RNTO moved', 250)
    expect(it.files.names('moved')).to.deep.equal(['b.txt', 'c.txt', 'e'])
    expect(await it.event('changed')).to.include({ path: '/a.txt', to: '/d/c.txt' })
  })

  it('refuse what is missing and RNTO without RNFR', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    await client.say('RNFR missing', 550)
    await client.say('RNTO x', 503)
    await client.say('RNFR a.txt', 350)
    await client.say('RNTO b.txt', 250)
    await client.say('RNTO c.txt', 503)
  })

  it('are used up by a failed RNTO and by any other command between them', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    await client.say('RNFR a.txt', 350)
    await client.say('RNTO missing/x', [550, 553])
    await client.say('RNTO x', 503)
    await client.say('RNFR a.txt', 350)
    await client.say('DELE full/x', 250)
    await client.say('RNTO x', [503, 250])
  })

  it('leave the source alone when the target cannot be', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    for (const target of ['d/e/inside', 'full', 'missing/d', 'x'.repeat(256), 'a.txt/d']) {
      await client.say('RNFR d', 350)
      await client.say(`RNTO ${target}`, [550, 553])
      expect(it.files.exists('d/b.txt'), target).to.be.true
    }
  })

  it('need the right at both ends (rename into a read-only share)', async () => {
    const rights = { '/': ['list', 'rename', 'download'], '/full': ['list', 'download'] } as const
    await using it = await serve({ files, rights })
    const client = await it.login()
    await client.say('RNFR a.txt', 350)
    await client.say('RNTO full/a.txt', [550, 553])
    await client.say('RNFR full/x', [350, 550])
    await client.say('RNTO x', [550, 553, 503])
    expect([it.files.exists('a.txt'), it.files.exists('full/x')]).to.deep.equal([true, true])
  })

  it('need the right to overwrite where a file is replaced', async () => {
    await using it = await serve({ files, rights: ['list', 'rename'] })
    const client = await it.login()
    await client.say('RNFR a.txt', 350)
    await client.say('RNTO full/x', [550, 553])
    expect(it.files.content('full/x')?.toString()).to.equal('x')
  })

  it('that is refused is told to observers with its path and the rule', async () => {
    await using it = await serve({ files: { 'd/a.txt': 'x' }, rights: ['list', 'download'] })
    const client = await it.login()
    await client.say('CWD d', 250)
    await client.say('MKD new', 550)
    const { verb, path, verdict } = await it.event('refused')
    expect({ verb, path, rule: verdict.rule }).to.deep.equal({
      verb: 'MKD',
      path: '/d/new',
      rule: 'right.createDirectory',
    })
  })
})
