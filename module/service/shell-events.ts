/** What the service does when something happens to the shell. */
import type { ApplianceShell, Unsubscribe } from '../shell.ts'
import type { Lifecycle } from './lifecycle.ts'

/** Milliseconds that transfers have to end when the appliance goes down. */
const SHUTDOWN = 5000

export interface ShellFollower {
  readonly life: Lifecycle
  /** Does it when nothing else is being changed; what fails is told under the name. */
  readonly inTurn: (name: string, work: () => Promise<void>) => Promise<void>
  readonly stop: (options: { readonly graceMs: number }) => Promise<void>
}

/** Follows the shell until each of the answers is called. */
export function followShell(shell: ApplianceShell, { life, inTurn, stop }: ShellFollower): readonly Unsubscribe[] {
  return [
    // Users do not wait for their turn: who was locked out must not stay in because a change hangs.
    shell.on('users-changed', () => void life.refreshUsers()),
    shell.on('network-changed', () => life.refreshNetwork()),
    shell.on('storage-changed', () => void inTurn('storage', () => life.refreshStorage())),
    shell.on('storage-unmounting', (root) => inTurn('storage', () => life.releaseStorage(root))),
    shell.on('certificates-changed', () => void inTurn('certificate', () => life.refreshCertificate())),
    shell.on('time-changed', () => void inTurn('certificate', () => life.refreshCertificate())),
    shell.on('shutdown', () => stop({ graceMs: SHUTDOWN })),
  ]
}
