/** One transfer over TLS in a thread of the kernel mover: the handshake before the first octet (RFC 4217 section 7). */
import { keptContext } from './contexts.ts'
import { Broken, Course } from './course.ts'
import type { Job, Turn } from './course.ts'
import { Held } from './held.ts'
import type { Failure, Protection } from './messages.ts'
import { openssl } from './openssl.ts'
import type { Tls, Wanted } from './openssl.ts'

export type SecureJob = Job & { readonly protection: Protection }

export abstract class SecureCourse extends Course {
  declare protected readonly job: SecureJob
  protected ready: Wanted = 'readable'
  protected readonly held = new Held()
  readonly #began = performance.now()
  #tls: Tls | undefined
  #secured = false

  /** One bounded piece of work behind the handshake. */
  protected abstract move(tls: Tls): Turn

  protected turn(): Turn {
    const tls = (this.#tls ??= attempt('handshake', () => this.#begin()))
    if (!this.#secured && !this.#shake(tls)) return 'socket'
    return this.move(tls)
  }

  override look(now: number): void {
    if (this.#secured) super.look(now)
    else if (now - this.#began >= this.job.protection.patience) {
      this.end({ side: 'handshake', code: 'the handshake took too long' })
    }
  }

  protected override release(): void {
    this.#tls?.free()
    this.held.release()
  }

  #begin(): Tls {
    const calls = openssl()
    if (!calls) throw new Error('there is no TLS in this thread')
    const { settings, tls } = this.job.protection
    const context = keptContext(settings)
    if (tls === undefined) return calls.accept(context, this.job.socket)
    this.#secured = true
    return calls.adopt(context, tls, this.job.socket)
  }

  /** Whether the handshake is done. */
  #shake(tls: Tls): boolean {
    const wanted = attempt('handshake', () => tls.handshake())
    if (wanted) {
      this.ready = wanted
      return false
    }
    if (this.job.protection.mustResume && !tls.resumed) throw new Broken('resumption', 'new session')
    this.#secured = true
    // The client's time for the first octet begins here.
    this.moved(0)
    return true
  }
}

export function attempt<Value>(side: Failure['side'], call: () => Value): Value {
  try {
    return call()
  } catch (error) {
    throw new Broken(side, error)
  }
}
