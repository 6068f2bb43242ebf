/** Waiting with an end: a test that hangs says what it waited for and what came instead. */

/** Milliseconds that any single wait of a test may take; generous, since it is only ever used up by a failure. */
export const CAP = 4000

/** The promise, or after the cap an error that tells what was awaited and how things stood. */
export async function capped<T>(promise: Promise<T>, awaited: string, state = () => '', cap = CAP): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const came = state()
      reject(new Error(`waited ${cap} ms for ${awaited}${came && `; instead: ${came}`}`))
    }, cap)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Waits until a condition holds, looking again whenever the event loop turned; for states that no event announces. */
export async function eventually(condition: () => boolean, awaited: string, cap = CAP): Promise<void> {
  const end = performance.now() + cap
  while (!condition()) {
    if (performance.now() > end) throw new Error(`waited ${cap} ms until ${awaited}`)
    await new Promise((resolve) => {
      setTimeout(resolve, 2)
    })
  }
}

/** Octets as one printable line, for messages. */
export function printable(octets: Buffer | string): string {
  return JSON.stringify(octets.toString('latin1')).slice(0, 600)
}
