/** The passive ports that are free: each is leased to one listener at a time, in an order nobody can guess. */
import { randomInt } from 'node:crypto'

/** A range of ports. The range 0 to 0 stands for any port that the system has free; it is never used up. */
export class PortPool {
  readonly #any: boolean
  readonly #from: number
  /** The free ports stand in front, the leased ones behind them. */
  readonly #ports: Uint16Array
  /** Where each port stands in the row above. */
  readonly #places: Uint16Array
  #free: number

  /** First and last port of the range, 1 to 65535 each, or 0 and 0. */
  constructor(from: number, to: number) {
    this.#any = from === 0 && to === 0
    this.#from = from
    this.#ports = Uint16Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index)
    this.#places = Uint16Array.from(this.#ports.keys())
    this.#free = this.#ports.length
  }

  /** A free port, each with the same chance (RFC 2577 section 8); undefined when all are leased. */
  lease(): number | undefined {
    if (this.#any) return 0
    if (this.#free === 0) return undefined
    const place = randomInt(this.#free)
    this.#free -= 1
    this.#exchange(place, this.#free)
    return this.#ports[this.#free]
  }

  /** Gives a port back; does nothing for one that is free already or not of the range. */
  release(port: number): void {
    const place = this.#places[port - this.#from]
    if (this.#any || place === undefined || place < this.#free) return
    this.#exchange(place, this.#free)
    this.#free += 1
  }

  /** Ports that can be leased now; Infinity for the range 0 to 0. */
  get free(): number {
    return this.#any ? Infinity : this.#free
  }

  /** Ports in the range; Infinity for the range 0 to 0. */
  get size(): number {
    return this.#any ? Infinity : this.#ports.length
  }

  #exchange(one: number, other: number): void {
    const [first, second] = [this.#ports[one] ?? 0, this.#ports[other] ?? 0]
    this.#ports[one] = second
    this.#ports[other] = first
    this.#places[second - this.#from] = one
    this.#places[first - this.#from] = other
  }
}
