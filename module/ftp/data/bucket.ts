/** One speed limit: a token bucket whose octets go to those who wait in an order that is fair (start-time fair queueing). */

/** Monotonic milliseconds and timers, exchanged in tests. */
export interface Clock {
  now(): number
  after(milliseconds: number, action: () => void): { cancel(): void }
}

/** What a transfer waits for: so many octets from each of its buckets. */
export interface Request {
  readonly octets: number
  granted(): void
}

/** One transfer in one bucket. */
export interface Place {
  /** Asks the transfer's limits again. */
  readonly refresh: () => void
  request: Request | undefined
  /** Where the request begins and where the next one would, octets of virtual time: all that this place got so far. */
  start: number
  next: number
}

/** Milliseconds worth of octets that an unused limit saves up at most; covers the lateness of timers and disks. */
const BURST = 100
/** Milliseconds worth of one transfer's part in a single piece; the longer, the more there are: each piece costs the same. */
const PIECE = 50
const LONGEST_PIECE = 250
/** Milliseconds after which those who wait ask for their limits again. */
const ASK_AGAIN = 250

export class Bucket {
  readonly #clock: Clock
  readonly #emptied: () => void
  readonly #places = new Set<Place>()
  /** Octets in a millisecond. */
  #rate = 0
  /** Octets that may pass now; below 0 after a piece larger than the burst. */
  #tokens = 0
  #filled: number
  #asked: number
  /** The start of the latest granted request: who comes back from a pause begins here, not where it stopped. */
  #virtual = 0
  /** The virtual time that those who left had come to. */
  #left = 0
  #timer: { cancel(): void } | undefined
  /** The place that the timer is set for. */
  #next: Place | undefined

  /** `emptied` is called when the last place is left. */
  constructor(clock: Clock, emptied: () => void) {
    this.#clock = clock
    this.#emptied = emptied
    this.#filled = this.#asked = clock.now()
  }

  /** The piece to ask for, octets, so that each place has its turn four to twenty times a second, all together a thousand times. */
  get piece(): number {
    const places = Math.max(1, this.#places.size)
    return (this.#rate * Math.min(LONGEST_PIECE, Math.max(PIECE, places))) / places
  }

  /** Takes a new place in. Behind those who left: else small transfers, one after the other, would always be first. */
  enter(place: Place): void {
    place.next = Math.max(this.#virtual, this.#left)
    this.#places.add(place)
  }

  /** Gives up a place; a request that waits there needs nothing from this bucket any more. */
  leave(place: Place): void {
    const { request } = place
    place.request = undefined
    this.#left = Math.max(this.#left, place.next)
    this.#places.delete(place)
    request?.granted()
    if (this.#places.size > 0) return this.#serve()
    this.#timer?.cancel()
    this.#emptied()
  }

  /** Octets in a second from now on. */
  limit(bytesPerSecond: number): void {
    const rate = bytesPerSecond / 1000
    if (rate === this.#rate) return
    this.#fill()
    this.#rate = rate
    this.#tokens = Math.min(this.#tokens, this.#burst)
    this.#serve()
  }

  ask(place: Place, request: Request): void {
    // A short pause, of a slow disk say, may be made good; a long one may not.
    place.start = Math.max(place.next, this.#virtual - this.#burst)
    place.next = place.start + request.octets
    place.request = request
    // Somebody else is next, and the timer is set for it.
    if (this.#timer && this.#next && this.#next.start <= place.start) return
    this.#serve()
  }

  /** Forgets the request that waits at a place. */
  cancel(place: Place): void {
    if (!place.request) return
    place.next -= place.request.octets
    place.request = undefined
    this.#serve()
  }

  get #burst(): number {
    return this.#rate * BURST
  }

  #fill(): void {
    const now = this.#clock.now()
    this.#tokens = Math.min(this.#burst, this.#tokens + (now - this.#filled) * this.#rate)
    this.#filled = now
  }

  /** Grants what can be granted, and sleeps until the next one can. */
  #serve(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#fill()
    for (let place = this.#foremost(); place?.request; place = this.#foremost()) {
      const { request } = place
      const missing = Math.min(request.octets, this.#burst) - this.#tokens
      if (missing > 0) {
        const wait = Math.min(ASK_AGAIN, Math.ceil(missing / this.#rate))
        this.#next = place
        this.#timer = this.#clock.after(wait, () => this.#wake())
        return
      }
      this.#tokens -= request.octets
      this.#virtual = Math.max(this.#virtual, place.start)
      place.request = undefined
      request.granted()
    }
  }

  #wake(): void {
    const now = this.#clock.now()
    if (now - this.#asked >= ASK_AGAIN) {
      this.#asked = now
      for (const place of this.#places) if (place.request) place.refresh()
    }
    if (this.#places.size > 0) this.#serve()
  }

  /** The place whose request comes next. */
  #foremost(): Place | undefined {
    let first: Place | undefined
    for (const place of this.#places) {
      if (place.request && (!first || place.start < first.start)) first = place
    }
    return first
  }
}
