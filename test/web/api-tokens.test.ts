/** The page "API tokens". */
import { expect } from 'chai'
import { mounted } from './mounted.ts'

const OFF = { preset: { enabled: false } }
const PATH = '/settings/api-tokens'

describe('the page "API tokens"', () => {
  it('makes a token that works, and shows it exactly once', async () => {
    await using it = await mounted(OFF)
    const { status, headers } = await it.post(PATH, { note: 'backup script', permission: 'view', days: '30' })
    expect([status, headers.get('Location')]).to.deep.equal([303, PATH])
    const shown = await it.get(PATH)
    const [token = ''] = /ftpmodule_[\w-]{43}/.exec(shown.text) ?? []
    expect(shown.text).to.include('backup script')
    it.identity = undefined
    expect((await it.get('/api/v1/status', { Authorization: `Bearer ${token}` })).status).to.equal(200)
    it.identity = { name: 'root', permission: 'manage', sessionId: 'one' }
    expect((await it.get(PATH)).text).to.not.include('ftpmodule_')
    const [view] = it.service.tokens.list()
    expect(view?.expires).to.be.closeTo(Date.now() + 30 * 86_400_000, 60_000)
  })

  it('shows a new token to nobody else', async () => {
    await using it = await mounted(OFF)
    await it.post(PATH, { note: 'mine', permission: 'view' })
    it.identity = { name: 'other', permission: 'manage', sessionId: 'two' }
    expect((await it.get(PATH)).text).to.not.include('ftpmodule_')
  })

  it('keeps what was typed and says beside the field what is allowed', async () => {
    await using it = await mounted(OFF)
    const { status, text } = await it.post(PATH, { note: '  ', permission: 'operate', days: '90' })
    expect(status).to.equal(422)
    expect(text).to.include('Must be one line of 1 to 100 characters.')
    expect(text).to.match(/value="operate" selected/)
    expect(text).to.match(/value="90" selected/)
    expect((await it.post(PATH, { note: 'x', permission: 'root' })).status).to.equal(422)
    expect(it.service.tokens.list()).to.have.length(0)
  })

  it('asks before it revokes, naming the token', async () => {
    await using it = await mounted(OFF)
    const { id, token } = await it.service.tokens.create({ note: 'old <script>', permission: 'view' }, 'root')
    expect((await it.get(`${PATH}/${id}/revoke`)).text).to.include('old &lt;script&gt;')
    expect((await it.post(`${PATH}/${id}/revoke`)).status).to.equal(303)
    expect(it.service.tokens.find(token)).to.equal(undefined)
    expect((await it.post(`${PATH}/${id}/revoke`)).status).to.equal(404)
  })

  it('lets who may only look see the list, without a way to make or revoke', async () => {
    await using it = await mounted({ ...OFF, permission: 'view' })
    const { id } = await it.service.tokens.create({ note: 'n', permission: 'view' }, 'root')
    const { text } = await it.get(PATH)
    expect(text).to.include('<bdi>n</bdi>')
    expect(text).to.not.match(/method="post" action="[^"]*api-tokens/)
    expect((await it.get(`${PATH}/${id}/revoke`)).status).to.equal(403)
  })
})
