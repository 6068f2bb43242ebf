/** Writing a small file so that a power cut leaves the old or the new content, never a half. */
import { mkdir, open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Replaces the file and makes its folder if there is none; fails as the operating system does and leaves the old content. */
export async function writeDurably(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const next = `${path}.next`
  {
    await using file = await open(next, 'w', 0o600)
    await file.writeFile(text)
    await file.sync()
  }
  await rename(next, path)
  await using folder = await open(dirname(path), 'r')
  await folder.sync()
}
