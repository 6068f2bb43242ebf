/** What an identity may do: each permission holds those before it. */
import type { Identity, Permission } from '../shell.ts'

const RANKS: Readonly<Record<Permission, number>> = { view: 0, operate: 1, manage: 2 }

/** Whether somebody may do what needs this permission. */
export function may(identity: Pick<Identity, 'permission'>, permission: Permission): boolean {
  return RANKS[identity.permission] >= RANKS[permission]
}
