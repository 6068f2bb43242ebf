/** The Log tab in a browser: what the script adds, and that nothing is missing without it. */
import { expect } from 'chai'
import { eventually } from '../cap.ts'
import { temporaryLog } from '../journal/temporary-log.ts'
import { needsChromium, visit } from './browser.ts'
import { logPages } from './log-pages.ts'

const many = (count: number, text: string, time = Date.now()) =>
  Array.from({ length: count }, (_, n) => ({ text: `${text}${n}`, time }))

/** Noon of a day of October 2026. */
const day = (number: number) => Date.parse(`2026-10-${number}T12:00:00Z`)

describe('the page "Log" in a browser', () => {
  before(function () {
    needsChromium(this)
  })

  it('appends new rows while the end is in view, and holds them back while it is not', async () => {
    await using log = await temporaryLog()
    await using pages = await logPages(log.journal)
    await log.write(...many(80, 'old'))
    await using visitor = await visit(pages.origin)
    const page = await visitor.open('/log')
    await page.getByRole('button', { name: 'Pause' }).waitFor()
    await log.write(...many(2, 'new'))
    await page.getByText('new1').waitFor()
    expect(await page.locator('tbody tr[id^=entry]').count()).to.equal(82)
    await page.evaluate('document.querySelector(".log-table").scrollTo(0, 0)')
    await log.write(...many(3, 'later'))
    const newest = page.getByRole('button', { name: 'To the newest (3)' })
    await newest.waitFor()
    expect(await page.getByText('later0').count()).to.equal(0)
    await newest.click()
    await page.getByText('later2').waitFor()
    expect(await newest.isVisible()).to.be.false
  })

  it('is printed whole, dark on light, without what can only be pressed', async () => {
    await using log = await temporaryLog()
    await using pages = await logPages(log.journal)
    await log.write(...many(80, 'line'))
    await using visitor = await visit(pages.origin, { theme: 'dark' })
    const page = await visitor.open('/log')
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' })
    for (const name of ['Pause', 'Search']) expect(await page.getByRole('button', { name }).count(), name).to.equal(0)
    expect(await page.locator('header.top, .log-side').filter({ visible: true }).count()).to.equal(0)
    // Nothing has to be moved to be seen: paper cannot.
    const box = page.locator('.log-table')
    const cut = await box.evaluate(
      (one: { scrollHeight: number; clientHeight: number }) => one.scrollHeight - one.clientHeight,
    )
    expect(cut).to.be.at.most(1)
    expect(await page.evaluate('getComputedStyle(document.documentElement).backgroundColor')).to.equal(
      'rgb(255, 255, 255)',
    )
  })

  it('pauses and goes on by a button, and keeps no more rows than it can bear', async () => {
    await using log = await temporaryLog()
    await using pages = await logPages(log.journal)
    await using visitor = await visit(pages.origin)
    const page = await visitor.open('/log')
    await page.getByRole('button', { name: 'Pause' }).click()
    for (let round = 0; round < 4; round++) {
      await log.write(...many(150, `r${round}-`))
      await page.getByRole('button', { name: `(${Math.min(500, 150 * (round + 1))})` }).waitFor()
    }
    expect(await page.getByText('There are no entries of today yet').isVisible()).to.be.true
    await page.getByRole('button', { name: 'Go on' }).click()
    await page.getByText('r3-149').waitFor()
    expect(await page.locator('tbody tr[id^=entry]').count()).to.equal(500)
    expect(await page.getByText('There are no entries of today yet').count()).to.equal(0)
  })

  it('searches while somebody types, keeps the words, and the address can be shared', async () => {
    await using log = await temporaryLog()
    await using pages = await logPages(log.journal, { base: '/modules/ftp' })
    await log.write(...many(3, 'apple', Date.now()), ...many(2, 'pear', Date.now()))
    await using visitor = await visit(new URL(pages.origin).origin)
    const page = await visitor.open('/modules/ftp/log')
    const box = page.getByRole('searchbox')
    await box.pressSequentially('pear')
    await page.getByText('2 entries found').waitFor()
    expect(await box.inputValue()).to.equal('pear')
    expect(await page.evaluate('document.activeElement.id')).to.equal('log-words')
    await eventually(() => page.url().endsWith('q=pear'), 'the address says it')
    await page.getByLabel('Error').check()
    await page.getByText('0 entries found').waitFor()
    await eventually(() => page.url().includes('kind=error'), 'the address says it')
    // The calendar leads on with the same filters, and what matches still comes by itself.
    expect(await page.getByRole('link', { name: 'Previous month' }).getAttribute('href')).to.include('q=pear')
    await log.write({ text: 'pear again', kind: 'error', time: Date.now() })
    await page.getByText('pear again').waitFor()
  })

  it('walks over the days of the calendar by arrow keys', async () => {
    await using log = await temporaryLog()
    await using pages = await logPages(log.journal)
    await log.write({ time: day(12) }, { time: day(14) }, { time: day(19) })
    await using visitor = await visit(pages.origin)
    const page = await visitor.open('/log?day=2026-10-12')
    const focused = () => page.evaluate<string>('document.activeElement.firstElementChild.textContent')
    await page.locator('.log-day[aria-current]').focus()
    await page.keyboard.press('ArrowRight')
    expect(await focused()).to.equal('14')
    await page.keyboard.press('ArrowLeft')
    await page.keyboard.press('ArrowDown')
    expect(await focused()).to.equal('19')
    await page.keyboard.press('Enter')
    await page.waitForURL(/day=2026-10-19/)
  })

  it('does all of it without script', async () => {
    await using log = await temporaryLog()
    await using pages = await logPages(log.journal)
    await log.write(...many(250, 'n'))
    await using visitor = await visit(pages.origin, { javaScript: false })
    const page = await visitor.open('/log')
    await page.getByRole('searchbox').fill('n1')
    await page.getByLabel('Message').check()
    await page.getByRole('button', { name: 'Search' }).click()
    await page.getByText('111 entries found').waitFor()
    await page
      .getByRole('spinbutton')
      .or(page.getByLabel('Page', { exact: true }))
      .fill('1')
    await page.getByRole('button', { name: 'Go' }).click()
    expect(await page.locator('tbody tr[id^=entry]').count()).to.equal(100)
    expect(page.url()).to.include('q=n1').and.to.include('page=1')
  })

  for (const [locale, theme, width] of [
    ['en', 'light', 1280],
    ['ru', 'dark', 360],
  ] as const) {
    it(`has no barriers and nothing beyond the edge at ${width} px, ${theme}, ${locale}`, async () => {
      await using log = await temporaryLog()
      await using pages = await logPages(log.journal, { presentation: { locale, theme } })
      const kinds = ['message', 'status', 'warning', 'error'] as const
      await log.write(
        ...Array.from({ length: 240 }, (_, n) => ({
          time: Date.now(),
          kind: kinds[n % 4] ?? 'message',
          user: `anna${n}`,
          session: '0123456789-abcdef',
          address: '2001:db8:85a3:1234:5678:8a2e:370:7334',
          text: `Received /Scans/${'long-name-'.repeat(9)}.pdf`,
          bytes: 12_345_678,
          seconds: 1.5,
          event: 'transfer-ended',
          verdict: { rule: 'right.delete', level: 'group' as const },
        })),
      )
      await using visitor = await visit(pages.origin, { width })
      for (const path of ['/log', '/log?page=1&q=scans', '/log?q=none', '/log/session/0123456789-abcdef']) {
        await visitor.open(path)
        expect(await visitor.barriers(), path).to.deep.equal([])
        expect(await visitor.overhang(), path).to.be.at.most(0)
      }
    })
  }
})
