/** A factory reset: removes what the module has written into the shell's folders, and nothing else. */
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Paths } from '../shell.ts'

/** Names of what the module writes, with what a write that was cut off leaves behind; the shell may have files beside them. */
const WRITTEN = {
  config: /^\.?settings\./,
  state: /^\.?(?:bans|usage|ledger|statistics|token-use)\./,
  log: /^\d{4}-\d{2}-\d{2}\.sqlite/,
}

/** Removes settings and state, and the log unless it is to be kept. The service must have given them back before. */
export async function wipe(paths: Paths, { keepLogs }: { readonly keepLogs: boolean }): Promise<void> {
  await removeAll(paths.config, WRITTEN.config)
  await removeAll(paths.state, WRITTEN.state)
  if (!keepLogs) await removeAll(paths.log, WRITTEN.log)
}

async function removeAll(folder: string, written: RegExp): Promise<void> {
  for (const name of await readdir(folder)) {
    if (written.test(name)) await rm(join(folder, name), { recursive: true, force: true })
  }
}
