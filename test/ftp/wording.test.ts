/** The administrator's words in replies: what variables say, and that no text and no name can break the protocol (product section 7). */
import { PassThrough } from 'node:stream'
import type { Socket } from 'node:net'
import { expect } from 'chai'
import * as fc from 'fast-check'
import { encodeOctets } from '../../module/ftp/octets.ts'
import { BOUNDS, DEFAULTS } from '../../module/ftp/options.ts'
import type { VirtualPath } from '../../module/ftp/pathname.ts'
import type { ReplyCode } from '../../module/ftp/reply.ts'
import { replyLines } from '../../module/ftp/reply-lines.ts'
import { fillTemplate, parseTemplate, unknownVariables } from '../../module/ftp/template.ts'
import { VARIABLES } from '../../module/ftp/variables.ts'
import { MemoryAccount } from '../memory-backend.ts'
import type { RawClient } from '../raw-client.ts'
import { ReplyReader } from '../reply-reader.ts'
import { serve } from '../serve.ts'

/** What could end a line, look like the end of a reply, speak Telnet, or stand for something. */
const PIECES =
  '\r|\n|\r\n|\0|220 |220-| |502 |226 Done|\u{ff}|\udcff|\udcf4|\udcff\udcff|\u001B[2J|\u202E|\u2028|\u0085|\ud83d|\ude00|😀|$|$$|${Name}|%s|{{7*7}}'
const hostile = fc.constantFrom(...PIECES.split('|'), ...[...VARIABLES.keys()].map((name) => `$${name}`))
const text = fc
  .array(fc.oneof(hostile, fc.string({ unit: 'binary', maxLength: 20 })), { maxLength: 12 })
  .map((pieces) => pieces.join(''))

/** The one reply that these octets are; anything but one whole reply fails. */
async function parsed(octets: Buffer) {
  const stream = new PassThrough()
  const reader = new ReplyReader(stream as unknown as Socket)
  stream.end(octets)
  const received = await reader.next()
  expect(reader.state(), 'octets behind the reply').to.equal('')
  return received
}

async function answers(client: RawClient, line: string, reply: string): Promise<void> {
  expect((await client.say(line)).text).to.equal(reply)
}

describe('the lines of a reply', () => {
  it('are one reply of the grammar, whatever the texts are', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(text, { minLength: 1, maxLength: 6 }),
        fc.array(text, { maxLength: 2 }),
        async (lines, before) => {
          const wire = replyLines({ code: 220, lines }, before)
          const { code, lines: got } = await parsed(encodeOctets(`${wire.join('\r\n')}\r\n`))
          expect(code).to.equal(220)
          expect(got).to.have.length(lines.length + before.length)
        },
      ),
      { numRuns: 500 },
    )
  })

  it('show the code in the first line, also when that one is indented', () => {
    const lines = [' Hello', '  * a list', '220 not the end', '', 'The end.']
    expect(replyLines({ code: 220, lines })).to.deep.equal([
      '220- Hello',
      '  * a list',
      '220-220 not the end',
      '220-',
      '220 The end.',
    ])
  })
})

const fill = (line: string, value = 'x') => fillTemplate(parseTemplate(line), () => value)

describe('a text with variables', () => {
  it('has them by their exact names, a dollar for two, and the rest as typed', () => {
    expect(fill('Hello $Name! $name $Nam $Names costs $5, $$Name, ${Name} $')).to.equal(
      'Hello x! $name $Nam $Names costs $5, $Name, ${Name} $',
    )
    expect(fill('$Name$Name-$Name')).to.equal('xx-x')
    expect(unknownVariables('$Name $Nmae $Nmae $$Foo $5 $USER $constructor')).to.deep.equal([
      'Nmae',
      'USER',
      'constructor',
    ])
  })

  it('is one printable line of bounded length, whatever they stand for', () => {
    fc.assert(
      fc.property(text, (value) => {
        const line = fill('[$Dir]', value)
        expect(line).to.match(/^\[[^\p{Cc}\p{Cs}\u2028\u2029\u202e]*\]$/u)
        expect(line.length).to.be.at.most(BOUNDS.value + 2)
      }),
      { numRuns: 500 },
    )
    for (const value of ['я'.repeat(5000), '😀'.repeat(5000), '\udcff'.repeat(5000)]) {
      const line = fill('$Dir'.repeat(100), value)
      expect(encodeOctets(line).length).to.be.within(1000, BOUNDS.replyLine)
      expect(line.isWellFormed()).to.equal(true)
    }
  })

  it('is never filled twice: a name that looks like a variable stays a name', () => {
    expect(fill('$Dir', '/$Name/$$')).to.equal('/$Name/$$')
  })
})

describe('variables', () => {
  const everything = [...VARIABLES.keys()].map((name) => `${name}=$${name}`)

  it('tell of session, transfers and server as they are when the reply is sent', async () => {
    await using it = await serve({
      files: { 'd/a.txt': 'hello' },
      options: {
        welcome: everything,
        serverName: 'Office',
        texts: new Map([[200, '$FilesUp/$BytesUp up, $FilesDown/$BytesDown down in $Dir']]),
      },
    })
    const client = await it.connect()
    await answers(client, 'CLNT Zilla 3', '200 0/0 up, 0/0 down in /')
    await client.say('USER anna', 331)
    const { lines } = await client.say('PASS secret', 230)
    const values = new Map(lines.map((line) => /^230.(\w+)=(.*)$/.exec(line)?.slice(1) as [string, string]))
    expect(Object.fromEntries(values)).to.include({
      Name: 'anna',
      IP: it.host,
      Client: 'Zilla 3',
      Dir: '/',
      Protocol: 'FTP',
    })
    expect(Object.fromEntries(values)).to.include({
      ServerName: 'Office',
      Sessions: '1',
      SessionsMax: '100',
      IdleTimeout: '60',
    })
    expect(Object.fromEntries(values)).to.include({
      UserSessions: '1',
      HostSessions: '1',
      Command: 'PASS',
      Text: 'Logged in.',
    })
    expect(values.get('Port')).to.equal(String(it.port))
    expect(values.get('Date')).to.match(/^20\d\d-\d\d-\d\d$/)
    expect(values.get('Time')).to.match(/^\d\d:\d\d:\d\d$/)
    await client.say('CWD d', 250)
    await client.say('TYPE I', 200)
    await client.retrieve('RETR a.txt')
    await client.store('STOR b.txt', 'four')
    await client.listing('NLST')
    await answers(client, 'NOOP', '200 1/4 up, 1/5 down in /d')
  })

  it('are filled in in greeting, goodbye, global replies and those of single commands', async () => {
    await using it = await serve({
      options: {
        greeting: ['Hello $IP', 'from $ServerName'],
        goodbye: 'Goodbye $Name',
        disabled: new Set(['PORT', 'EPRT']),
        texts: new Map([
          [502, '$Command is off here: $Text'],
          [550, 'Sorry $Name: $Text'],
        ] as [ReplyCode, string][]),
        disabledTexts: new Map([['PORT', 'Use passive mode, $Name.']]),
      },
    })
    const client = await it.open()
    expect((await client.reply(220)).lines).to.deep.equal([`220-Hello ${it.host}`, '220 from FTP server'])
    await client.login()
    await answers(client, 'PORT 127,0,0,1,200,1', '502 Use passive mode, anna.')
    await answers(client, 'EPRT |1|127.0.0.1|51201|', '502 EPRT is off here: Command not implemented.')
    await answers(client, 'SIZE none', '550 Sorry anna: No such file or directory.')
    await answers(client, 'QUIT', '221 Goodbye anna')
  })

  it('never tell a version, a password or where something lies on the disk', () => {
    const { version } = process
    for (const name of VARIABLES.keys()) expect(name).to.not.match(/version|pass|real|^os/i)
    expect(JSON.stringify([DEFAULTS.greeting, DEFAULTS.welcome, DEFAULTS.goodbye]))
      .to.not.match(/\d/)
      .and.not.include(version)
  })

  it('leave alone what clients read in a reply: the network protocols in a 522', async () => {
    await using it = await serve({ options: { texts: new Map([[522, 'Not like this.']]) } })
    const client = await it.login()
    await answers(client, 'EPRT |7|x|1|', '522 Network protocol not supported, use (1)')
  })

  it("in a text of 421 leave an administrator's own message alone", async () => {
    await using it = await serve({ options: { texts: new Map([[421, 'Call us. $Text']]) } })
    const [first, second] = [await it.login(), await it.login()]
    const [one, two] = it.server.sessions()
    it.server.disconnect(one?.id ?? '', 'Back at 8.')
    it.server.disconnect(two?.id ?? '')
    expect((await first.reply(421)).text).to.equal('421 Back at 8.')
    expect((await second.reply(421)).text).to.equal('421 Call us. Disconnected by the administrator.')
  })
})

describe('attacks through texts and names', () => {
  it('split no reply by the name of a directory ($Dir), its CR and its Telnet octets shown', async () => {
    const home = '/x\r\n226 Done\r\n' as VirtualPath
    await using it = await serve({
      options: { welcome: ['You are in $Dir', 'as $Name.'], texts: new Map([[200, 'You are in $Dir']]) },
      // Others on the machine can make such a folder; no client can.
      accounts: (files) => [
        Object.assign(new MemoryAccount('bert', 'secret', files), { home, files: { enter: async () => undefined } }),
      ],
    })
    const client = await it.connect()
    await client.say('USER bert', 331)
    const { lines } = await client.say('PASS secret', 230)
    expect(lines).to.deep.equal(['230-You are in /x\\x0d\\x0a226 Done\\x0d\\x0a', '230 as bert.'])
    await client.say('USER anna', 331)
    await client.say('PASS secret', 230)
    for (const [name, shown] of [
      ['x\u001B[2J', 'x\\x1b[2J'],
      ['x\u202Etxt.exe', 'x\\u{202e}txt.exe'],
    ] as const) {
      await client.say(`MKD ${name}`, 257)
      await client.say(`CWD ${name}`, 250)
      await answers(client, 'NOOP', `200 You are in /${shown}`)
      await client.say('CWD /', 250)
    }
    const interrupt = Buffer.from([0xff, 0xff, 0xff, 0xff, 0xf4])
    for (const verb of ['MKD', 'CWD']) {
      client.send(Buffer.concat([Buffer.from(`${verb} `), interrupt, Buffer.from('\r\n')]))
      expect((await client.reply()).code).to.be.oneOf([250, 257])
    }
    const { octets } = await client.say('NOOP', 200)
    expect(octets.includes(0xff)).to.equal(false)
  })

  it('split no reply by a user name ($Name) or a command that is none ($Command)', async () => {
    await using it = await serve({
      options: {
        texts: new Map([
          [331, 'Password for $Name'],
          [500, 'What is $Command?'],
        ] as [ReplyCode, string][]),
      },
    })
    const client = await it.connect()
    await answers(client, 'USER anna\r\u0000230 Welcome', '331 Password for anna\\x0d230 Welcome')
    await client.say(`USER ${'a'.repeat(5000)}`, 331)
    await client.say('USER anna', 331)
    await client.say('PASS secret', 230)
    await client.say('\u001B[31mX\r\u0000Y', 500)
    await answers(client, '$NAME', '500 What is $NAME?')
  })

  it('speak no Telnet by a text that holds IAC: the octet is doubled', async () => {
    await using it = await serve({ options: { texts: new Map([[200, 'before \udcff\udcf4 behind']]) } })
    const client = await it.login()
    client.send('NOOP\r\n')
    const wanted = Buffer.concat([
      Buffer.from('200 before '),
      Buffer.from([0xff, 0xff, 0xf4]),
      Buffer.from(' behind\r\n'),
    ])
    expect(Buffer.compare(await client.octets(wanted.length), wanted)).to.equal(0)
  })

  it('leave the client in step, whatever text the administrator gave', async () => {
    await using it = await serve({ options: { disabled: new Set(['PORT']) } })
    const client = await it.login()
    await fc.assert(
      fc.asyncProperty(text, text, fc.array(text, { minLength: 1, maxLength: 4 }), async (global, single, welcome) => {
        await it.change({
          welcome,
          texts: new Map([
            [200, global],
            [331, global],
          ] as [ReplyCode, string][]),
          disabledTexts: new Map([['PORT', single]]),
        })
        await client.say('NOOP', 200)
        await client.say('PORT 127,0,0,1,200,1', 502)
        await client.say('USER anna', 331)
        const { lines } = await client.say('PASS secret', 230)
        expect(lines).to.have.length(welcome.length)
        expect(client.unread).to.equal(false)
      }),
      { numRuns: 60 },
    )
  })
})
