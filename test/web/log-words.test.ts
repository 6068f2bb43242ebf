/** Every event and every rule that the log can hold has a name in each language. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { RIGHTS } from '../../module/ftp/backend.ts'
import { LOCALES, translator } from '../../module/web/locale.ts'
import { detailText, eventName, levelText, ruleText, verdictText } from '../../module/web/log/words.ts'

const MODULE = join(import.meta.dirname, '../../module')
const sources = readdirSync(MODULE, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => ({ path, text: readFileSync(join(MODULE, path), 'utf8') }))

/** What all sources below some folders hold in a group of a pattern. */
function found(pattern: RegExp, folders: RegExp): string[] {
  const texts = sources.filter(({ path }) => folders.test(path)).flatMap(({ text }) => [...text.matchAll(pattern)])
  return [...new Set(texts.map(([, one]) => one ?? ''))]
}

const RULES = [
  ...found(/\b(?:refusedBy|allowedBy|hiddenBy|missing|refused|full)\(\s*(?:'[\w-]+',\s*)?'([\w-]+\.[\w-]+)'/g, /./),
  ...found(/\brule: '([\w-]+\.[\w-]+)'/g, /./),
  ...found(/'((?:limit|login|access|tls|data|disk|file)\.[\w-]+)'/g, /^(?:ftp|access|resources)\//),
  // Those that are put together from parts.
  ...RIGHTS.map((right) => `right.${right}`),
  ...found(/: '([\w-]+)',/g, /errno\.ts$/).map((kind) => `system.${kind}`),
  'system.input-output',
  ...['rule', 'empty', 'unlisted'].map((by) => `access.${by}`),
]

const EVENTS = [
  ...found(/\bevent: '([\w.-]+)'/g, /^(?:service|journal|access|activity|resources|settings)\b/),
  ...found(/\b(?:audit|#say|#act)\(\s*(?:'\w+',\s*)?'([\w.-]+)'/g, /^(?:service|journal|access|activity|resources)\b/),
  ...found(/readonly kind: '([\w-]+)'/g, /^ftp\/events\.ts$/).filter(
    (kind) => kind !== 'directory' && kind !== 'transfer-progress',
  ),
  ...found(/\b(?:event: |audit\(parts, ctx, )'([\w.-]+)'/g, /^shells\/embedded\/web\//),
  'certificate.made',
  'certificate.requested',
  ...['off', 'starting', 'on', 'stopping', 'failed'].map((state) => `service.${state}`),
]

for (const locale of LOCALES) {
  const t = translator(locale)

  describe(`the words of the log in ${locale}`, () => {
    it('name every rule that the module decides by', () => {
      expect(RULES.length).to.be.above(60)
      expect(RULES.filter((rule) => ruleText(t, rule) === rule)).to.deep.equal([])
    })

    it('name every event that is logged', () => {
      expect(EVENTS.length).to.be.above(25)
      expect(EVENTS.filter((event) => eventName(t, event) === event)).to.deep.equal([])
    })

    it('name every level', () => {
      const levels = found(/'(\w+)'/g, /^ftp\/verdict\.ts$/).filter((word) => word !== '')
      expect(levels).to.include('session')
      expect(levels.filter((level) => levelText(t, level) === level)).to.deep.equal([])
    })
  })
}

describe('the words of the log', () => {
  const t = translator('en')

  it('say of what let somebody in that it did', () => {
    const verdict = { rule: 'login.guest', level: 'resource' } as const
    expect(verdictText(t, { event: 'login', verdict })).to.include('allowed')
    expect(verdictText(t, { event: 'login-failed', verdict })).to.include('no guest access')
  })

  it('leave what they do not know as it is, also where it is called like a group of texts', () => {
    for (const odd of ['right', 'constructor', '__proto__', 'a.b.c', '', '{x}']) {
      expect(ruleText(t, odd)).to.equal(odd)
      expect(levelText(t, odd)).to.equal(odd)
      expect(eventName(t, odd)).to.equal(odd)
    }
  })

  it('say the choice of a setting that decided in the words of its page', () => {
    const russian = translator('ru')
    const option = russian('settings.fields.tls.policy.options.data')
    expect(detailText(russian, { rule: 'tls.required', detail: 'data' }))
      .to.equal(option)
      .and.match(/[а-я]/)
    expect(detailText(russian, { rule: 'tls.required', detail: '__proto__' })).to.equal('__proto__')
    expect(detailText(russian, { rule: 'right.delete', detail: 'group staff' })).to.equal('group staff')
  })

  it('name the family of an event that has no name of its own', () => {
    expect(eventName(t, 'fault.statistics')).to.equal('Fault')
  })
})
