/** The conformance kit: every promise of the contract, looked at in a shell. */
import { actPromises } from './promises-of-acts.ts'
import { storePromises } from './promises-of-stores.ts'
import type { MakeShell, ShellPromise } from './shell-under-test.ts'

export const PROMISES: readonly ShellPromise[] = [...storePromises, ...actPromises]

export interface Outcome {
  readonly name: string
  /** Why the promise is not kept; undefined when it is. */
  readonly broken?: string
}

/** Looks at every promise, each in a shell of its own; none keeps the others from being looked at. */
export async function examine(
  make: MakeShell,
  told: (outcome: Outcome) => void = () => {},
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = []
  for (const promise of PROMISES) {
    const outcome = await look(make, promise)
    told(outcome)
    outcomes.push(outcome)
  }
  return outcomes
}

async function look(make: MakeShell, promise: ShellPromise): Promise<Outcome> {
  const { name } = promise
  try {
    const it = await make()
    try {
      await promise.check(it)
    } finally {
      await it.close()
    }
    return { name }
  } catch (error) {
    return { name, broken: error instanceof Error ? error.message : String(error) }
  }
}
