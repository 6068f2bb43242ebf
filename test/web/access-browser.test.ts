/** Access rules in a real browser: the form that says what a mask holds, moving by keyboard and by drag, the minute of a trial. */
import { expect } from 'chai'
import { rules } from '../access/rules.ts'
import { needsChromium, visit } from './browser.ts'
import { mounted, type Mounted } from './mounted.ts'

const BASE = '/modules/ftp'

describe('access rules in a browser', () => {
  let it_: Mounted

  before(async function () {
    needsChromium(this)
    it_ = await mounted({ base: BASE })
  })
  beforeEach(async () => {
    await it_.service.change({ settings: { access: { rules: rules('allow *.*.*.*', 'allow *:*') } } }, 'root')
  })
  after(async () => {
    await it_?.[Symbol.asyncDispose]()
  })

  const masks = () => it_.service.settings().settings.access.rules.map(({ mask }) => mask)

  it('says while one types that 192.0.2.0-24 is 25 addresses and no network', async () => {
    await using visitor = await visit(it_.origin)
    const page = await visitor.open(`${BASE}/access`)
    await page.getByRole('link', { name: 'Add a rule' }).focus()
    await page.keyboard.press('Enter')
    const dialog = page.locator('#dialog')
    await dialog.getByRole('heading', { name: 'New rule: Server' }).waitFor()
    await dialog.getByLabel('Addresses').fill('192.0.2.0-24')
    await dialog.getByText('25 addresses: 192.0.2.0 – 192.0.2.24').waitFor()
    await dialog.getByText('This is not the network 192.0.2.0/24.').waitFor()
    expect(await visitor.barriers()).to.deep.equal([])
    await dialog.getByLabel('Action').selectOption('deny')
    await dialog.getByLabel('Position').fill('1')
    await page.keyboard.press('Enter')
    await page.getByText('The rule for 192.0.2.0-24 is in force.').waitFor()
    expect(masks()).to.deep.equal(['192.0.2.0-24', '*.*.*.*', '*:*'])
  })

  it('moves a rule by keyboard, which keeps the focus, and by drag', async () => {
    await using visitor = await visit(it_.origin)
    const page = await visitor.open(`${BASE}/access`)
    await page.locator('tr[data-at="1"]').focus()
    await page.keyboard.press('Alt+ArrowUp')
    await page.getByText('The rule is number 1 now.').waitFor()
    await page.locator('tr[data-at="0"]:focus').waitFor()
    expect(masks()).to.deep.equal(['*:*', '*.*.*.*'])
    // A button that is pressed keeps it as well, and goes with its rule.
    await page.locator('tr[data-at="0"] button[value=down]').press('Enter')
    await page.getByText('The rule is number 2 now.').waitFor()
    await page.locator('tr[data-at="1"]:focus').waitFor()
    await page.locator('tr[data-at="1"] button[value=up]').press('Enter')
    await page.getByText('The rule is number 1 now.').waitFor()
    const below = await page.locator('tr[data-at="1"]').boundingBox()
    await page
      .locator('tr[data-at="0"] td.number')
      .dragTo(page.locator('tr[data-at="1"]'), { targetPosition: { x: 40, y: (below?.height ?? 0) - 4 } })
    await page.getByText('The rule is number 2 now.').waitFor()
    expect(masks()).to.deep.equal(['*.*.*.*', '*:*'])
  })

  it('asks for the own address, counts down on every page, and is confirmed without script', async () => {
    await using visitor = await visit(it_.origin)
    const page = await visitor.open(`${BASE}/access/rules/server/-/rule`)
    await page.getByLabel('Action').selectOption('deny')
    await page.getByLabel('Addresses').fill('127.0.0.1')
    await page.getByLabel('Position').fill('1')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Your own address 127.0.0.1 could not come in any more').waitFor()
    expect(await visitor.barriers()).to.deep.equal([])
    await page.getByLabel('To apply it, type: 127.0.0.1').fill('127.0.0.1')
    await page.getByRole('button', { name: 'Apply all the same' }).click()
    await page.locator('[data-trial]').waitFor()
    await page.locator('[data-count]', { hasText: /^(?:5[0-8]|[1-4]?\d)$/ }).waitFor()
    expect(await visitor.barriers()).to.deep.equal([])
    await using plain = await visit(it_.origin, { javaScript: false, width: 360 })
    const log = await plain.open(`${BASE}/log`)
    expect(await plain.overhang()).to.be.at.most(0)
    await log.getByRole('button', { name: 'Keep the rules' }).click()
    await log.getByText('The rules are kept.').waitFor()
    expect(log.url()).to.equal(`${it_.origin}${BASE}/log`)
    expect(it_.service.rules.trial).to.equal(undefined)
    expect(masks()[0]).to.equal('127.0.0.1')
  })

  it('counts a ban down, and says how many addresses the network around it has', async () => {
    for (let time = 0; time < 6; time++) it_.service.access.hammering.failed('203.0.113.9', 'root', 'default')
    await using visitor = await visit(it_.origin)
    const page = await visitor.open(`${BASE}/access/blocked`)
    const left = page.locator('td[data-left]')
    const before = await left.textContent()
    await left.filter({ hasNotText: before ?? '' }).waitFor()
    await page.getByRole('link', { name: 'Block the network of 203.0.113.9' }).click()
    await page.locator('#dialog').getByText('256 addresses: 203.0.113.0 – 203.0.113.255').waitFor()
    await page.locator('#dialog').getByRole('button', { name: 'Block', exact: true }).click()
    await page.getByText('203.0.113.0/24 is blocked.').waitFor()
    await page.getByRole('button', { name: 'Lift the block of 203.0.113.9' }).click()
    await page.getByText('203.0.113.9 may come in again.').waitFor()
  })
})
