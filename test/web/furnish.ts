/** What only an administrator's own hands bring to the pages: a token, bans, a certificate, a disk, a colleague. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { PASSWORD } from './office.ts'

/** Posts the forms of a browser that is logged in; `folder` is one for a further disk. */
export async function furnish(page: Page, folder: string): Promise<void> {
  const disk = join(folder, 'usb')
  await mkdir(disk)
  await post(page, '/settings/api-tokens', { note: 'Monitoring', permission: 'view' })
  await post(page, '/access/blocked/ban', { mask: '198.51.100.7', end: 'minutes', minutes: '30', note: 'Scans us' })
  await post(page, '/access/blocked/ban', { mask: '198.51.100.0/28', end: 'minutes', minutes: '9', domain: 'devices' })
  await post(page, '/appliance/certificates/make', { id: 'nas', names: 'nas.lan', kind: 'ec', how: 'self-signed' })
  await post(page, '/appliance/system/storage/add', { label: 'USB disk', path: disk })
  const olga = { name: 'olga', permission: 'view', password: PASSWORD, repeat: PASSWORD }
  await post(page, '/appliance/system/administrators/add', olga)
}

/** Sends a form with the token of this login, and answers the page that comes of it. */
async function post(page: Page, path: string, fields: Readonly<Record<string, string>>): Promise<string> {
  const own = await (await page.request.get('/appliance/account')).text()
  const [, token = ''] = /name="_csrf" value="([^"]+)"/.exec(own) ?? []
  const answer = await page.request.post(path, { form: { _csrf: token, ...fields } })
  if (!answer.ok()) throw new Error(`${path} was answered with ${answer.status()}`)
  return answer.text()
}
