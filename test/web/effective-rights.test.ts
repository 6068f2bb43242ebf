/** The page "Effective rights". */
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { mounted, type Mounted } from './mounted.ts'

const PRESET = {
  users: [
    { name: 'anna', password: 'secret', groups: ['staff', 'office'] },
    { name: 'boris', password: 'secret', enabled: false },
  ],
  resources: [
    {
      name: 'Scans',
      folder: 'scans',
      rights: [
        { group: 'staff', level: 'read' },
        { group: 'office', level: 'custom', rights: ['upload'] },
        { user: 'boris', level: 'none' },
      ],
      exceptions: [
        { path: 'deep/er', rights: [{ user: 'anna', level: 'readWrite' }] },
        { path: 'closed', rights: [{ group: 'staff', level: 'none' }] },
      ],
      guests: { profile: 'dropBox', from: 'lan' },
    },
    { name: 'Off', folder: 'off', enabled: false, rights: [{ user: 'anna', level: 'read' }] },
  ],
}

/** Right → [yes or no, why], as the page says it. */
async function asked(it: Mounted, query: Record<string, string>): Promise<Record<string, readonly string[]>> {
  const { text } = await it.get(`/resources/effective?${new URLSearchParams(query).toString()}`)
  const rows = text.matchAll(
    /<td[^>]*>([^<]+)<\/td>\s*<td[^>]*><span[^>]*>(\w+)<\/span><\/td>\s*<td[^>]*><bdi>([^<]*)</g,
  )
  return Object.fromEntries([...rows].map(([, right = '', word = '', why = '']) => [right, [word, why]]))
}

describe('the page "Effective rights"', () => {
  it('adds the rights of the groups and says which entry gave each', async () => {
    await using it = await mounted({ preset: PRESET })
    const rights = await asked(it, { user: 'anna', path: '/Scans/new.pdf' })
    expect(Object.keys(rights)).to.have.length(10)
    expect(rights['Download files']).to.deep.equal(['yes', 'entry for the group staff'])
    expect(rights['Upload new files']).to.deep.equal(['yes', 'entry for the group office'])
    expect(rights['Delete files']).to.deep.equal(['no', 'entry for the group office, staff'])
  })

  it('lets the deepest folder decide and names it', async () => {
    await using it = await mounted({ preset: PRESET })
    const root = (await it.shell.storage.roots())[0]?.path ?? ''
    await mkdir(join(root, 'scans', 'deep', 'er'), { recursive: true })
    const deep = await asked(it, { user: 'anna', path: '/Scans/deep/er/x' })
    expect(deep['Delete files']).to.deep.equal(['yes', 'entry for the user anna in the subfolder deep/er'])
    const closed = await asked(it, { user: 'anna', path: '/Scans/closed/x' })
    expect(closed['Download files']).to.deep.equal(['no', 'entry for the group staff in the subfolder closed'])
  })

  it('says why somebody sees nothing: no access, switched off, no such resource', async () => {
    await using it = await mounted({ preset: PRESET })
    const { text } = await it.get('/resources/effective?user=boris&path=/Scans')
    expect(text)
      .to.include('entry for the user boris')
      .and.include('does not exist for them')
      .and.include('is disabled')
    expect((await asked(it, { user: 'anna', path: '/Off' }))['List folders']?.[1]).to.equal(
      'the resource is switched off',
    )
    expect((await asked(it, { user: 'anna', path: '/<b>' }))['List folders']?.[1]).to.equal(
      'there is no resource &lt;b&gt;',
    )
  })

  it('includes what the operating system would refuse', async () => {
    await using it = await mounted({ preset: PRESET })
    const root = (await it.shell.storage.roots())[0]?.path ?? ''
    await mkdir(join(root, 'scans', 'ok'), { recursive: true })
    const away = { ...it.service.settings().resources[0], folder: 'not/there' }
    await it.service.change({ resources: [away] }, 'root')
    const rights = await asked(it, { user: 'anna', path: '/Scans/file' })
    expect(rights['Download files']?.[0]).to.equal('no')
    expect(rights['Download files']?.[1]).to.include('cannot be reached now')
  })

  it('answers for a guest from an address', async () => {
    await using it = await mounted({ preset: PRESET })
    const inside = await asked(it, { who: 'guest', address: '127.0.0.1', path: '/Scans/x' })
    expect(inside['Upload new files']).to.deep.equal(['yes', 'guest access of the resource: drop box, from the LAN'])
    expect(inside['List folders']?.[0]).to.equal('no')
    const outside = await asked(it, { who: 'guest', address: '8.8.8.8', path: '/Scans/x' })
    expect(outside['Upload new files']?.[0]).to.equal('no')
  })

  it('says beside the field what it cannot answer', async () => {
    await using it = await mounted({ preset: PRESET })
    const user = await it.get('/resources/effective?user=nobody%3Cb%3E&path=/Scans')
    expect(user.status).to.equal(422)
    expect(user.text).to.include('knows no such user').and.include('value="nobody&lt;b&gt;"')
    const address = await it.get('/resources/effective?who=guest&address=300.1.1.1&path=/Scans')
    expect(address.text).to.include('An IPv4 or IPv6 address is needed.')
    expect((await it.get('/resources/effective?user=anna&path=a%00b')).text).to.include('No path can look like this.')
  })

  it('speaks Russian', async () => {
    await using it = await mounted({ preset: PRESET, presentation: { locale: 'ru' } })
    const { text } = await it.get('/resources/effective?user=anna&path=/Scans/new.pdf')
    expect(text).to.include('Скачивать файлы').and.include('запись группы staff')
  })

  it('makes no private folder by being asked', async () => {
    const resources = [{ name: 'Home', folder: 'homes/%USER%', rights: [{ user: 'anna', level: 'readWrite' }] }]
    await using it = await mounted({ preset: { ...PRESET, resources } })
    const root = (await it.shell.storage.roots())[0]?.path ?? ''
    await mkdir(join(root, 'homes'), { recursive: true })
    await asked(it, { user: 'anna', path: '/Home/x' })
    expect(await readdir(join(root, 'homes'))).to.deep.equal([])
  })
})
