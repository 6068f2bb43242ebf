/**
 * Opens files with certificates in a thread of their own, which is given a little time and memory: a file of a few hundred bytes
 * can ask for a derivation that takes hours.
 */
import { once } from 'node:events'
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Bundle, BundleFault } from './bundle.ts'
import { BUNDLE_BYTES, BundleError } from './bundle.ts'

/** Milliseconds; what today's programs write takes less than one second on a router. */
const PATIENCE = 15_000
/** Compiled, this file and the thread's lie side by side as well. */
const SCRIPT = new URL(`./bundle-worker${extname(import.meta.url)}`, import.meta.url)
const MEMORY = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 16 }

/** What a file holds; `password` opens its key, empty for none. Rejects with {@link BundleError}. */
export async function openBundle(octets: Buffer, password: string, patience = PATIENCE): Promise<Bundle> {
  if (octets.length > BUNDLE_BYTES) throw new BundleError('too-large')
  const worker = new Worker(SCRIPT, {
    workerData: { octets: Uint8Array.from(octets), password },
    resourceLimits: MEMORY,
  })
  try {
    const [answer]: unknown[] = await once(worker, 'message', { signal: AbortSignal.timeout(patience) })
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what our own thread says
    const { bundle, fault } = answer as { bundle?: Bundle; fault?: BundleFault }
    if (!bundle) throw new BundleError(fault ?? 'unreadable')
    return bundle
  } catch (error) {
    throw error instanceof BundleError ? error : new BundleError('unreadable')
  } finally {
    await worker.terminate()
  }
}
