/** What an administrator does in the browser, in any language, with script or without. */
import { expect } from 'chai'
import type { Page } from 'playwright-core'
import type { Look, Visitor } from './browser.ts'

export const PASSWORD = 'correct horse battery'

export class Administrator {
  readonly page: Page
  readonly #script: boolean

  constructor(visitor: Visitor, { javaScript = true }: Look) {
    this.page = visitor.page
    this.#script = javaScript
  }

  /** The first visit: a wrong code keeps what was typed, the right one lets in. */
  async setUp(code: string): Promise<void> {
    const { page } = this
    await page.goto('/')
    expect(page.url()).to.match(/\/setup$/)
    for (const attempt of ['AAAA-AAAA-AAAA-AAAA', code]) {
      await page.fill('[name=code]', attempt)
      await page.fill('[name=name]', 'admin')
      await page.fill('[name=password]', PASSWORD)
      await page.fill('[name=repeat]', PASSWORD)
      await page.click('main button.primary')
      if (attempt !== code) await page.locator('#f-code-error').waitFor()
    }
    await page.waitForURL('**/appliance/first-steps')
  }

  /** A certificate of the appliance, chosen for FTP through the picker; ports that are free. */
  async connection(): Promise<void> {
    const { page } = this
    await page.goto('/appliance/certificates/make')
    await page.fill('[name=id]', 'office')
    await page.fill('[name=names]', 'ftp.office.example')
    await page.click('main button.primary')
    await page.locator('main a[href*="id=office"]').first().waitFor()
    await page.goto('/settings/encryption')
    await page.click('a[data-target="f-tls-certificate"]')
    await page.click('[data-pick="office"]')
    await page.locator('#f-tls-certificate').waitFor()
    expect(await page.inputValue('#f-tls-certificate')).to.equal('office')
    await this.save()
    await page.goto('/settings')
    await page.fill('[name=port]', '0')
    await page.fill('[name=address]', '127.0.0.1')
    await page.fill('[name=passivePorts]', '99999')
    await this.save()
    await page.locator('#f-passivePorts-error').waitFor()
    expect(await page.inputValue('[name=passivePorts]'), 'what was typed').to.equal('99999')
    await page.fill('[name=passivePorts]', 'any')
    await this.save()
    await page.locator('.notice.good').waitFor()
  }

  async addUser(name: string, password: string): Promise<void> {
    const { page } = this
    await page.goto('/appliance/users/add')
    await page.fill('[name=name]', name)
    await page.fill('[name=password]', password)
    await page.fill('[name=repeat]', password)
    await this.save()
    await page.waitForURL('**/appliance/users')
  }

  /** A resource in a folder that the picker makes: rights for each user by level, and what guests may. */
  async addResource(
    name: string,
    folder: string,
    rights: Readonly<Record<string, string>>,
    guests: string,
  ): Promise<void> {
    const { page } = this
    await page.goto('/resources/new')
    await page.fill('[name=name]', name)
    await page.click('button[name=pick][value=folder]')
    await page.fill('[name="pick.new"]', folder)
    await page.click('button[name="pick.create"]:not(.visually-hidden)')
    await page.locator('.trail strong', { hasText: folder }).waitFor()
    await page.click('button[name="pick.choose"]')
    await page.locator('#f-folder').waitFor()
    expect(await page.inputValue('#f-folder')).to.equal(folder)
    for (const [user, level] of Object.entries(rights)) {
      await page.fill('[name="rights.add.name"]', user)
      await page.click('button[name=do][value="add:rights"]')
      const row = page.locator('#rights tr', { hasText: user })
      await row.locator('select').selectOption(level)
    }
    await page.selectOption('[name="guests.profile"]', guests)
    await page.click('.save-bar button.primary')
    await page.waitForURL('**/resources')
    await page.locator('main', { hasText: name }).waitFor()
  }

  async turnOn(): Promise<void> {
    await this.page.goto('/')
    await this.page.click('main button[name=to][value=on]')
    await this.page.locator('.start-state .badge.good').waitFor()
  }

  /** Through the question how long, which is a dialog where there is script. */
  async turnOff(): Promise<void> {
    const { page } = this
    await page.goto('/')
    await page.click('a[href="/turn-off"]')
    const place = this.#script ? '#dialog' : 'main'
    await page.click(`${place} button[name=to][value=off]`)
    await page.locator('.start-state .badge.plain').waitFor()
  }

  /** Presses the button at the end of a form. */
  async save(): Promise<void> {
    await this.page.click('.save-bar button.primary')
    await this.page.waitForLoadState('domcontentloaded')
  }
}
