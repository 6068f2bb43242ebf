/** "Show what this would have done": before a change is saved, with and without script. */
import { expect } from 'chai'
import { rules } from '../access/rules.ts'
import { RawClient } from '../raw-client.ts'
import { caller } from './api/calls.ts'
import { needsChromium, visit } from './browser.ts'
import { formFields } from './form-fields.ts'
import { mounted, type Mounted } from './mounted.ts'

const PRESET = {
  users: [{ name: 'anna', password: 'secret' }],
  settings: { logins: { failureDelaySeconds: 0 }, access: { hammering: { enabled: false } } },
}

describe('what a change would have done', () => {
  let it_: Mounted
  before(async () => {
    it_ = await mounted({ preset: PRESET })
    for (let session = 0; session < 2; session++) {
      await using client = await RawClient.connect(it_.port)
      await client.login()
      await client.say('EPRT |1|127.0.0.1|4000|', 200)
    }
    await it_.service.journal.flush()
  })
  after(() => it_[Symbol.asyncDispose]())

  async function asked(page: string, changes: Record<string, string>): Promise<string> {
    const { text } = await it_.get(page)
    const [action = ''] = page.split('?')
    const { _csrf: _, ...sent } = formFields(text, action)
    const { status, text: answer } = await it_.post(action, { ...sent, ...changes, _replay: '1' })
    expect(status).to.equal(200)
    return answer
  }

  it('is shown on the page of encryption, with what was typed still there and nothing saved', async () => {
    const text = await asked('/settings/encryption', { 'tls.policy': 'login' })
    expect(text).to.include('Would have refused 2 of 2 sessions of the last 7 days.')
    expect(text).to.match(/<option value="login" selected>/)
    expect(text).to.match(/href="\/log\/session\/[0-9a-f-]{36}"/)
    expect(it_.service.settings().settings.tls.policy).to.equal('optional')
  })

  it('says so where nobody would have felt it', async () => {
    expect(await asked('/settings/encryption', {})).to.include(
      'None of 2 sessions of the last 7 days would have been refused.',
    )
  })

  it('is shown on the page of an access rule', async () => {
    const text = await asked('/access/rules/server/-/rule', { action: 'deny', mask: '127.0.0.1', position: '1' })
    expect(text).to.include('Would have refused 2 of 2 sessions').and.include('an access rule denies this address')
    expect(it_.service.settings().settings.access.rules).to.deep.equal([])
  })

  it('is shown before a rule is moved or deleted and before a file is imported, without a change', async () => {
    const list = '/access/rules/server/-'
    const before = rules('allow *.*.*.*', 'allow *:*', 'deny 127.0.0.0/8')
    await it_.service.change({ settings: { access: { rules: before } } }, 'olga')
    const moved = await asked(`${list}/move?at=2`, { number: '1' })
    expect(moved)
      .to.include('Would have refused 2 of 2 sessions')
      .and.match(/name="number"[^>]* value="1"/)
    expect(await asked(`${list}/move?at=2`, { number: '3' })).to.include('None of 2 sessions')
    expect(await asked(`${list}/delete?at=0`, {})).to.include('Would have refused 2 of 2 sessions')
    const { text: preview } = await it_.post(`${list}/import`, { text: 'IP,Allow\n192.0.2.0-24,1\n' })
    const { _csrf: _, ...sent } = formFields(preview, `${list}/import/confirm`)
    const answer = await it_.post(`${list}/import/confirm`, { ...sent, mode: 'replace', _replay: '1' })
    expect(answer.text)
      .to.include('Would have refused 2 of 2 sessions')
      .and.match(/value="replace" checked/)
    const part = await it_.post(
      `${list}/import/confirm`,
      { ...sent, mode: 'append', _replay: '1' },
      { 'HX-Request': 'true' },
    )
    expect(part.text).to.include('None of 2 sessions').and.not.include('<html')
    expect(it_.service.settings().settings.access.rules).to.deep.equal(before)
    await it_.post(`${list}/import/confirm`, { ...sent, mode: 'append' })
    expect(it_.service.settings().settings.access.rules, 'the file still waits').to.have.length(4)
    await it_.service.change({ settings: { access: { rules: [] } } }, 'olga')
  })

  it('is shown on the pages of failed logins and of commands', async () => {
    expect(await asked('/access/hammering', { 'access.hammering.enabled': 'on' })).to.include('None of 2 sessions')
    const off = await asked('/settings/commands', { 'switch.EPRT': 'off' })
    expect(off).to.include('Would have refused 2 of 2 sessions').and.include('the command is switched off')
    expect(it_.service.settings().settings.commands.disabled).to.deep.equal([])
  })

  it('says what is wrong with a change that is not possible', async () => {
    const { status, text } = await it_.post(
      '/access/rules/server/-/rule',
      { action: 'deny', mask: '1.2.3.400', position: '1', revision: it_.service.revision(), _replay: '1' },
      { 'HX-Request': 'true' },
    )
    expect(status).to.equal(200)
    expect(text).to.include('<ul>').and.not.include('<html')
  })

  it('answers the API', async () => {
    const call = await caller(it_, 'manage')
    const { status, json } = await call('POST', '/replay', { body: { settings: { tls: { policy: 'login' } } } })
    expect(status).to.equal(200)
    expect(json).to.include({ sessions: 2, refused: 2, complete: true })
    expect((await call('POST', '/replay', { body: { settings: { port: 'x' } } })).status).to.equal(422)
  })

  it('follows what is chosen, with script, and leaves the form unsaved', async function () {
    needsChromium(this)
    await using visitor = await visit(it_.origin)
    const page = await visitor.open('/settings/encryption')
    await page.selectOption('select[name="tls.policy"]', 'login')
    await page.getByText('Would have refused 2 of 2 sessions').waitFor()
    expect(await page.inputValue('select[name="tls.policy"]')).to.equal('login')
    expect(await visitor.barriers()).to.deep.equal([])
    await page.selectOption('select[name="tls.policy"]', 'optional')
    await page.getByText('None of 2 sessions').waitFor()
    expect(page.url()).to.match(/\/settings\/encryption$/)
    expect(it_.service.settings().settings.tls.policy).to.equal('optional')
  })
})
