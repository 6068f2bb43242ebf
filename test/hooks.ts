/** Root hooks: what test files opened for themselves and others of the same process is ended behind each of them. */

const endings: (() => Promise<void>)[] = []

/** Ends something when the file that runs now is through, or the whole run where files run one after the other. */
export function atTheEnd(end: () => Promise<void>): void {
  endings.push(end)
}

export const mochaHooks = {
  async afterAll(): Promise<void> {
    for (const end of endings.splice(0)) await end()
  },
}
