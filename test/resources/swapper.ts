/** A child process that swaps a folder and a file for links to the outside, as fast as it can, until it is ended. */
import { renameSync, symlinkSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const [, , share = '', outside = ''] = process.argv
const swapped = join(share, 'swapped')
const folder = join(share, 'real-folder')
const link = join(share, 'link-folder')
const file = join(share, 'swapped-file')
const plain = join(share, 'real-file')
const fileLink = join(share, 'link-file')

mkdirSync(swapped)
writeFileSync(join(swapped, 'secret'), 'inside')
symlinkSync(outside, link)
writeFileSync(file, 'inside')
symlinkSync(join(outside, 'secret'), fileLink)
process.stdout.write('ready\n')
for (let round = 0; ; round++) {
  try {
    renameSync(swapped, folder)
    renameSync(link, swapped)
    renameSync(swapped, link)
    renameSync(folder, swapped)
    renameSync(file, plain)
    renameSync(fileLink, file)
    renameSync(file, fileLink)
    renameSync(plain, file)
  } catch {
    // The other side renamed or removed one of them at that moment: put back what is missing and go on.
    restore()
  }
  if (round % 1000 === 0) process.stdout.write('.')
}

function restore(): void {
  for (const make of [
    () => mkdirSync(swapped),
    () => symlinkSync(outside, link),
    () => writeFileSync(join(swapped, 'secret'), 'inside', { flag: 'wx' }),
    () => symlinkSync(join(outside, 'secret'), fileLink),
    () => writeFileSync(file, 'inside', { flag: 'wx' }),
  ]) {
    try {
      make()
    } catch {
      // It is there.
    }
  }
}
