/** FEAT, HELP, SYST, STAT, SITE, CLNT, LANG, HOST, AVBL (RFC 959 section 4.1.3, RFC 2389, RFC 2640, RFC 7151). */
import { expect } from 'chai'
import { commandTable } from '../../module/ftp/commands/table.ts'
import { refusedBy } from '../../module/ftp/verdict.ts'
import { serve } from '../serve.ts'

const VERBS =
  'USER PASS ACCT REIN QUIT HOST AUTH PBSZ PROT TYPE STRU MODE PASV EPSV PORT EPRT OPTS RETR STOR STOU APPE REST ALLO ABOR ' +
  'CWD CDUP PWD MKD RMD DELE RNFR RNTO SIZE MDTM MFMT AVBL LIST NLST MLSD MLST HASH XCRC XMD5 XSHA1 XSHA256 XSHA512 FEAT HELP SYST STAT NOOP CLNT LANG SITE'

describe('FEAT', () => {
  it('lists every extension, indented, before the login too', async () => {
    await using it = await serve()
    const client = await it.connect()
    const { lines } = await client.say('FEAT', 211)
    for (const line of lines.slice(1, -1)) expect(line).to.match(/^ \S/)
    const features = lines.slice(1, -1).map((line) => line.trim())
    const wanted = [
      'SIZE',
      'MDTM',
      'REST STREAM',
      'TVFS',
      'UTF8',
      'EPRT',
      'EPSV',
      'MFMT',
      'PBSZ',
      'PROT',
      'MODE Z',
      'CLNT',
      'HOST',
    ]
    expect(features).to.include.members(wanted)
    for (const start of ['MLST type*;size*;', 'HASH ', 'AUTH TLS', 'LANG EN*']) {
      expect(
        features.some((feature) => feature.toLowerCase().startsWith(start.toLowerCase())),
        start,
      ).to.be.true
    }
    expect(new Set(features).size).to.equal(features.length)
  })

  it('names nothing that is switched off or impossible', async () => {
    await using it = await serve({ options: { tls: false, disabled: new Set(['HASH', 'MFMT', 'EPSV']) } })
    const client = await it.connect()
    const { text } = await client.say('FEAT', 211)
    expect(text).to.not.match(/AUTH|PBSZ|PROT|HASH|MFMT|EPSV/)
    await client.say('AUTH TLS', [431, 500, 502, 534])
    await client.login()
    for (const line of ['HASH x', 'MFMT 20240101000000 x', 'EPSV']) await client.say(line, 502)
  })

  it('and every verb in it are really there', async () => {
    await using it = await serve()
    const client = await it.login()
    const { lines } = await client.say('FEAT', 211)
    for (const line of lines.slice(1, -1)) {
      const verb = /^ ([A-Z0-9]+)/.exec(line)?.[1] ?? ''
      if (['UTF8', 'TVFS', 'REST', 'AUTH', 'MODE', 'HOST', 'CCC'].includes(verb)) continue
      expect((await client.say(verb)).code, verb).to.not.be.oneOf([500, 502])
    }
  })
})

describe('HELP', () => {
  it('names every command', async () => {
    await using it = await serve()
    const client = await it.connect()
    const { text } = await client.say('HELP', [211, 214])
    for (const verb of VERBS.split(' ')) expect(text).to.match(new RegExp(`\\b${verb}\\b`), verb)
  })

  it('names no family of which every member is switched off', async () => {
    const site = [...commandTable.keys()].filter((verb) => verb.startsWith('SITE '))
    await using it = await serve({ options: { disabled: new Set([...site, 'OPTS HASH']) } })
    const { text } = await (await it.connect()).say('HELP', 214)
    expect(text)
      .to.match(/\bOPTS\b/)
      .and.not.match(/\bSITE\b/)
  })

  it('explains one command and knows what it does not know', async () => {
    await using it = await serve()
    const client = await it.connect()
    expect((await client.say('HELP retr', 214)).text).to.match(/RETR/)
    for (const verb of VERBS.split(' ')) await client.say(`HELP ${verb}`, 214)
    for (const verb of ['NONSENSE', '__proto__', 'constructor', 'toString']) {
      expect((await client.say(`HELP ${verb}`, [501, 502, 504])).text).to.not.include('function')
    }
  })
})

describe('STAT and SYST', () => {
  it('tell the state of the session and nothing of the machine', async () => {
    await using it = await serve()
    const client = await it.login()
    const { lines } = await client.say('STAT', 211)
    expect(lines.length).to.be.at.least(3)
    expect(lines.join('\n')).to.include('anna')
    await client.say('SYST', /^215 UNIX Type: L8$/)
  })
})

describe('SITE', () => {
  it('explains itself and refuses what it does not know', async () => {
    await using it = await serve()
    const client = await it.login()
    const { text } = await client.say('SITE HELP', [200, 214])
    for (const word of ['CHMOD', 'UTIME', 'MSG', 'WHO', 'HELP']) expect(text).to.include(word)
    for (const line of ['SITE', 'SITE NONSENSE', 'SITE __proto__ x', 'SITE constructor']) {
      await client.say(line, [500, 501, 502, 504])
    }
  })

  it('CHMOD sets three or four octal digits on files', async () => {
    await using it = await serve({ files: { 'a b.txt': 'x', d: null } })
    const client = await it.login()
    await client.say('SITE CHMOD 600 a b.txt', 200)
    expect((await client.listing('LIST'))[0]).to.match(/^-rw------- /)
    await client.say('SITE CHMOD 0644 a b.txt', 200)
    for (const line of ['888 a b.txt', '6 a b.txt', '4755 a b.txt', 'u+x a b.txt', '644']) {
      expect((await client.say(`SITE CHMOD ${line}`)).code, line).to.be.oneOf([501, 504, 550])
    }
    await client.say('SITE CHMOD 644 missing', 550)
  })

  it('UTIME sets the time in both forms that clients use', async () => {
    await using it = await serve({ files: { 'a b.txt': 'x' } })
    const client = await it.login()
    await client.say('SITE UTIME 20210203040506 a b.txt', [200, 213])
    await client.say('MDTM a b.txt', /^213 20210203040506/)
    await client.say('SITE UTIME a b.txt 20220101000000 20220304050607 20220101000000 UTC', [200, 213])
    await client.say('MDTM a b.txt', /^213 20220304050607/)
  })

  it('MSG reaches the observers, WHO tells the sessions', async () => {
    await using it = await serve()
    const client = await it.login()
    await client.say('SITE MSG the printer is out of paper', 200)
    expect((await it.event('message')).text).to.equal('the printer is out of paper')
    await client.say('SITE WHO', [200, 211, 214])
  })
})

describe('CLNT, LANG and AVBL', () => {
  it('note the program, offer English and tell the room', async () => {
    await using it = await serve()
    it.files.quota = 123_456
    const client = await it.login()
    await client.say('CLNT Test 1.0', 200)
    expect((await it.event('client-named')).name).to.equal('Test 1.0')
    await client.say('LANG', 200)
    await client.say('LANG EN', 200)
    await client.say('LANG xx', 504)
    await client.say('LANG __proto__', [501, 504])
    await client.say('AVBL', /^213 123456$/)
    await client.say('AVBL missing', 550)
  })
})

describe('HOST', () => {
  const domains = [
    { id: 'default', names: ['ftp.example.com'] },
    { id: 'second', names: ['files.example.net'] },
  ] as const

  it('chooses the domain before the login, in any case, and may be repeated', async () => {
    await using it = await serve({ options: { domains } })
    const client = await it.connect()
    await client.say('HOST FILES.example.NET', 220)
    expect((await it.event('domain-chosen')).domain).to.equal('second')
    await client.say('HOST ftp.example.com', 220)
    await client.say('HOST files.example.net', 220)
    await client.login()
    expect(it.backend.logins[0]?.domain).to.equal('second')
    await client.say('HOST ftp.example.com', 503)
  })

  it('refuses unknown hosts, foreign addresses and what is no host name', async () => {
    await using it = await serve({ options: { domains } })
    const client = await it.connect()
    for (const name of ['unknown.example.org', '192.0.2.1', '[2001:db8::1]', '__proto__', 'constructor']) {
      expect((await client.say(`HOST ${name}`)).code, name).to.be.oneOf([504, 501])
    }
    for (const name of ['a..b', '-a.example', 'a b', 'ftp.example.com:21', '[::1', 'a_b.example', '']) {
      expect((await client.say(`HOST ${name}`)).code, name).to.be.oneOf([501, 504])
    }
    await client.login()
    expect(it.backend.logins[0]?.domain).to.equal('default')
  })

  it('forgets a USER said before it, and asks the rules of that domain', async () => {
    await using it = await serve({ options: { domains } })
    const client = await it.connect()
    await client.say('USER anna', 331)
    await client.say('HOST files.example.net', [220, 503])
    await client.say('PASS secret', 503)
    it.backend.admitsHost = () => refusedBy('access.rule', 'domain')
    await client.say('HOST ftp.example.com', [421, 504, 530])
  })
})
