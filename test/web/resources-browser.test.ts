/** Resources in a real browser: the dialogs of the folder picker and of exact rights, and that everything works without script. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { needsChromium, visit } from './browser.ts'
import { mounted, type Mounted } from './mounted.ts'

const PRESET = {
  users: [{ name: 'anna', password: 'secret', groups: ['staff'] }],
  resources: [
    {
      name: 'Scans',
      folder: 'scans',
      rights: [{ user: 'anna', level: 'read' }],
      guests: { profile: 'readWrite', from: 'everywhere' },
    },
  ],
}

/** The module with some folders to pick from. */
async function withFolders(): Promise<Mounted> {
  const it = await mounted({ preset: PRESET, base: '/modules/ftp' })
  const root = (await it.shell.storage.roots())[0]?.path ?? ''
  for (const folder of ['scans/2026', 'scans/archive']) await mkdir(join(root, folder), { recursive: true })
  return it
}

describe('resources in a browser', () => {
  before(function () {
    needsChromium(this)
  })

  it('picks a folder by keyboard alone and gives the focus back', async () => {
    await using it = await withFolders()
    await using visitor = await visit(it.origin)
    const page = await visitor.open(`${it.base}/resources/Scans`)
    const opener = page.getByRole('button', { name: 'Choose the folder' })
    await opener.focus()
    await page.keyboard.press('Enter')
    const dialog = page.locator('#dialog')
    await dialog.getByRole('heading', { name: 'Choose a folder: scans' }).waitFor()
    expect(await visitor.barriers()).to.deep.equal([])
    await dialog.getByRole('button', { name: '2026' }).focus()
    await page.keyboard.press('Enter')
    await dialog.getByRole('heading', { name: 'Choose a folder: 2026' }).waitFor()
    await dialog.getByLabel('New folder').fill('october')
    await page.keyboard.press('Enter')
    await dialog.getByRole('heading', { name: 'Choose a folder: october' }).waitFor()
    await dialog.getByRole('button', { name: 'Choose october' }).focus()
    await page.keyboard.press('Enter')
    await dialog.waitFor({ state: 'hidden' })
    expect(await page.getByLabel('Folder', { exact: true }).inputValue()).to.equal('scans/2026/october')
    await page.locator('button.pick:focus').waitFor()
    await page.getByText('There are changes that are not saved.').waitFor()
  })

  it('opens the exact rights as a window whose boxes and level follow each other', async () => {
    await using it = await withFolders()
    await using visitor = await visit(it.origin)
    const page = await visitor.open(`${it.base}/resources/Scans`)
    const level = page.getByLabel('Rights of anna', { exact: true })
    await page.getByLabel('Exact rights of anna').first().click()
    const boxes = page.getByRole('dialog', { name: 'Exact rights of anna' })
    expect(await boxes.getByLabel('download').isChecked()).to.equal(true)
    await boxes.getByLabel('delete').check()
    await boxes.getByRole('button', { name: 'Done' }).click()
    expect(await level.inputValue()).to.equal('custom')
    await page.getByRole('button', { name: 'Save' }).last().click()
    await page.waitForURL('**/resources')
    expect(it.service.settings().resources[0]?.rights).to.deep.equal([
      { user: 'anna', level: 'custom', rights: ['download', 'delete', 'list'] },
    ])
  })

  it('asks in a dialog before it deletes, and can be left', async () => {
    await using it = await withFolders()
    await using visitor = await visit(it.origin)
    const page = await visitor.open(`${it.base}/resources`)
    await page.getByRole('link', { name: 'Delete Scans' }).click()
    const dialog = page.locator('#dialog')
    await dialog.getByRole('heading', { name: 'Delete the resource Scans?' }).waitFor()
    await dialog.getByRole('link', { name: 'Cancel' }).click()
    await dialog.waitFor({ state: 'hidden' })
    await page.getByRole('link', { name: 'Delete Scans' }).click()
    await dialog.getByRole('button', { name: 'Delete Scans' }).click()
    await page.getByText('The resource Scans was deleted.').waitFor()
    expect(it.service.settings().resources).to.have.length(0)
  })

  it('keeps the focus on the row whose resource is switched off and on', async () => {
    const resources = Array.from({ length: 25 }, (_, at) => ({ name: `Number ${at}`, folder: 'scans' }))
    await using it = await mounted({ preset: { resources } })
    await using visitor = await visit(it.origin)
    const page = await visitor.open('/resources')
    await page.getByRole('button', { name: 'Switch off Number 20' }).press('Enter')
    await page.locator('button:focus[aria-label="Switch on Number 20"]').press('Enter')
    await page.locator('button:focus[aria-label="Switch off Number 20"]').waitFor()
    expect(it.service.settings().resources[20]?.enabled).to.equal(true)
  })

  it('does all of it without script', async () => {
    await using it = await withFolders()
    await using visitor = await visit(it.origin, { javaScript: false })
    const page = await visitor.open(`${it.base}/resources/Scans`)
    await page.getByRole('button', { name: 'Choose the folder' }).click()
    await page.getByRole('button', { name: 'archive' }).click()
    await page.getByRole('button', { name: 'Choose archive' }).click()
    await page.getByLabel('Exact rights of anna').first().click()
    await page.getByLabel('delete').check()
    await page.getByLabel('Rights of anna', { exact: true }).selectOption('custom')
    await page.getByLabel('Add a user or a group').fill('staff')
    await page.getByRole('button', { name: 'Add', exact: true }).first().click()
    await page.getByRole('button', { name: 'Save' }).last().click()
    await page.waitForURL('**/resources')
    expect(it.service.settings().resources[0]).to.deep.include({ folder: 'scans/archive' })
    expect(it.service.settings().resources[0]?.rights).to.deep.equal([
      { user: 'anna', level: 'custom', rights: ['download', 'delete', 'list'] },
      { group: 'staff', level: 'read' },
    ])
  })

  it('warns plainly when guests may write or come from everywhere, and only then', async () => {
    await using it = await withFolders()
    await using visitor = await visit(it.origin)
    const page = await visitor.open(`${it.base}/resources/Scans`)
    const write = page.getByText('without a password.').last()
    const everywhere = page.getByText('the whole Internet')
    expect([await write.isVisible(), await everywhere.isVisible()]).to.deep.equal([true, true])
    await page.getByLabel('Guest access').selectOption('read')
    await page.getByLabel('Guests come from').selectOption('networks')
    expect([await write.isVisible(), await everywhere.isVisible()]).to.deep.equal([false, false])
    expect(await page.getByLabel('Networks').isVisible()).to.equal(true)
  })

  for (const look of [
    { width: 360, theme: 'dark', locale: 'ru' },
    { width: 1280, theme: 'light', locale: 'en' },
  ] as const) {
    it(`has no barriers and nothing beyond the edge at ${look.width} px, ${look.theme}`, async () => {
      await using it = await withFolders()
      it.presentation = { ...it.presentation, theme: look.theme, locale: look.locale }
      await using visitor = await visit(it.origin, look)
      const paths = ['', '/new', '/Scans', '/effective?user=anna&path=/Scans', '/Scans/delete']
      for (const path of paths) {
        await visitor.open(`${it.base}/resources${path}`)
        expect(await visitor.barriers(), path).to.deep.equal([])
        expect(await visitor.overhang(), path).to.equal(0)
      }
    })
  }
})
