/** The FTP server tab. */
import { expect } from 'chai'
import { mounted } from './mounted.ts'

describe('the page "FTP server"', () => {
  it('turns the service on and off, and says so once', async () => {
    await using it = await mounted({ preset: { enabled: false } })
    expect((await it.post('/turn', { to: 'on' })).status).to.equal(303)
    expect(it.service.status().state).to.equal('on')
    expect((await it.get('/')).text).to.include('The FTP server is on.')
    expect((await it.get('/')).text).to.not.include('class="notice good"')
    await it.post('/turn', { to: 'off' })
    expect(it.service.status().state).to.equal('off')
  })

  it('shows no button to who may only look, and refuses a forged one', async () => {
    await using it = await mounted({ permission: 'view', preset: { enabled: false } })
    expect((await it.get('/')).text).to.not.include('action="/turn"')
    expect((await it.post('/turn', { to: 'on' })).status).to.equal(403)
    expect(it.service.status().state).to.equal('off')
  })

  it('has no link outside the base path', async () => {
    await using it = await mounted({ base: '/modules/ftp' })
    const { status, text } = await it.get('/')
    expect(status).to.equal(200)
    expect(text.match(/(?:href|src|action)="\/(?!modules\/ftp\/)[^"]*"/g)).to.equal(null)
  })
})
