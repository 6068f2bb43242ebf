/** One FTP switch for several users at once. */
import type { FtpService } from '../../service.ts'

/** Allows or forbids FTP, or with null lets it be inherited; users without an entry inherit already. One change for all of them. */
export async function switchFtp(
  service: Pick<FtpService, 'settings' | 'change'>,
  names: readonly string[],
  ftp: boolean | null,
  by: string,
): Promise<void> {
  const { users } = service.settings().accounts
  const concerned = ftp === null ? names.filter((name) => Object.hasOwn(users, name)) : names
  if (concerned.length === 0) return
  const patch = Object.fromEntries(concerned.map((name) => [name, { ftp }]))
  await service.change({ accounts: { users: patch } }, by)
}
