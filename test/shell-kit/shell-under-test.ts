/** What a vendor hands to the kit: a shell for tests, and what the kit has to know of it. */
import type { IncomingHttpHeaders } from 'node:http'
import type { ApplianceShell } from '../../module/shell.ts'

export interface ShellUnderTest {
  /** Fresh: its folders hold nothing of the module yet. */
  readonly shell: ApplianceShell
  /** Somebody who may log in. */
  readonly user: { readonly name: string; readonly password: string; readonly groups: readonly string[] }
  /** Somebody whose password is right and who is disabled; absent where the appliance disables nobody. */
  readonly disabled?: { readonly name: string; readonly password: string }
  /** Headers of a request of somebody who is logged in; needed where the shell has `web`. */
  readonly loggedIn?: () => Promise<IncomingHttpHeaders>
  /** Changes something so that the event is due; an event that cannot be caused here is left out. */
  readonly cause?: Partial<Record<'users-changed' | 'certificates-changed' | 'storage-changed', () => Promise<void>>>
  close(): Promise<void>
}

/** The default export of a vendor's file. */
export type MakeShell = () => Promise<ShellUnderTest>

/** One promise of the contract, and how it is looked at; `check` throws where it is not kept. */
export interface ShellPromise {
  readonly name: string
  check(it: ShellUnderTest): Promise<void>
}
