/** basic-ftp against the server, over every transport and both families. */
import { expect } from 'chai'
import { memoryTree, oddTree, TemporaryFolder } from '../../disk-tree.ts'
import { pair } from '../../pair.ts'
import { FAMILIES, TRANSPORTS } from '../../transport.ts'

for (const transport of TRANSPORTS) {
  for (const family of FAMILIES) {
    describe(`basic-ftp over ${transport}, IPv${family}`, () => {
      it('lists, walks, renames, removes and tells facts', async () => {
        await using it = await pair({ transport, family, files: { 'a.txt': 'hello', 'd/b.txt': 'b' } })
        const { client } = it
        const listed = await client.list()
        expect(listed.map(({ name, size, isDirectory }) => [name, size, isDirectory])).to.deep.equal([
          ['a.txt', 5, false],
          ['d', 0, true],
        ])
        expect(await client.size('a.txt')).to.equal(5)
        expect((await client.lastMod('a.txt')).toISOString()).to.equal('2024-01-02T03:04:05.000Z')
        expect((await client.features()).has('MLST')).to.be.true
        await client.ensureDir('new/deep')
        expect(await client.pwd()).to.equal('/new/deep')
        await client.cd('/')
        await client.rename('a.txt', 'new/c.txt')
        await client.removeDir('new')
        expect(it.files.names()).to.deep.equal(['d'])
      })

      it('copies a tree of 200 files up and down', async () => {
        await using it = await pair({ transport, family })
        await using source = await TemporaryFolder.make(transport === 'plain' ? oddTree() : withoutEmpty(oddTree()))
        await using copy = await TemporaryFolder.make()
        await it.client.uploadFromDir(source.path, 'up')
        await it.client.cd('/')
        await it.client.downloadToDir(copy.path, 'up')
        const wanted = await source.tree()
        expect(memoryTree(it.files, '/up')).to.deep.equal(wanted)
        expect(await copy.tree()).to.deep.equal(wanted)
      })
    })
  }
}

/** When it resumes a TLS session, basic-ftp ends the connection of an empty upload before its own handshake is done. */
function withoutEmpty(tree: Record<string, Buffer>): Record<string, Buffer> {
  return Object.fromEntries(Object.entries(tree).filter(([, content]) => content.length > 0))
}
