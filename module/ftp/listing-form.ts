/** The three forms of a listing's lines, as plain data that can be handed to another thread. */
import type { Entry } from './backend.ts'
import { FactsHead } from './facts.ts'
import type { Fact, FactAttributes } from './facts.ts'
import { ListHead } from './list-line.ts'
import { OctetWriter } from './octet-writer.ts'
import { timeZone } from './time-zone.ts'

export type ListingForm =
  /** As `ls -l` has it (LIST). `now`: milliseconds since 1970; `timeZone`: an IANA name. */
  | { readonly kind: 'long'; readonly now: number; readonly timeZone: string }
  /** Facts for programs (MLSD). */
  | { readonly kind: 'facts'; readonly facts: ReadonlySet<Fact> }
  /** Names alone, behind what was typed before them (NLST). */
  | { readonly kind: 'names'; readonly prefix: string }

/** Writes what stands before the name in a line; one serves all lines of a listing. */
export interface LineHead {
  write(out: OctetWriter, entry: FactAttributes): void
}

class NamesHead implements LineHead {
  readonly #prefix = new OctetWriter(64)

  constructor(prefix: string) {
    this.#prefix.name(prefix)
  }

  write(out: OctetWriter): void {
    out.append(this.#prefix)
  }
}

export function lineHead(form: ListingForm): LineHead {
  if (form.kind === 'facts') return new FactsHead(form.facts)
  if (form.kind === 'names') return new NamesHead(form.prefix)
  return new ListHead(form.now, timeZone(form.timeZone))
}

/** Writes entries as lines with their ends. */
export function writeLines(out: OctetWriter, entries: readonly Entry[], form: ListingForm): void {
  const head = lineHead(form)
  for (const entry of entries) {
    // No name may end a line, whoever made the entry.
    if (/[\r\n]/.test(entry.name)) continue
    head.write(out, entry)
    out.name(entry.name)
    out.ascii('\r\n')
  }
}
