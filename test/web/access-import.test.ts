/** Rule lists as CSV on the pages: a preview that changes nothing, and files that mean no good. */
import { expect } from 'chai'
import { rules } from '../access/rules.ts'
import { mounted, type Mounted } from './mounted.ts'

const LIST = '/access/rules/server/-'
const OTHERS = ['allow *.*.*.*', 'allow *:*']
const preset = { settings: { access: { rules: rules('deny 192.0.2.1', ...OTHERS) } } }

const plain = (html: string) => html.replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ')
const masks = (it: Mounted) =>
  it.service.settings().settings.access.rules.map(({ action, mask }) => `${action} ${mask}`)
const hidden = (html: string, name: string) => new RegExp(`name="${name}" value="([^"]+)"`).exec(html)?.[1] ?? ''

describe('the import of rules on its page', () => {
  it('names every line that cannot be taken over, and keeps what was pasted', async () => {
    await using it = await mounted({ preset })
    const text = 'IP,Allow,Description,Expires\n192.0.2,1\n192.0.2.9,maybe\n192.0.2.8,1,ok,tomorrow\n'
    const answer = await it.post(`${LIST}/import`, { text })
    expect(answer.status).to.equal(422)
    expect(plain(answer.text)).to.include('3 lines cannot be taken over')
    expect(plain(answer.text)).to.include(
      'Line 2: An IPv4 mask has four parts, this one has 3. Did you mean 192.0.2.*?',
    )
    expect(plain(answer.text)).to.include('Line 3: Allow must be 1').and.include('Line 4: Expires must be a moment')
    expect(answer.text).to.include('192.0.2.9,maybe')
    it.presentation = { ...it.presentation, locale: 'ru' }
    expect(plain((await it.post(`${LIST}/import`, { text })).text)).to.include('Строка 3: В столбце Allow')
    expect(masks(it)).to.have.length(3)
  })

  it('shows what would change before anything does, then adds or replaces', async () => {
    await using it = await mounted({ preset })
    const text = 'IP,Allow,Description\n192.0.2.1,0,known\n10.0.0.0-24,0,new\n*.*.*.*,1,\n*:*,1,\n'
    const shown = await it.post(`${LIST}/import`, { text })
    expect(plain(shown.text))
      .to.include('The file has 4 rules')
      .and.include('Added: 1, removed: 0. The list then has 4 rules')
    expect(masks(it)).to.have.length(3)
    const confirmed = { name: hidden(shown.text, 'name'), revision: hidden(shown.text, 'revision'), mode: 'replace' }
    expect((await it.post(`${LIST}/import/confirm`, confirmed)).status).to.equal(303)
    expect(masks(it)).to.deep.equal(['deny 192.0.2.1', 'deny 10.0.0.0-24', ...OTHERS])
    expect((await it.post(`${LIST}/import/confirm`, confirmed)).status, 'a second time').to.equal(422)
  })

  it('asks before a file shuts out the own address, and remembers the file for the answer', async () => {
    await using it = await mounted({ preset })
    const shown = await it.post(`${LIST}/import`, { text: 'IP,Allow\n192.0.2.0-24,1\n' })
    const confirmed = { name: hidden(shown.text, 'name'), revision: hidden(shown.text, 'revision'), mode: 'replace' }
    const asked = await it.post(`${LIST}/import/confirm`, confirmed)
    expect(asked.status).to.equal(409)
    const again = { ...confirmed, name: hidden(asked.text, 'name'), confirm: '127.0.0.1' }
    expect((await it.post(`${LIST}/import/confirm`, again)).status).to.equal(303)
    expect(masks(it)).to.deep.equal(['allow 192.0.2.0-24'])
    expect(it.service.rules.trial?.by).to.equal('root')
  })

  it('takes over nothing of a list that has changed since the preview', async () => {
    await using it = await mounted({ preset })
    const shown = await it.post(`${LIST}/import`, { text: 'IP,Allow\n10.0.0.1,0\n' })
    await it.service.change({ settings: { access: { rules: rules(...OTHERS) } } }, 'other')
    const confirmed = { name: hidden(shown.text, 'name'), revision: hidden(shown.text, 'revision'), mode: 'append' }
    await it.post(`${LIST}/import/confirm`, confirmed)
    expect(masks(it)).to.deep.equal(OTHERS)
    expect(plain((await it.get('/access')).text)).to.include('changed by somebody else meanwhile')
  })

  it('reads back what the export writes, formulas disarmed in between (CSV injection)', async () => {
    await using it = await mounted({ preset })
    const note = '=HYPERLINK("http://evil.example","click")'
    const list = [{ action: 'deny' as const, mask: '192.0.2.5', note }, ...rules(...OTHERS)]
    await it.service.rules.save({ place: { level: 'server', name: '' }, rules: list, editor: { name: 'root' } })
    const file = await it.get(`${LIST}/export`)
    expect(file.headers.get('Content-Disposition')).to.match(/^attachment; filename="ip-rules-server\.csv"/)
    expect(file.text)
      .to.include(`"'=HYPERLINK`)
      .and.not.match(/(^|,)"?=/m)
    const shown = await it.post(`${LIST}/import`, { text: file.text })
    expect(plain(shown.text)).to.include('Added: 0, removed: 0')
  })

  it('refuses a file that is too large, and markup in a file stays text', async () => {
    await using it = await mounted({ preset })
    const rows = `IP,Allow\n${'192.0.2.1,1\n'.repeat(10_001)}`
    const many = await it.post(`${LIST}/import`, { text: rows })
    expect([many.status, plain(many.text).includes('A list has at most 10000 rules.')]).to.deep.equal([422, true])
    const form = new FormData()
    form.set('_csrf', await it.token())
    form.set('file', new Blob(['x'.repeat(2_300_000)]), 'rules.csv')
    const large = await fetch(`${it.origin}${LIST}/import`, { method: 'POST', body: form })
    expect(large.status).to.equal(413)
    const hostile = await it.post(`${LIST}/import`, {
      text: 'IP,Allow,Description\n192.0.2.3,0,<script>alert(1)</script>\n',
    })
    expect(hostile.text).to.include('&lt;script&gt;alert(1)').and.not.include('<script>alert')
    expect(masks(it)).to.have.length(3)
  })
})
