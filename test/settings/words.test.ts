/** Commands and texts as settings: what is refused, repaired, kept in step, and warned of (product section 7). */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { commandTable } from '../../module/ftp/commands/table.ts'
import { engineOptions } from '../../module/settings/engine-options.ts'
import { SettingsError, checked } from '../../module/settings/problems.ts'
import { settings as schema } from '../../module/settings/schema.ts'
import { SettingsStore } from '../../module/settings/store.ts'
import { settingsWarnings } from '../../module/settings/warnings.ts'

const surroundings = { externalAddress: () => undefined }

function problems(settings: object): string {
  try {
    checked(schema, { settings })
  } catch (error) {
    if (error instanceof SettingsError) return error.message
    throw error
  }
  return 'no problem'
}

const warned = (settings: object) => settingsWarnings(checked(schema, { settings })).map(({ code }) => code)

function asked(settings: object) {
  const { passiveOnly, commands } = checked(schema, { settings }).settings
  return { passiveOnly, disabled: commands.disabled }
}

describe('commands in the settings', () => {
  it('can be switched off but for those without which nobody could log in, leave or encrypt', () => {
    for (const [verb, { essential }] of commandTable) {
      const wanted = {
        login: `settings.commands.disabled[0]: must not be switched off: without it nobody could log in or leave (got "${verb}")`,
        encryption: `settings.commands.disabled[0]: must not be switched off: whether clients may or must encrypt is chosen under Encryption (got "${verb}")`,
        none: 'no problem',
      }[essential ?? 'none']
      expect(problems({ commands: { disabled: [verb] } }), verb).to.equal(wanted)
    }
    expect([...commandTable].filter(([, { essential }]) => essential).map(([verb]) => verb)).to.include.members([
      'USER',
      'PASS',
      'QUIT',
    ])
  })

  it('must be commands of the server', () => {
    const rule = 'must be a command of this server in capitals, such as "PORT" or "SITE CHMOD"'
    for (const verb of ['NONSENSE', 'port', 'SITE EXEC', '__proto__', '']) {
      expect(problems({ commands: { disabled: [verb] } })).to.equal(
        `settings.commands.disabled[0]: ${rule} (got ${JSON.stringify(verb)})`,
      )
    }
    expect(problems({ commands: { texts: { NONSENSE: 'No.' } } })).to.include(rule)
  })

  it('are "passive only" when PORT and EPRT are off, whichever way it was said', () => {
    const on = { passiveOnly: true, disabled: ['MFMT'] }
    expect(asked({ commands: { disabled: ['PORT', 'MFMT', 'EPRT'] } })).to.deep.equal(on)
    expect(asked({ passiveOnly: true, commands: { disabled: ['MFMT'] } })).to.deep.equal(on)
    expect(asked({ passiveOnly: true, commands: { disabled: ['PORT', 'MFMT'] } })).to.deep.equal(on)
    expect(asked({ commands: { disabled: ['PORT'] } })).to.deep.equal({ passiveOnly: false, disabled: ['PORT'] })
    const { disabled } = engineOptions(checked(schema, { settings: { passiveOnly: true } }), surroundings)
    expect([...disabled]).to.deep.equal(['PORT', 'EPRT'])
  })

  it('are warned of when no way is left to transfer', () => {
    expect(warned({ passiveOnly: true, commands: { disabled: ['PASV'] } })).to.not.include('no-data-commands')
    expect(warned({ passiveOnly: true, commands: { disabled: ['PASV', 'EPSV'] } })).to.include('no-data-commands')
  })
})

describe('stored settings that switch off what cannot be', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'words-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  it('are repaired with a notice, not refused; everything else in them stays', async () => {
    const commands = { disabled: ['USER', 'PORT', 'QUIT', 'GONE'], texts: { PORT: 'Use passive mode.', GONE: 'No.' } }
    const domains = [{ id: 'a', name: 'a', names: ['a.example'], commands: { disabled: ['PASS', 'MFMT'] } }]
    await writeFile(
      join(folder, 'settings.json'),
      JSON.stringify({ version: 1, settings: { port: 2200, commands }, domains }),
    )
    const store = await SettingsStore.open(folder)
    const { settings, domains: kept } = store.current
    expect(settings.port).to.equal(2200)
    expect(settings.commands).to.deep.equal({ disabled: ['PORT'], texts: { PORT: 'Use passive mode.' } })
    expect(kept[0]?.commands.disabled).to.deep.equal(['MFMT'])
    expect(store.notices.map(({ code }) => code)).to.deep.equal(['settings-repaired'])
    for (const verb of ['USER', 'QUIT', 'GONE', 'PASS'])
      expect(store.notices[0]?.text).to.match(new RegExp(`\\b${verb}\\b`))
    await store.change((current) => ({ ...current, enabled: true }))
    expect((await SettingsStore.open(folder)).notices, 'once saved').to.deep.equal([])
  })
})

describe('texts in the settings', () => {
  it('are refused with the reason when they hold what could break a reply', () => {
    for (const text of ['a\rb', 'a\0b', 'a\u001Bb', 'a\u0085b', 'a\udcffb', 'a\tb']) {
      expect(problems({ messages: { greeting: text } })).to.match(
        /^settings\.messages\.greeting: must not hold control/,
      )
      expect(problems({ messages: { replies: { 502: text } } })).to.match(/: must not hold control characters/)
      expect(problems({ commands: { texts: { PORT: text } } })).to.match(/: must not hold control characters/)
    }
    expect(problems({ messages: { replies: { 502: 'one\ntwo' } } })).to.include('must have at most 1 line')
  })

  it('are warned of when they name a variable that is none, wherever they stand', () => {
    const warnings = settingsWarnings(
      checked(schema, {
        settings: {
          messages: { greeting: 'Hi $Nmae\n$Name', welcome: '$$Foo $5', replies: { 502: '$PASSWORD' } },
          commands: { texts: { PORT: '$Nmae $version' } },
        },
        domains: [{ name: 'a', names: ['a.example'], messages: { goodbye: '$Bye' } }],
      }),
    )
    const found = warnings.filter(({ code }) => code === 'unknown-variable').map(({ values }) => values['name'])
    expect(found).to.have.members(['$Nmae', '$PASSWORD', '$version', '$Bye'])
  })
})
