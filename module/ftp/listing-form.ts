/** The three forms of a listing's lines, as plain data that can be handed to another thread. */
import type { Entry } from './backend.ts'
import { factsWriter } from './facts.ts'
import type { Fact, FactAttributes } from './facts.ts'
import { writeListHead } from './list-line.ts'
import type { OctetWriter } from './octet-writer.ts'
import { timeZone } from './time-zone.ts'

export type ListingForm =
  /** As `ls -l` has it (LIST). `now`: milliseconds since 1970; `timeZone`: an IANA name. */
  | { readonly kind: 'long'; readonly now: number; readonly timeZone: string }
  /** Facts for programs (MLSD). */
  | { readonly kind: 'facts'; readonly facts: ReadonlySet<Fact> }
  /** Names alone, behind what was typed before them (NLST). */
  | { readonly kind: 'names'; readonly prefix: string }

/** Writes what stands before the name in a line of this form. */
export function headWriter(form: ListingForm): (out: OctetWriter, entry: FactAttributes) => void {
  if (form.kind === 'facts') return factsWriter(form.facts)
  if (form.kind === 'names') return form.prefix === '' ? () => undefined : (out) => out.name(form.prefix)
  const zone = timeZone(form.timeZone)
  return (out, entry) => writeListHead(out, entry, form.now, zone)
}

/** Writes entries as lines with their ends. */
export function writeLines(out: OctetWriter, entries: readonly Entry[], form: ListingForm): void {
  const head = headWriter(form)
  for (const entry of entries) {
    // No name may end a line, whoever made the entry.
    if (/[\r\n]/.test(entry.name)) continue
    head(out, entry)
    out.name(entry.name)
    out.ascii('\r\n')
  }
}
