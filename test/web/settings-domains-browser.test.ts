/** The form of a domain in a browser: picked certificate, boxes that appear, a dialog before it goes; no barriers. */
import { expect } from 'chai'
import { RawClient } from '../raw-client.ts'
import { needsChromium, visit } from './browser.ts'
import { mounted } from './mounted.ts'

const PRESET = {
  enabled: true,
  resources: [
    { name: 'Scans', folder: 'scans' },
    { name: 'Papers', folder: 'papers' },
  ],
}

describe('domains in a browser', function () {
  this.timeout(60_000)

  before(function () {
    needsChromium(this)
  })

  it('come and go: from the quiet entry to the dialog that deletes', async () => {
    await using it = await mounted({ base: '/modules/ftp', preset: PRESET })
    await using visitor = await visit(it.origin)
    const page = await visitor.open('/modules/ftp/settings')
    await page.getByRole('link', { name: 'Add a domain' }).click()
    await page.getByLabel('Name', { exact: true }).fill('Office')
    await page.getByLabel('Host names').fill('office.example')
    await page.getByRole('link', { name: 'Choose a certificate' }).press('Enter')
    await page.getByRole('link', { name: 'Use Self-signed' }).press('Enter')
    expect(await page.getByLabel('Certificate', { exact: true }).inputValue()).to.equal('self-signed')
    expect(await page.getByRole('checkbox', { name: 'Papers' }).isVisible()).to.equal(false)
    await page.getByRole('radio', { name: 'Only these' }).check()
    await page.getByRole('checkbox', { name: 'Papers' }).check()
    await page.getByLabel('Greeting').fill('The office.')
    await page.getByRole('button', { name: 'Save', exact: true }).last().click()
    await page.getByText('The domain “Office” is saved.').waitFor()
    expect(await visitor.barriers()).to.deep.equal([])
    expect(it.service.settings().domains[0]).to.deep.include({ certificate: 'self-signed', resources: ['Papers'] })
    await using client = await RawClient.connect(it.port)
    await client.say('HOST office.example', /The office\./)

    await page.getByRole('link', { name: 'Delete the domain “Office”' }).click()
    await page.getByRole('dialog').getByText('1 session, which ends at its next command.').waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete the domain “Office”' }).click()
    await page.getByText('The domain “Office” is deleted.').waitFor()
    expect(it.service.settings().domains).to.deep.equal([])
  })

  it('have a form without barriers, narrow and dark, with what is wrong in it', async () => {
    const domain = { name: 'Office', names: ['office.example'], listeners: [{ port: 0, address: '127.0.0.1' }] }
    await using it = await mounted({ preset: { ...PRESET, domains: [domain] } })
    it.presentation = { ...it.presentation, theme: 'dark', locale: 'ru' }
    await using visitor = await visit(it.origin, { width: 360 })
    const page = await visitor.open('/settings/domains/office')
    await page.getByLabel('Имена узла').fill('192.0.2.1')
    await page.getByRole('group', { name: 'Ограничения домена по часам' }).getByRole('button').click()
    await page.getByRole('button', { name: 'Сохранить', exact: true }).last().click()
    await page.locator('#f-names-error').waitFor()
    visitor.complaints.splice(0)
    expect(await visitor.barriers()).to.deep.equal([])
    expect(await visitor.overhang()).to.equal(0)
  })
})
