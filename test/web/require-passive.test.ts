/** "Require passive transfers" as administrators know it: in the browser, and then with clients that only know active mode. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Page } from 'playwright-core'
import { needs, python, run } from '../real-clients.ts'
import { needsChromium, visit } from './browser.ts'
import { type Mounted, mounted } from './mounted.ts'

const TEXT = 'Command not implemented. (ACTIVE mode is not supported - use PASSIVE instead!)'

const PRESET = {
  users: [{ name: 'anna', password: 'password 1' }],
  resources: [{ name: 'Scans', folder: 'scans', rights: [{ user: 'anna', level: 'readWrite' }] }],
}

/** Active mode: the answer to every attempt. Then passive mode: what is there, and what FEAT and HELP say. */
const CLIENT = `
import ftplib, sys
ftp = ftplib.FTP()
ftp.connect('127.0.0.1', int(sys.argv[1]), timeout=10)
ftp.login('anna', 'password 1')
ftp.set_pasv(False)
for attempt in (lambda: ftp.nlst('/Scans'), lambda: ftp.sendcmd('EPRT |1|127.0.0.1|50000|')):
    try:
        attempt()
        print('went through')
    except ftplib.error_perm as refusal:
        print(refusal)
print(' '.join((ftp.sendcmd('FEAT') + ftp.sendcmd('HELP')).split()))
ftp.set_pasv(True)
print(ftp.nlst('/Scans'))
`

async function served(): Promise<Mounted> {
  const it = await mounted({ preset: PRESET })
  await mkdir(join(it.shell.storageFolder, 'scans'), { recursive: true })
  await writeFile(join(it.shell.storageFolder, 'scans', 'a.txt'), 'hello')
  return it
}

async function save(page: Page): Promise<void> {
  await page.locator('.save-bar button.primary').click()
  await page.getByText('Saved.', { exact: true }).waitFor()
}

describe('passive transfers are required', () => {
  before(function () {
    needsChromium(this)
    needs(this, 'python3')
    needs(this, 'curl')
  })

  it('by switching PORT and EPRT off and saying so in the text of 502: active clients read it, passive ones work', async () => {
    await using it = await served()
    const [first] = (await python(CLIENT, it.port)).split('\n')
    expect(first, 'active mode works before').to.equal('went through')

    await using visitor = await visit(it.origin)
    const page = await visitor.open('/settings/commands')
    await page.getByRole('checkbox', { name: 'EPRT is on' }).uncheck()
    await page.getByRole('searchbox', { name: 'Search commands' }).fill('port')
    await page.getByRole('checkbox', { name: 'PORT is on' }).uncheck()
    await save(page)
    expect(await page.getByText('Active mode is off.').isVisible(), 'the two are "passive only"').to.equal(true)
    await visitor.open('/settings/messages')
    await page.getByRole('textbox', { name: 'Own text of 502' }).fill(TEXT)
    await page.locator('#previews', { hasText: `502 ${TEXT}` }).waitFor()
    await save(page)

    const [list, eprt, told, passive] = (await python(CLIENT, it.port)).split('\n')
    expect([list, eprt]).to.deep.equal([`502 ${TEXT}`, `502 ${TEXT}`])
    expect(told)
      .to.match(/\bEPSV\b/)
      .and.match(/\bPASV\b/)
      .and.not.match(/\b(?:PORT|EPRT)\b/)
    expect(passive).to.equal("['/Scans/a.txt']")
    const url = `ftp://anna:password%201@127.0.0.1:${it.port}/Scans/a.txt`
    const active = await run('curl', ['-sv', '--max-time', '10', '-P', '-', url])
    expect(active.code, 'curl gives up on PORT').to.equal(30)
    expect(active.stderr).to.include(`502 ${TEXT}`)
    expect((await run('curl', ['-s', '--max-time', '10', url])).stdout).to.equal('hello')
  })

  it('by one button, with a text of its own for PORT, and taken back by the same button', async () => {
    await using it = await served()
    await using visitor = await visit(it.origin)
    const page = await visitor.open('/settings/commands')
    await page.getByRole('button', { name: 'Allow passive mode only' }).click()
    await page.getByText('Active mode is off.').waitFor()
    await page.getByRole('textbox', { name: 'Own text of 502 for PORT' }).fill('Use passive mode, $Name.')
    await save(page)
    const [list, eprt] = (await python(CLIENT, it.port)).split('\n')
    expect([list, eprt]).to.deep.equal(['502 Use passive mode, anna.', '502 Command not implemented.'])
    await page.getByRole('button', { name: 'Allow active mode again' }).click()
    await page.getByText('Active mode is on.').waitFor()
    expect((await python(CLIENT, it.port)).split('\n')[0]).to.equal('went through')
  })
})
