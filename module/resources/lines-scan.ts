/** The names of a folder as lines of a listing, a piece at a time: which names are shown, and what is said of them. */
import type { Right } from '../ftp/backend.ts'
import type { LineHead } from '../ftp/line-head.ts'
import { lineHead, type ListingForm } from '../ftp/listing-form.ts'
import type { OctetWriter } from '../ftp/octet-writer.ts'
import { matchesWildcard } from '../ftp/wildcard.ts'
import type { FolderScan } from './folder-scan.ts'
import { NamePatterns } from './name-pattern.ts'
import { reservedName } from './temporary.ts'
import { rightsWithin, type RightsWithin } from './tree.ts'

/** What is to be told of a folder; plain data that can be handed to another thread. */
export interface LinesRequest extends RightsWithin {
  readonly form: ListingForm
  /** Only names that fit. */
  readonly pattern?: string
  /** Patterns of names that are not shown. */
  readonly hidden: readonly string[]
}

/** How much one piece may be: octets of lines, names, milliseconds. */
export interface Bounds {
  readonly octets: number
  readonly names: number
  readonly time: number
}

/** Names looked at between two looks at the clock. */
const CLOCK = 16
const DOT = 0x2e

export class LinesScan {
  readonly scan: FolderScan
  /** Links found so far, which are not followed here. */
  links: string[] = []
  readonly #request: LinesRequest
  readonly #hidden: NamePatterns
  readonly #head: LineHead
  readonly #shared: ReadonlySet<Right> | undefined
  /** Whether names are all that is told. */
  readonly #names: boolean
  /** Whether names have to be looked at as text at all. */
  readonly #asText: boolean

  constructor(scan: FolderScan, request: LinesRequest) {
    this.scan = scan
    this.#request = request
    this.#hidden = new NamePatterns(request.hidden)
    this.#head = lineHead(request.form)
    this.#shared = request.shared.size === 0 ? undefined : request.shared
    this.#names = request.form.kind === 'names'
    this.#asText = request.hidden.length > 0 || request.others.size > 0 || request.pattern !== undefined
  }

  /** Writes the next lines until one of the bounds is reached; false when there are no more. */
  write(out: OctetWriter, bounds: Bounds): boolean {
    const limit = performance.now() + bounds.time
    for (let names = 0; names < bounds.names && out.length < bounds.octets; names++) {
      if (names % CLOCK === CLOCK - 1 && performance.now() > limit) return true
      if (!this.scan.next()) return false
      const rights = this.#rights()
      if (rights) this.#line(out, rights)
    }
    return true
  }

  #line(out: OctetWriter, rights: ReadonlySet<Right>): void {
    const { scan } = this
    const type = this.#names ? scan.kind() : scan.look()
    if (type === 'link') this.links.push(scan.name)
    if (type === undefined || type === 'link') return
    scan.found.rights = rights
    const { length } = out
    this.#head.write(out, scan.found)
    // A name with an end of line in it would be two lines.
    if (!out.nameLine(scan.octets, scan.from, scan.to)) out.rewind(length)
  }

  /** The rights at the current name, `undefined` if it is not shown. */
  #rights(): ReadonlySet<Right> | undefined {
    const { octets, from } = this.scan
    if (octets[from] === DOT && reservedName(this.scan.name)) return undefined
    return this.#asText ? this.#rightsAt(this.scan.name) : this.#shared
  }

  #rightsAt(name: string): ReadonlySet<Right> | undefined {
    const { pattern } = this.#request
    if (this.#hidden.match(name) !== undefined) return undefined
    if (pattern !== undefined && !matchesWildcard(pattern, name)) return undefined
    const rights = rightsWithin(this.#request, name)
    return rights.size === 0 ? undefined : rights
  }
}
