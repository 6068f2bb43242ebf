/** Settings, Commands and Messages: the tables, saving, refusing, previews, domains, two administrators at once. */
import { expect } from 'chai'
import { commandTable } from '../../module/ftp/commands/table.ts'
import { VARIABLES } from '../../module/ftp/variables.ts'
import { RawClient } from '../raw-client.ts'
import { caller } from './api/calls.ts'
import { formFields, unescaped } from './form-fields.ts'
import { type Answer, type Mounted, mounted } from './mounted.ts'

const COMMANDS = '/settings/commands'
const MESSAGES = '/settings/messages'
const DOMAINS = [
  {
    id: 'branch',
    name: 'Branch',
    names: ['branch.example'],
    commands: { disabled: ['MFMT'] },
    messages: { goodbye: 'Bye.' },
  },
]

describe('the page of commands', () => {
  it('has every command of the engine, explained in both languages', async () => {
    await using it = await mounted()
    for (const [locale, word] of [
      ['en', 'Uploads a file.'],
      ['ru', 'Загружает файл на сервер.'],
    ]) {
      it.presentation = { ...it.presentation, locale: locale ?? 'en' }
      const { status, text } = await it.get(COMMANDS)
      expect(status).to.equal(200)
      expect(text).to.include(word)
      for (const verb of commandTable.keys()) expect(text, verb).to.include(`id="c-${verb.replace(' ', '_')}"`)
    }
  })

  it('switches commands off and on and keeps their own texts, in force at once', async () => {
    await using it = await mounted()
    await using client = await RawClient.connect(it.port)
    await client.say('MFMT 20240101000000 a.txt', 530)
    await save(it, COMMANDS, { 'switch.MFMT': 'off', 'switch.SITE CHMOD': 'off', 'text.MFMT': 'No times, $Name.' })
    const { commands } = it.service.settings().settings
    expect(commands).to.deep.equal({ disabled: ['MFMT', 'SITE CHMOD'], texts: { MFMT: 'No times, $Name.' } })
    await client.say('USER anna', 331)
    expect((await client.say('MFMT 20240101000000 a.txt', 502)).text).to.equal('502 No times, anna.')
    expect((await client.say('FEAT', 211)).text).to.not.include('MFMT')
    await save(it, COMMANDS, { 'switch.MFMT': ['off', 'on'] })
    await client.say('MFMT 20240101000000 a.txt', 530)
    expect(it.service.settings().settings.commands).to.deep.equal({ ...commands, disabled: ['SITE CHMOD'] })
    await save(it, COMMANDS, { 'text.MFMT': '' })
    expect(it.service.settings().settings.commands.texts).to.deep.equal({})
  })

  it('refuses to switch off what a login needs, and says why (forged form)', async () => {
    await using it = await mounted()
    const before = it.service.settings()
    for (const [verb, reason] of [
      ['USER', 'without it nobody could log in or leave'],
      ['PROT', 'chosen under Encryption'],
    ]) {
      const answer = await save(it, COMMANDS, { [`switch.${verb}`]: 'off' }, 422)
      expect(unescaped(answer)).to.include(reason)
      expect(it.service.settings()).to.equal(before)
    }
    it.presentation = { ...it.presentation, locale: 'ru' }
    expect(await save(it, COMMANDS, { 'switch.QUIT': 'off' }, 422)).to.include('без неё никто не смог бы')
    const { text } = await it.get(COMMANDS)
    expect(text).to.not.include('name="switch.USER"')
  })

  it('sets and takes back "passive only" with one button, in step with the page Connection', async () => {
    await using it = await mounted()
    await save(it, COMMANDS, { _passive: 'off' })
    expect(it.service.settings().settings).to.deep.include({ passiveOnly: true })
    expect(formFields((await it.get('/settings')).text, '/settings')['passiveOnly']).to.deep.equal(['on'])
    const sent = form(await it.get(COMMANDS), COMMANDS)
    expect([sent['switch.PORT'], sent['switch.EPRT'], sent['switch.PASV']]).to.deep.equal([
      ['off'],
      ['off'],
      ['off', 'on'],
    ])
    await save(it, COMMANDS, { 'switch.PORT': ['off', 'on'] })
    const { passiveOnly, commands } = it.service.settings().settings
    expect({ passiveOnly, disabled: commands.disabled }).to.deep.equal({ passiveOnly: false, disabled: ['EPRT'] })
    await save(it, COMMANDS, { _passive: 'on' })
    expect(it.service.settings().settings.commands.disabled).to.deep.equal([])
  })

  it('finds commands without script, and saves what is shown without touching the rest', async () => {
    await using it = await mounted({
      preset: { settings: { commands: { disabled: ['MFMT'], texts: { MFMT: 'No.' } } } },
    })
    const path = `${COMMANDS}?q=rfc+2428&show=all`
    const { text } = await it.get(path)
    expect([...text.matchAll(/id="c-(\w+)"/g)].map(([, verb]) => verb)).to.deep.equal(['EPSV', 'EPRT'])
    const action = /<form method="post" action="([^"]*)"/.exec(text)?.[1] ?? ''
    const sent = formFields(text, action)
    const answer = await it.post(path, { ...sent, 'switch.EPSV': 'off' })
    expect([answer.status, answer.headers.get('location')]).to.deep.equal([303, path])
    expect(it.service.settings().settings.commands).to.deep.equal({
      disabled: ['EPSV', 'MFMT'],
      texts: { MFMT: 'No.' },
    })
    const off = (await it.get(`${COMMANDS}?show=off`)).text
    expect([...off.matchAll(/id="c-(\w+)"/g)].map(([, verb]) => verb)).to.deep.equal(['EPSV', 'MFMT'])
    expect((await it.get(`${COMMANDS}?q=%3Cscript%3E`)).text)
      .to.include('No command fits.')
      .and.not.include('<script>"')
  })

  it('keeps what another administrator switched meanwhile, and asks where both meant the same command', async () => {
    await using it = await mounted()
    const sent = form(await it.get(COMMANDS), COMMANDS)
    await it.service.change({ settings: { commands: { disabled: ['HASH'], texts: { HASH: 'No.' } } } }, 'bert')
    expect((await it.post(COMMANDS, { ...sent, 'switch.MFMT': 'off' })).status).to.equal(303)
    expect(it.service.settings().settings.commands.disabled).to.have.members(['HASH', 'MFMT'])
    const answer = await it.post(COMMANDS, { ...sent, 'text.HASH': 'Mine.' })
    expect(answer.status).to.equal(409)
    expect(answer.text).to.include('bert').and.include('Mine.')
    expect(it.service.settings().settings.commands.texts).to.deep.equal({ HASH: 'No.' })
  })
})

describe('the page of messages', () => {
  it('saves texts and replies, and takes back what is emptied', async () => {
    await using it = await mounted()
    const typed = {
      greeting: 'Hello from $ServerName\r\n220 not the end',
      goodbye: 'Bye $Name',
      'reply.502': 'No: $Text',
    }
    await save(it, MESSAGES, typed)
    const { messages } = it.service.settings().settings
    expect(messages).to.deep.include({ greeting: 'Hello from $ServerName\n220 not the end', goodbye: 'Bye $Name' })
    expect(messages.replies).to.deep.equal({ '502': 'No: $Text' })
    await using client = await RawClient.open(it.port)
    expect((await client.reply(220)).lines).to.deep.equal(['220-Hello from FTP server', '220 220 not the end'])
    await save(it, MESSAGES, { 'reply.502': '' })
    expect(it.service.settings().settings.messages.replies).to.deep.equal({})
  })

  it('shows without script what clients would read, and saves nothing by it', async () => {
    await using it = await mounted()
    const before = it.service.settings()
    const text = await save(
      it,
      MESSAGES,
      { _preview: '1', greeting: 'Hello $IP\n220 really', 'reply.550': '$Nmae: $Text' },
      200,
    )
    expect(unescaped(text)).to.include('220-Hello 192.168.1.20\n220 220 really\n')
    expect(unescaped(text))
      .to.include('550 $Nmae: No such file or directory.')
      .and.include('There is no variable $Nmae')
    expect(it.service.settings()).to.equal(before)
  })

  it('answers the preview alone while one types', async () => {
    await using it = await mounted()
    const { status, text } = await it.post(`${MESSAGES}/preview`, { welcome: '<script>$Name\r{{7*7}}' })
    expect(status).to.equal(200)
    expect(unescaped(text)).to.include('230 <script>anna').and.include('{{7*7}}').and.not.include('<h1>')
    expect(text).to.not.include('<script>')
  })

  it('saves variables that are none, and says so', async () => {
    await using it = await mounted()
    await save(it, MESSAGES, { welcome: 'Hi $Nmae and $Name' })
    expect(unescaped((await it.get(MESSAGES)).text)).to.include('These are no variables and stay as typed: $Nmae.')
    expect(unescaped((await it.get('/')).text)).to.include('There is no variable “$Nmae”')
  })

  it('refuses control characters and too much text beside the field, and keeps what was typed', async () => {
    await using it = await mounted()
    const before = it.service.settings()
    for (const [name, bad] of [
      ['greeting', 'a\u0007b'],
      ['welcome', 'x\n'.repeat(21)],
      ['goodbye', 'one\ntwo'],
      ['reply.502', 'a\u001B[2Jb'],
      ['reply.550', 'x'.repeat(401)],
    ] as const) {
      const text = await save(it, MESSAGES, { [name]: bad }, 422)
      expect(text, name).to.include(`id="e-${name}"`).and.include('aria-invalid="true"')
      expect(unescaped(text), name).to.include(bad)
      expect(it.service.settings()).to.equal(before)
    }
    expect(await save(it, COMMANDS, { 'text.SITE CHMOD': 'a\u0000b' }, 422)).to.include('id="e-text.SITE CHMOD"')
  })

  it('explains every variable in both languages', async () => {
    await using it = await mounted()
    for (const locale of ['en', 'ru']) {
      it.presentation = { ...it.presentation, locale }
      const { text } = await it.get(MESSAGES)
      for (const name of VARIABLES.keys()) expect(text).to.include(`<code>$${name}</code>`)
    }
  })

  it('ignores names that are none of its own (forged fields)', async () => {
    await using it = await mounted()
    const before = it.service.settings()
    const forged = { 'reply.227': 'x', 'reply.__proto__': 'x', 'reply.999': 'x', __proto__: 'x', 'switch.PORT': 'off' }
    await save(it, MESSAGES, { ...forged, _was: '{"__proto__":"x","reply.227":"y"}' })
    expect(it.service.settings()).to.deep.equal(before)
  })
})

describe('commands and messages of a domain', () => {
  it('show what comes from the server and store only what differs', async () => {
    await using it = await mounted({
      preset: {
        settings: {
          passiveOnly: true,
          messages: { greeting: 'Server $IP' },
          commands: { texts: { PORT: 'Server says.' } },
        },
        domains: DOMAINS,
      },
    })
    const path = `${COMMANDS}/domain/branch`
    const sent = form(await it.get(path), path)
    expect([sent['switch.PORT'], sent['switch.MFMT']]).to.deep.equal([['inherit'], ['off']])
    await save(it, path, {
      'switch.PORT': 'on',
      'switch.MFMT': 'inherit',
      'switch.HASH': 'off',
      'text.HASH': 'Not here.',
    })
    const [domain] = it.service.settings().domains
    expect(domain?.commands).to.deep.equal({ disabled: ['HASH'], enabled: ['PORT'], texts: { HASH: 'Not here.' } })
    expect(it.service.settings().settings.passiveOnly).to.equal(true)

    const texts = (await it.get(path)).text
    expect(texts).to.match(/name="text\.PORT" value="" placeholder="Server says."/)
    expect(texts).to.match(/name="text\.MFMT" value="" placeholder="Command not implemented\."/)

    const words = `${MESSAGES}/domain/branch`
    const preview = await it.post(`${words}/preview`, { greeting: '', goodbye: 'Bye $Name' })
    expect(unescaped(preview.text)).to.include('220 Server 192.168.1.20').and.include('221 Bye anna')
    const { text } = await it.get(words)
    expect(text).to.include('placeholder="Server $IP"')
    expect(unescaped(text)).to.include('220 Server 192.168.1.20').and.include('221 Bye.')
    await save(it, words, { goodbye: '', welcome: 'Branch', 'reply.502': 'Ask us.' })
    expect(it.service.settings().domains[0]?.messages).to.deep.equal({
      welcome: 'Branch',
      replies: { '502': 'Ask us.' },
    })
    expect(it.service.settings().settings.messages.welcome).to.equal('Logged in.')
  })

  it('answer 404 for a domain that does not exist', async () => {
    await using it = await mounted({ preset: { domains: DOMAINS } })
    for (const path of [COMMANDS, MESSAGES]) {
      expect((await it.get(`${path}/domain/none`)).status).to.equal(404)
      expect((await it.post(`${path}/domain/none`)).status).to.equal(404)
      expect((await it.get(`${path}/domain/__proto__`)).status).to.equal(404)
    }
    const call = await caller(it)
    expect((await call('GET', '/commands?domain=none')).status).to.equal(404)
  })

  it('are told by the API', async () => {
    await using it = await mounted({ preset: { settings: { passiveOnly: true }, domains: DOMAINS } })
    const call = await caller(it, 'view')
    const commands = async (query: string) =>
      new Map((await call('GET', `/commands${query}`)).json.commands.map((each: { verb: string }) => [each.verb, each]))
    expect((await commands('')).get('PORT')).to.include({ on: false, said: 'off', rfc: 'RFC 959 section 4.1.2' })
    expect((await commands('')).get('USER')).to.include({ on: true, essential: 'login', needsLogin: false })
    expect((await commands('?domain=branch')).get('PORT')).to.include({ on: false, said: 'inherit' })
    expect((await commands('?domain=branch')).get('MFMT')).to.include({ on: false, said: 'off' })
    const preview = await call('GET', `/text-preview?code=220&text=${encodeURIComponent('Hi $IP\n$Foo')}`)
    expect(preview.json).to.deep.equal({ lines: ['220-Hi 192.168.1.20', '220 $Foo'], unknownVariables: ['$Foo'] })
    expect((await call('GET', '/text-preview?code=227&text=x')).status).to.equal(422)
  })
})

describe('the pages of commands and messages', () => {
  it('change nothing when they are sent back as they came', async () => {
    const settings = {
      passiveOnly: true,
      messages: { greeting: '<b>\n{{7*7}}', replies: { 502: '$Text' } },
      commands: { texts: { PORT: 'x' } },
    }
    await using it = await mounted({ preset: { settings, domains: DOMAINS } })
    const before = it.service.settings()
    for (const path of [COMMANDS, MESSAGES, `${COMMANDS}/domain/branch`, `${MESSAGES}/domain/branch`]) {
      await save(it, path, {})
      await save(it, path, { _was: '' })
      expect(it.service.settings(), path).to.deep.equal(before)
    }
  })

  it('are for looking only, for who may not change them', async () => {
    await using it = await mounted({ permission: 'operate' })
    for (const path of [COMMANDS, MESSAGES]) {
      const { text } = await it.get(path)
      expect(text)
        .to.match(/<fieldset[^>]* disabled>/)
        .and.not.include('class="primary"')
      expect((await it.post(path, { goodbye: 'x', 'switch.HASH': 'off' })).status).to.equal(403)
    }
  })
})

/** The form that changes something; the page has one that finds as well. */
function form({ text }: Answer, path: string): Record<string, string[]> {
  return formFields(text.replace(/<form[^>]* method="get"[^]*?<\/form>/, ''), path)
}

/** Sends a page back with some changes; the text of the answer, whose status must be this. */
async function save(it: Mounted, path: string, changes: Readonly<Record<string, string | string[]>>, status = 303) {
  const sent = form(await it.get(path), path)
  const answer = await it.post(path, { ...sent, ...changes })
  expect(answer.status, unescaped(answer.text).slice(0, 3000)).to.equal(status)
  return answer.text
}
