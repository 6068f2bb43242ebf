/** What script adds to the settings: the picker as a dialog, numbers while typing, a warning before changes are lost. */
import { expect } from 'chai'
import { needsChromium, visit } from './browser.ts'
import { mounted } from './mounted.ts'

describe('the settings in a browser', () => {
  before(function () {
    needsChromium(this)
  })

  it('pick a certificate in a dialog, by keyboard, and save it with Enter', async () => {
    await using it = await mounted({ base: '/modules/ftp' })
    await using visitor = await visit(it.origin)
    const page = await visitor.open('/modules/ftp/settings/encryption')
    await page.getByRole('link', { name: 'Choose a certificate' }).press('Enter')
    await page.getByRole('link', { name: 'Use Self-signed' }).press('Enter')
    const field = page.getByRole('textbox', { name: 'Certificate' })
    await page.locator('#f-tls-certificate:focus').waitFor()
    expect(await field.inputValue()).to.equal('self-signed')
    expect(await page.getByText('There are changes that are not saved.').isVisible()).to.equal(true)
    await field.press('Enter')
    await page.getByText('Saved.', { exact: true }).waitFor()
    expect(it.service.settings().settings.tls.certificate).to.equal('self-signed')
  })

  it('say how many transfers a range of ports allows while it is typed', async () => {
    await using it = await mounted({ preset: { settings: { passivePorts: '50000-50099' } } })
    await using visitor = await visit(it.origin)
    const page = await visitor.open('/settings')
    await page.getByLabel('Passive ports').first().fill('50000-50009')
    await page.getByText('Allows 10 transfers at once.').waitFor()
  })

  it('keep a row when Enter is pressed in a table', async () => {
    const row = { address: '127.0.0.1', port: 0, implicitTls: true }
    await using it = await mounted({ preset: { settings: { listeners: [row] } } })
    await using visitor = await visit(it.origin)
    const page = await visitor.open('/settings')
    await page.getByRole('checkbox', { name: 'TLS from the start, row 1' }).uncheck()
    await page.getByRole('textbox', { name: 'Port, row 1' }).press('Enter')
    await page.getByText('Saved.', { exact: true }).waitFor()
    expect(it.service.settings().settings.listeners).to.deep.equal([{ ...row, implicitTls: false }])
  })

  it('ask before changes that are not saved are lost', async () => {
    await using it = await mounted()
    await using visitor = await visit(it.origin)
    const page = await visitor.open('/settings/limits')
    await page.getByLabel('Connections at once').fill('7')
    const asked = page.waitForEvent('dialog')
    const left = page.getByRole('link', { name: 'Encryption' }).click({ noWaitAfter: true })
    const question = await asked
    expect(question.type()).to.equal('beforeunload')
    await question.dismiss()
    await left
    expect(page.url()).to.match(/\/settings\/limits$/)
  })
  it('keep what was typed when the login has ended meanwhile, and take it after the next one', async () => {
    await using it = await mounted({ base: '/modules/ftp' })
    await using visitor = await visit(it.origin)
    await visitor.page.clock.install()
    const page = await visitor.open('/modules/ftp/settings/limits')
    await page.getByLabel('Connections at once').fill('7')
    await page.clock.fastForward('02:00')
    it.identity = undefined
    const save = page.getByRole('button', { name: 'Save' })
    await save.click()
    await page.getByText('Your login has ended. What you typed is still here.').waitFor()
    const login = page.getByRole('link', { name: 'Log in in a new tab' })
    expect([await login.getAttribute('href'), await login.getAttribute('target')]).to.deep.equal(['/login', '_blank'])
    expect(await page.getByLabel('Connections at once').inputValue()).to.equal('7')
    expect(visitor.complaints.splice(0).join()).to.match(/status of 401/)
    it.identity = { name: 'root', permission: 'manage', sessionId: 'two' }
    await save.click()
    await page.getByText('Saved.', { exact: true }).waitFor()
    expect(it.service.settings().settings.limits.connections).to.equal(7)
  })

  for (const javaScript of [true, false]) {
    it(`lead to the first value that is refused, ${javaScript ? 'with' : 'without'} script`, async () => {
      await using it = await mounted()
      await using visitor = await visit(it.origin, { javaScript })
      const page = await visitor.open('/settings')
      await page.getByLabel('LAN networks').fill('192.168.1.0/33')
      await page.getByRole('button', { name: 'Save' }).click()
      const field = page.locator('textarea[aria-invalid=true]:focus')
      await field.waitFor()
      expect(await field.inputValue()).to.equal('192.168.1.0/33')
      // Below the first screen of a long page, where nobody would look for it.
      const box = await field.boundingBox()
      expect(box?.y).to.be.within(0, 800)
    })
  }
})
