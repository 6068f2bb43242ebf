/** `npm run test:shell -- ./their-shell.ts`: says of each promise whether a vendor's shell keeps it; exit code 1 if not all. */
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { examine } from './kit.ts'
import type { MakeShell } from './shell-under-test.ts'

const [file] = process.argv.slice(2)
if (file === undefined) {
  console.error('Usage: npm run test:shell -- ./their-shell.ts   (its default export makes a ShellUnderTest)')
  process.exit(2)
}
const { default: make } = (await import(pathToFileURL(resolve(file)).href)) as { default: MakeShell }
const outcomes = await examine(make, ({ name, broken }) =>
  console.log(broken === undefined ? `kept    ${name}` : `BROKEN  ${name}\n        ${broken}`),
)
const failed = outcomes.filter(({ broken }) => broken !== undefined).length
console.log(`${outcomes.length - failed} kept, ${failed} broken`)
process.exit(failed === 0 ? 0 : 1)
