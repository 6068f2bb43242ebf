/** Accounts in Chromium: a day with hours added by hand, with and without script, on a narrow screen. */
import { expect } from 'chai'
import { needsChromium, visit } from './browser.ts'
import { type Mounted, mounted } from './mounted.ts'

const PRESET = {
  users: [{ name: 'anna', password: 'a password', groups: ['staff'] }],
  accounts: { groups: { staff: { limits: { sessions: 4 } } } },
}
const ANNA = '/access/accounts/user/anna'

describe('the pages of accounts in a browser', function () {
  this.timeout(60_000)
  let it_: Mounted
  before(async function () {
    needsChromium(this)
    it_ = await mounted({ preset: PRESET })
  })
  after(() => it_?.[Symbol.asyncDispose]())

  for (const javaScript of [true, false]) {
    it(`add hours to a user and show who decides then, ${javaScript ? 'with' : 'without'} script`, async () => {
      await it_.service.change({ accounts: { users: { anna: null } } }, 'admin')
      await using visitor = await visit(it_.origin, { javaScript, width: 360 })
      const page = await visitor.open('/access')
      await page.getByRole('link', { name: 'Accounts' }).click()
      await page.getByRole('link', { name: 'anna', exact: true }).click()
      await page.getByLabel('From outside').selectOption({ label: 'Not allowed' })
      await page.getByRole('button', { name: 'Add hours' }).click()
      // What was typed is still there, and the row waits to be filled.
      expect(await page.getByLabel('From outside').inputValue()).to.equal('off')
      const row = page.getByRole('group', { name: 'Row 1' })
      await row.getByLabel('Fri').check()
      await row.getByLabel('From', { exact: true }).fill('20:00')
      await row.getByLabel('To', { exact: true }).fill('06:00')
      await row.getByLabel('Download speed').fill('500 kB')
      if (javaScript) expect(await visitor.barriers()).to.deep.equal([])
      expect(await visitor.overhang()).to.be.at.most(0)
      await page.locator('.save-bar').getByRole('button', { name: 'Save' }).click()
      await page.waitForURL('**/access/accounts')
      expect(it_.service.settings().accounts.users['anna']).to.deep.include({
        fromOutside: false,
        hours: [{ days: ['fri'], from: '20:00', to: '06:00', limits: { downloadBytesPerSecond: 500_000 } }],
      })
      await visitor.open('/access/accounts/effective?user=anna&at=2026-11-20T23:00')
      const decided = page.getByRole('row').filter({ hasText: 'Download speed' })
      expect(await decided.innerText()).to.match(/500 kB\/s[^]*user anna, Fri 20:00–06:00/)
      expect(visitor.complaints).to.deep.equal([])
    })
  }

  it('warn of leaving with unsaved changes and save with the Enter key', async () => {
    await using visitor = await visit(it_.origin)
    const page = await visitor.open(ANNA)
    await page.getByLabel('Sessions at once').first().fill('3')
    expect(await page.getByText('There are changes that are not saved.').isVisible()).to.equal(true)
    await page.getByLabel('Sessions at once').first().press('Enter')
    await page.waitForURL('**/access/accounts')
    expect(it_.service.settings().accounts.users['anna']?.limits.sessions).to.equal(3)
  })
})
