/**
 * An upload in a thread of the kernel mover: spliced from the connection to the file. What is granted ahead is a small part of
 * what limits leave; close to one only what has arrived is asked for, so that it refuses the same octet as if each were looked at.
 */
import { closeSync, writeSync } from 'node:fs'
import { Broken, Course } from './course.ts'
import type { Turn } from './course.ts'

/** Octets of one call at most: what the pipe of the thread holds. */
const CALL = 1024 * 1024
/** Octets of one turn at most, while each call finds as much as it asks for: the way through the loop costs as much as a call. */
const TURN = 4 * CALL
/**
 * Octets written to the file at once at most. The pieces of a file system's cache are as large as what is written, and room for
 * larger ones is harder to find: they come from memory that nobody has used yet, smaller ones from what was let go last.
 */
const WRITE = 256 * 1024

const octet = new Uint8Array(1)

/** The pipe between connection and file; empty between two turns, so all transfers of a thread share it. */
let pipe: readonly [from: number, to: number] | undefined

export class Receiving extends Course {
  protected readonly ready = 'readable'

  protected turn(): Turn {
    if (this.credit === 0) return this.#without()
    for (let octets = 0; octets < TURN && this.credit > 0; ) {
      const most = Math.min(this.credit, CALL)
      const taken = this.#copy(most)
      if (taken === 0 && octets === 0) return this.#behindUrgent()
      this.moved(taken)
      // Close to a limit nothing is granted ahead.
      this.askAhead()
      if (taken < most) break
      octets += taken
    }
    return 'more'
  }

  /** Nothing may be written: whatever is there has to be asked for. */
  #without(): Turn {
    const arrived = attempt('network', () => this.libc.arrived(this.job.socket))
    if (arrived === 0) return this.#behindUrgent()
    this.ask(arrived)
    return 'grant'
  }

  /** Nothing may be there, or the end; or something is, behind an octet of TCP's urgent data that only a read steps over. */
  #behindUrgent(): Turn {
    const { socket, file } = this.job
    const peeked = attempt('network', () => this.libc.read(socket, octet, true))
    if (peeked === undefined) return 'socket'
    if (peeked === 0) return 'end'
    if (this.credit === 0) {
      this.ask(1)
      return 'grant'
    }
    const length = attempt('network', () => this.libc.read(socket, octet, false)) ?? 0
    attempt('file', () => writeSync(file, octet, 0, length, this.position))
    this.moved(length)
    return 'more'
  }

  #copy(octets: number): number {
    const [from, to] = (pipe ??= this.libc.pipe(CALL))
    const taken = attempt('network', () => this.libc.fromSocket(this.job.socket, to, octets)) ?? 0
    try {
      for (let done = 0; done < taken; ) {
        done += this.libc.toFile(from, this.job.file, this.position + done, Math.min(taken - done, WRITE))
      }
    } catch (error) {
      discard()
      throw new Broken('file', error)
    }
    return taken
  }
}

/** What is left in the pipe belongs to nobody. */
function discard(): void {
  for (const end of pipe ?? []) closeSync(end)
  pipe = undefined
}

function attempt<Value>(side: 'network' | 'file', call: () => Value): Value {
  try {
    return call()
  } catch (error) {
    throw new Broken(side, error)
  }
}
