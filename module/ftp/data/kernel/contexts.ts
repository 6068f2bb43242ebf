/** The TLS contexts of a thread: made of what it is told, and kept for the next transfers. */
import type { SecureContext } from 'node:tls'
import { contextOf, ownedBy } from '../../tls.ts'
import type { ContextSettings } from '../../tls.ts'

/** To make one costs half a millisecond, to keep it some 50 KiB. */
const KEPT = 32

const contexts = new Map<number, SecureContext>()

/** The context of these settings, for one connection that is made at once; throws where they are no good. */
export function keptContext(settings: ContextSettings): SecureContext {
  const context = contexts.get(settings.id) ?? contextOf(settings)
  // The one used last stands last.
  contexts.delete(settings.id)
  contexts.set(settings.id, context)
  for (const [oldest] of contexts) {
    if (contexts.size <= KEPT) break
    contexts.delete(oldest)
  }
  return ownedBy(settings, context)
}
