/** The folder picker without script: a page that carries the form along. */
import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { formFields } from './form-fields.ts'
import { mounted, type Mounted } from './mounted.ts'

const PRESET = { resources: [{ name: 'Scans', folder: 'scans', rights: [{ group: 'staff', level: 'read' }] }] }
const PICKER = '/resources/folders'

/** Folders as people have them, and the form of the resource as it was opened. */
async function prepared(it: Mounted): Promise<{ root: string; fields: Record<string, string | string[]> }> {
  const root = (await it.shell.storage.roots())[0]?.path ?? ''
  for (const folder of ['scans/2026/october', 'scans/<b>bold', 'photos']) {
    await mkdir(join(root, folder), { recursive: true })
  }
  await writeFile(join(root, 'file.txt'), '')
  return { root, fields: formFields((await it.get('/resources/Scans')).text, '/resources/Scans') }
}

describe('the folder picker', () => {
  it('opens where the field stands, with the way up, the folders and the free space', async () => {
    await using it = await mounted({ preset: PRESET })
    const { fields } = await prepared(it)
    const { text } = await it.post(PICKER, { ...fields, pick: 'folder' })
    expect(text).to.include('Choose a folder: scans').and.include('<bdi>2026</bdi>').and.include('<bdi>Data</bdi>')
    expect(text)
      .to.include('<bdi>&lt;b&gt;bold</bdi>')
      .and.match(/[\d.]+ [TGM]B free/)
  })

  it('goes down level by level and leads back to the form with the choice and all that was typed', async () => {
    await using it = await mounted({ preset: PRESET })
    const { fields } = await prepared(it)
    const first = await it.post(PICKER, { ...fields, description: 'typed "so far"', pick: 'folder' })
    const down = await it.post(PICKER, { ...formFields(first.text, PICKER), 'pick.open': 'scans/2026' })
    expect(down.text).to.include('<bdi>october</bdi>')
    const back = await it.post(PICKER, { ...formFields(down.text, PICKER), 'pick.choose': '1' })
    const form = formFields(back.text, '/resources/Scans')
    expect(form['folder']).to.deep.equal(['scans/2026'])
    expect(form['description']).to.deep.equal(['typed "so far"'])
    expect(form['rights.0.name']).to.deep.equal(['staff'])
    expect((await it.post('/resources/Scans', form)).status).to.equal(303)
    expect(it.service.settings().resources[0]?.folder).to.equal('scans/2026')
  })

  it('can be left without a choice', async () => {
    await using it = await mounted({ preset: PRESET })
    const { fields } = await prepared(it)
    const first = await it.post(PICKER, { ...fields, name: 'Typed', pick: 'folder' })
    const back = await it.post(PICKER, { ...formFields(first.text, PICKER), 'pick.cancel': '1' })
    expect(formFields(back.text, '/resources/Scans')).to.deep.include({ folder: ['scans'], name: ['Typed'] })
  })

  it('makes a folder and goes into it, and the log says who made it', async () => {
    await using it = await mounted({ preset: PRESET })
    const { root, fields } = await prepared(it)
    const first = await it.post(PICKER, { ...fields, pick: 'folder' })
    const sent = { ...formFields(first.text, PICKER), 'pick.create': '1' }
    const made = await it.post(PICKER, { ...sent, 'pick.new': ' Счета ' })
    expect(made.text).to.include('Choose a folder: Счета')
    expect(await readdir(join(root, 'scans'))).to.include('Счета')
    expect(it.audited).to.deep.include({
      level: 'notice',
      event: 'folder.made',
      text: 'The folder Data/scans/Счета was made.',
      by: 'root',
    })
    const again = await it.post(PICKER, { ...sent, 'pick.new': 'Счета' })
    expect(again.text).to.include('There is something of this name already.').and.include('value="Счета"')
  })

  it('picks below the folder of the resource for a subfolder with rights of its own', async () => {
    await using it = await mounted({ preset: PRESET })
    const { fields } = await prepared(it)
    const first = await it.post(PICKER, { ...fields, pick: 'exceptions.add.path' })
    expect(first.text).to.include('<bdi>2026</bdi>').and.not.include('photos')
    const down = await it.post(PICKER, { ...formFields(first.text, PICKER), 'pick.open': '2026/october' })
    const back = await it.post(PICKER, { ...formFields(down.text, PICKER), 'pick.choose': '1' })
    expect(formFields(back.text, '/resources/Scans')['exceptions.add.path']).to.deep.equal(['2026/october'])
  })

  it('starts above the private folders where the field names %USER%', async () => {
    await using it = await mounted({ preset: PRESET })
    const { fields } = await prepared(it)
    const { text } = await it.post(PICKER, { ...fields, folder: 'photos/%USER%', pick: 'folder' })
    expect(text).to.include('Choose a folder: photos')
    const inside = await it.post(PICKER, { ...fields, folder: 'photos/%USER%', pick: 'exceptions.add.path' })
    expect(inside.text).to.include('Every user has a folder of their own here.')
  })

  it('shows the nearest folder above one that is not there', async () => {
    await using it = await mounted({ preset: PRESET })
    const { fields } = await prepared(it)
    const { text } = await it.post(PICKER, { ...fields, folder: 'scans/gone/deeper', pick: 'folder' })
    expect(text).to.include('Choose a folder: scans').and.include('is not there')
  })

  it('never leaves the storage: dots, absolute paths and links', async () => {
    await using it = await mounted({ preset: PRESET })
    const { root, fields } = await prepared(it)
    await symlink('/etc', join(root, 'scans', 'link'))
    for (const path of ['..', '../..', 'scans/../../..', '/etc', 'scans/link', 'scans/link/ssl', 'a\0b']) {
      const { status, text } = await it.post(PICKER, { ...fields, pick: 'folder', 'pick.open': path })
      expect(status, path).to.equal(200)
      expect(text, path).to.not.match(/<bdi>(?:ssl|passwd|link|usr)<\/bdi>/)
    }
    for (const name of ['..', '../out', 'a/b', '', '.']) {
      const sent = { ...fields, pick: 'folder', 'pick.at': 'scans', 'pick.create': '1', 'pick.new': name }
      expect((await it.post(PICKER, sent)).text, name).to.include('A name has 1 to 255 bytes')
    }
    expect((await readdir(join(root, '..'))).includes('out')).to.equal(false)
  })

  it('keeps to its base when an exception is picked', async () => {
    await using it = await mounted({ preset: PRESET })
    const { fields } = await prepared(it)
    const sent = { ...fields, pick: 'exceptions.add.path', 'pick.base': 'scans', 'pick.open': '../photos' }
    expect((await it.post(PICKER, sent)).text).to.not.include('Choose a folder: photos')
  })
})
