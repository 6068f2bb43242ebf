/** The form of a resource. */
import { expect } from 'chai'
import { formFields } from './form-fields.ts'
import { mounted, type Mounted } from './mounted.ts'

const PRESET = {
  users: [
    { name: 'anna', password: 'secret', groups: ['staff'] },
    { name: 'boris', password: 'secret' },
  ],
  resources: [
    {
      name: 'Scans',
      folder: 'scans',
      rights: [
        { user: 'anna', level: 'custom', rights: ['upload', 'list'] },
        { group: 'staff', level: 'read' },
      ],
      exceptions: [{ path: 'private', rights: [{ group: 'staff', level: 'none' }] }],
      guests: { profile: 'dropBox', from: 'networks', networks: ['10.0.0.0/8', '2001:db8::1'] },
      options: { maximumFileBytes: 500e6, hiddenNames: ['*.bak', '.*'], atomicUploads: false, partialUploads: 'keep' },
    },
    { name: 'Other', folder: 'other' },
  ],
}

/** What a browser would send of the form. */
async function opened(it: Mounted, path: string): Promise<Record<string, string | string[]>> {
  return formFields((await it.get(path)).text, path)
}

describe('the form of a resource', () => {
  it('saves a new resource with everything in it', async () => {
    await using it = await mounted({ preset: { users: PRESET.users } })
    const blank = await opened(it, '/resources/new')
    const { status } = await it.post('/resources/new', {
      ...blank,
      name: 'Plans',
      folder: 'plans/2026/',
      'rights.add.kind': 'group',
      'rights.add.name': 'staff',
      'guests.profile': 'read',
      'options.maximumBytes': '10 GB',
      'options.refusedNames': '*.exe\r\n\r\n *.bat ',
    })
    expect(status).to.equal(303)
    expect(it.service.settings().resources[0]).to.deep.include({
      name: 'Plans',
      folder: 'plans/2026',
      rights: [{ group: 'staff', level: 'read' }],
      guests: { profile: 'read', from: 'lan', networks: [] },
    })
    const options = it.service.settings().resources[0]?.options
    expect(options).to.deep.include({ maximumBytes: 10e9, refusedNames: ['*.exe', '*.bat'], durable: true })
  })

  it('changes nothing when it is saved untouched', async () => {
    await using it = await mounted({ preset: PRESET })
    const before = it.service.settings()
    expect((await it.post('/resources/Scans', await opened(it, '/resources/Scans'))).status).to.equal(303)
    expect(it.service.settings()).to.deep.equal(before)
  })

  it('says beside each field what is allowed, and keeps what was typed', async () => {
    await using it = await mounted({ preset: PRESET })
    const { status, text } = await it.post('/resources/Scans', {
      ...(await opened(it, '/resources/Scans')),
      name: 'a/b',
      folder: '../etc',
      'guests.networks': '300.1.1.1',
      'options.maximumFileBytes': 'much',
      'options.stopAtDiskPercent': '0',
    })
    expect(status).to.equal(422)
    for (const id of ['name', 'folder', 'guests-networks', 'options-maximumFileBytes', 'options-stopAtDiskPercent']) {
      expect(text).to.match(new RegExp(`<p class="error" id="f-${id}-error">[A-Z][^<]+</p>`))
    }
    expect(text).to.include('value="../etc"').and.include('value="much"').and.include('300.1.1.1</textarea>')
    expect(it.service.settings().resources.map(({ name }) => name)).to.deep.equal(['Scans', 'Other'])
  })

  it('says it in Russian to whoever reads Russian', async () => {
    await using it = await mounted({ preset: PRESET, presentation: { locale: 'ru' } })
    const fields = await opened(it, '/resources/new')
    const { text } = await it.post('/resources/new', { ...fields, name: 'Scans', folder: 'x' })
    expect(text).to.include('Ресурс с таким именем уже есть.').and.not.include('must be')
  })

  it('adds and removes rows without saving anything', async () => {
    await using it = await mounted({ preset: PRESET })
    const fields = await opened(it, '/resources/Scans')
    const added = await it.post('/resources/Scans', { ...fields, 'rights.add.name': 'boris', do: 'add:rights' })
    expect(added.status).to.equal(200)
    expect(added.text).to.include('name="rights.2.name" value="boris"').and.include('resource-form changed')
    const removed = await it.post('/resources/Scans', { ...fields, do: 'remove:rights.0' })
    expect(formFields(removed.text, '/resources/Scans'))
      .to.include.keys('rights.0.name')
      .and.not.include.keys('rights.1.name')
    const inside = await it.post('/resources/Scans', { ...fields, do: 'remove:exceptions.0' })
    expect(inside.text).to.not.include('name="exceptions.0.path"')
    expect(it.service.settings().resources[0]?.rights).to.have.length(2)
  })

  it('finds by itself that a typed name is a group, and refuses one that is nobody', async () => {
    await using it = await mounted({ preset: PRESET })
    const fields = await opened(it, '/resources/Other')
    const group = await it.post('/resources/Other', { ...fields, 'rights.add.name': 'staff', do: 'add:rights' })
    expect(formFields(group.text, '/resources/Other')['rights.0.kind']).to.deep.equal(['group'])
    const nobody = await it.post('/resources/Other', { ...fields, 'rights.add.name': '<b>nobody', do: 'save' })
    expect(nobody.status).to.equal(422)
    expect(nobody.text).to.include('Must be a user of the appliance.').and.include('value="&lt;b&gt;nobody"')
  })

  it('takes the boxes with the level custom and only then', async () => {
    await using it = await mounted({ preset: PRESET })
    const fields = await opened(it, '/resources/Scans')
    const boxes = { 'rights.1.right': ['download', 'delete'] }
    await it.post('/resources/Scans', { ...fields, ...boxes, 'rights.1.level': 'readWrite' })
    expect(it.service.settings().resources[0]?.rights[1]).to.deep.equal({ group: 'staff', level: 'readWrite' })
    const again = await opened(it, '/resources/Scans')
    await it.post('/resources/Scans', { ...again, ...boxes, 'rights.1.level': 'custom' })
    expect(it.service.settings().resources[0]?.rights[1]).to.deep.equal({
      group: 'staff',
      level: 'custom',
      rights: ['download', 'delete'],
    })
  })

  it('gives a subfolder rights of its own', async () => {
    await using it = await mounted({ preset: PRESET })
    const fields = await opened(it, '/resources/Other')
    const first = await it.post('/resources/Other', { ...fields, 'exceptions.add.path': '/a/b/', do: 'add:exceptions' })
    const second = await it.post('/resources/Other', {
      ...formFields(first.text, '/resources/Other'),
      'exceptions.0.rights.add.name': 'anna',
      do: 'add:exceptions.0.rights',
    })
    const sent = { ...formFields(second.text, '/resources/Other'), 'exceptions.0.rights.0.level': 'none' }
    expect((await it.post('/resources/Other', { ...sent, do: 'save' })).status).to.equal(303)
    expect(it.service.settings().resources[1]?.exceptions).to.deep.equal([
      { path: 'a/b', rights: [{ user: 'anna', level: 'none' }] },
    ])
  })

  it('refuses a subfolder for which nobody is named, and says so there', async () => {
    await using it = await mounted({ preset: PRESET })
    const fields = await opened(it, '/resources/Other')
    const { status, text } = await it.post('/resources/Other', { ...fields, 'exceptions.add.path': 'a' })
    expect(status).to.equal(422)
    expect(text).to.include('Add at least one user or group, or remove the subfolder.')
  })

  it('marks names that the appliance no longer knows', async () => {
    const resources = [{ name: 'Scans', folder: 'scans', rights: [{ user: 'gone', level: 'read' }] }]
    await using it = await mounted({ preset: { resources } })
    expect((await it.get('/resources/Scans')).text).to.include('not known to the appliance')
  })

  it('works while the directory does not answer', async () => {
    await using it = await mounted({ preset: PRESET })
    it.shell.users.list = () => Promise.reject(new Error('away'))
    const fields = await opened(it, '/resources/Other')
    expect((await it.post('/resources/Other', { ...fields, 'rights.add.name': 'ldap-user' })).status).to.equal(303)
    expect(it.service.settings().resources[1]?.rights).to.deep.equal([{ user: 'ldap-user', level: 'read' }])
  })

  it('warns after saving when clients will not see the resource', async () => {
    await using it = await mounted({ preset: PRESET })
    await it.post('/resources/Other', { ...(await opened(it, '/resources/Other')), folder: 'not/there' })
    expect((await it.get('/resources')).text).to.include('Other is saved, but its folder does not exist.')
  })

  it('makes a folder that is not there, of private ones what is above them, where that is ticked', async () => {
    await using it = await mounted({ preset: PRESET })
    const blank = await opened(it, '/resources/new')
    expect(blank['makeFolder'], 'ticked for a new one').to.deep.equal(['on'])
    await it.post('/resources/new', { ...blank, name: 'Plans', folder: 'plans/2026' })
    expect((await it.get('/resources')).text).to.include('The resource Plans is saved and in force.')
    await it.post('/resources/new', { ...blank, name: 'Homes', folder: 'people/homes/%USER%' })
    const made = async (path: string) => (await it.service.explorer.folders(undefined, path))?.folders
    expect([await made('plans'), await made('people'), await made('people/homes')]).to.deep.equal([
      ['2026'],
      ['homes'],
      [],
    ])
    const warned = () =>
      it.service
        .status()
        .warnings.map(({ text }) => text)
        .join()
    expect(warned()).to.not.match(/Plans|Homes/)
    await it.service.journal.flush()
    expect((await it.get('/log')).text)
      .to.include('The folder')
      .and.not.include('is hidden from clients')
    await it.post('/resources/Other', { ...(await opened(it, '/resources/Other')), folder: 'typo', makeFolder: [] })
    expect(await made('')).to.not.include('typo')
    expect(
      it.service
        .status()
        .warnings.map(({ text }) => text)
        .join(),
    ).to.include('Other')
  })

  it('warns after saving when a resource gives a whole storage', async () => {
    await using it = await mounted({ preset: PRESET })
    await it.post('/resources/new', { ...(await opened(it, '/resources/new')), name: 'All' })
    expect((await it.get('/resources')).text).to.include('All is saved and gives a whole storage')
  })

  it('keeps every row of a large table', async () => {
    const rights = Array.from({ length: 300 }, (_, at) => ({ user: `user${at}`, level: 'readWrite' }))
    await using it = await mounted({ preset: { resources: [{ name: 'Big', folder: 'big', rights }] } })
    const fields = await opened(it, '/resources/Big')
    expect((await it.post('/resources/Big', { ...fields, description: 'new' })).status).to.equal(303)
    expect(it.service.settings().resources[0]).to.deep.include({ rights, description: 'new' })
  })
})

describe('two administrators with the same resource open', () => {
  it('do not overwrite each other: the second is told what changed and by whom', async () => {
    await using it = await mounted({ preset: PRESET })
    const fields = await opened(it, '/resources/Scans')
    const [scans, other] = it.service.settings().resources
    await it.service.change({ resources: [{ ...scans, description: 'by eve' }, other] }, 'eve')
    const second = await it.post('/resources/Scans', { ...fields, description: 'by root' })
    expect(second.status).to.equal(409)
    expect(second.text).to.include('eve: Description: none → by eve').and.include('by root</textarea>')
    expect(it.service.settings().resources[0]?.description).to.equal('by eve')
    // Whoever has read it may save again.
    expect((await it.post('/resources/Scans', formFields(second.text, '/resources/Scans'))).status).to.equal(303)
    expect(it.service.settings().resources[0]?.description).to.equal('by root')
  })

  it('read changes in the words of the form', async () => {
    await using it = await mounted({ preset: PRESET })
    const fields = await opened(it, '/resources/Scans')
    const [scans, other] = it.service.settings().resources
    const changed = {
      ...scans,
      rights: [
        { group: 'staff', level: 'custom', rights: ['list'] },
        { user: 'anna', level: 'readWrite' },
      ],
      guests: { profile: 'readWrite', from: 'everywhere' },
      options: { maximumFileBytes: 5_000_000, stopAtDiskPercent: 80, durable: true },
    }
    await it.service.change({ resources: [changed, other] }, 'eve')
    const { text } = await it.post('/resources/Scans', { ...fields, description: 'by root' })
    const told = [...text.matchAll(/<li><bdi>([^<]*)<\/bdi>/g)].map(([, line = '']) => line.replaceAll('&amp;', '&'))
    expect(told.join('\n'))
      .to.include('group staff: custom (List')
      .and.include('anna: read & write')
      .and.include('→ read & write')
      .and.include('→ from everywhere')
      .and.include('→ 5 MB')
      .and.include('→ 80%')
      .and.not.match(/[{}"]/)
  })

  it('hear nothing of each other when their resources differ, and nothing is lost', async () => {
    await using it = await mounted({ preset: PRESET })
    const fields = await opened(it, '/resources/Scans')
    const [scans, other] = it.service.settings().resources
    await it.service.change({ resources: [scans, { ...other, description: 'by eve' }] }, 'eve')
    expect((await it.post('/resources/Scans', { ...fields, description: 'by root' })).status).to.equal(303)
    expect(it.service.settings().resources.map(({ description }) => description)).to.deep.equal(['by root', 'by eve'])
  })

  it('can save at the same moment without losing either', async () => {
    await using it = await mounted({ preset: PRESET })
    const blank = await opened(it, '/resources/new')
    const names = ['A', 'B', 'C', 'D']
    await Promise.all(names.map((name) => it.post('/resources/new', { ...blank, name, folder: name })))
    expect(it.service.settings().resources.map(({ name }) => name)).to.include.members(names)
  })

  it('are told when the resource is gone, with what was typed ready to be saved anew', async () => {
    await using it = await mounted({ preset: PRESET })
    const fields = await opened(it, '/resources/Scans')
    await it.post('/resources/Scans/delete')
    const answer = await it.post('/resources/Scans', { ...fields, description: 'kept' })
    expect(answer.status).to.equal(409)
    expect(answer.text).to.include('deleted or renamed this resource').and.include('action="/resources/new"')
    expect((await it.post('/resources/new', formFields(answer.text, '/resources/new'))).status).to.equal(303)
    expect(it.service.settings().resources[1]).to.deep.include({ name: 'Scans', description: 'kept' })
  })
})
