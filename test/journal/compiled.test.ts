/** The log as a firmware ships it: compiled, its workers found beside it. */
import { execFile } from 'node:child_process'
import { rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { temporaryFolder } from './temporary-log.ts'

const run = promisify(execFile)
const root = join(import.meta.dirname, '..', '..')

describe('the compiled log', () => {
  it('starts its workers from JavaScript', async () => {
    const folder = await temporaryFolder()
    const project = join(folder, 'tsconfig.json')
    const files = ['journal', 'store-worker', 'query-worker'].map((name) =>
      join(root, 'module', 'journal', `${name}.ts`),
    )
    const options = {
      outDir: join(folder, 'dist'),
      rootDir: root,
      types: ['node'],
      typeRoots: [join(root, 'node_modules/@types')],
    }
    await writeFile(
      project,
      JSON.stringify({ extends: join(root, 'tsconfig.json'), compilerOptions: options, include: [], files }),
    )
    await writeFile(join(folder, 'package.json'), '{ "type": "module" }')
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
    await run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', project])
    await writeFile(
      join(folder, 'use.js'),
      `import { openJournal } from './dist/module/journal/journal.js'
       const journal = await openJournal({ folder: 'log', timeZone: 'UTC', retention: { days: 1, megabytes: 1 } })
       journal.record({ kind: 'status', event: 'x', text: 'compiled', time: 0 })
       await journal.flush()
       console.log((await journal.page({ day: '1970-01-01' }, { page: 1 })).entries[0].text)
       await journal.close()`,
    )
    const { stdout } = await run(process.execPath, ['use.js'], { cwd: folder })
    expect(stdout.trim()).to.equal('compiled')
    await rm(folder, { recursive: true })
  })
})
