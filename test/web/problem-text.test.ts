/** The texts of problems in the languages of the pages. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { checked, SettingsError } from '../../module/settings/problems.ts'
import { settings } from '../../module/settings/schema.ts'
import { translator } from '../../module/web/locale.ts'
import { knownProblem, problemText } from '../../module/web/problem-text.ts'

const FOLDER = join(import.meta.dirname, '../../module/settings')
const english = translator('en')
const russian = translator('ru')

describe('the texts of problems', () => {
  it('exist for every message of the settings', () => {
    const messages = readdirSync(FOLDER).flatMap((file) => messagesIn(readFileSync(join(FOLDER, file), 'utf8')))
    expect(messages.length).to.be.greaterThan(30)
    expect(messages.filter((text) => !knownProblem(text))).to.deep.equal([])
    expect(messages.filter((text) => !/[а-я]/.test(problemText({ text }, russian)))).to.deep.equal([])
  })

  it('are sentences, with the numbers of the rule in them', () => {
    const text = 'must be at most 64 entries long'
    expect(problemText({ text }, english)).to.equal('Must be at most 64 entries long.')
    expect(problemText({ text }, russian)).to.equal('Не больше 64 записей.')
  })

  it('translate what is wrong with a name inside', () => {
    const text = 'has a name that must not hold control characters'
    expect(problemText({ text }, russian)).to.equal('Недопустимое имя: не может содержать управляющие символы.')
  })

  it('translate lists of choices and leave the choices themselves', () => {
    expect(problemText({ text: 'must be "a or b", "c" or a whole number' }, russian)).to.equal(
      'Допустимо: "a or b", "c" или целое число.',
    )
  })

  it('leave a text that nobody knows as it is', () => {
    expect(problemText({ text: 'port 21 is taken by "vsftpd"' }, russian)).to.equal('Port 21 is taken by "vsftpd".')
  })

  it('cover what the schema says of broken settings', () => {
    const broken = {
      settings: { port: 'x', limits: { connections: -1 }, tls: { policy: 'no' }, unknown: 1 },
      resources: [{ name: '', folder: '../x', rights: [{ level: 'custom' }], guests: { profile: 1, networks: ['x'] } }],
    }
    let problems: SettingsError['problems'] = []
    try {
      checked(settings, broken)
    } catch (error) {
      if (error instanceof SettingsError) ({ problems } = error)
    }
    expect(problems).to.have.length.greaterThan(8)
    expect(problems.filter(({ text }) => !knownProblem(text))).to.deep.equal([])
  })
})

/** The messages of a source, the gaps of templates filled with a number. */
function messagesIn(source: string): readonly string[] {
  const quoted = source.matchAll(/(['"`])((?:must|needs|has|is|rights) (?:(?!\1)[^\\\n]|\\.)+)\1/g)
  return [...quoted].map(([, , text = '']) =>
    text
      .replaceAll(/\$\{[^}]*'\}/g, 's')
      .replaceAll(/\$\{[^}]*\}/g, '7')
      .replaceAll(/\\(.)/g, '$1'),
  )
}
