/** Waits for something that has to happen, and not longer than five seconds. */

const CAP = 5000

export async function capped<Value>(what: Promise<Value>, name: string): Promise<Value> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${name}: not within ${CAP / 1000} s`)), CAP)
  })
  return Promise.race([what, late]).finally(() => clearTimeout(timer))
}
