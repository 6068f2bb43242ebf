/** The thread in which a file with certificates is opened; see `open-bundle.ts`. */
import { parentPort, workerData } from 'node:worker_threads'
import { BundleError } from './bundle.ts'
import { readBundle } from './read-bundle.ts'

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only ever started by open-bundle.ts
const { octets, password } = workerData as { octets: Uint8Array; password: string }
/* oxlint-disable unicorn/require-post-message-target-origin -- a thread, not a window */
try {
  parentPort?.postMessage({ bundle: readBundle(Buffer.from(octets), password) })
} catch (error) {
  parentPort?.postMessage({ fault: error instanceof BundleError ? error.fault : 'unreadable' })
}
