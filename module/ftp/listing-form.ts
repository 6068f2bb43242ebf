/** The three forms of a listing's lines, as plain data that can be handed to another thread. */
import type { Entry } from './backend.ts'
import { FactsForm, type Fact } from './facts.ts'
import { LineHead, type HeadForm, type HeadParts } from './line-head.ts'
import { LongForm } from './list-line.ts'
import type { OctetWriter } from './octet-writer.ts'
import { timeZone } from './time-zone.ts'

export type ListingForm =
  /** As `ls -l` has it (LIST). `now`: milliseconds since 1970; `timeZone`: an IANA name. */
  | { readonly kind: 'long'; readonly now: number; readonly timeZone: string }
  /** Facts for programs (MLSD). */
  | { readonly kind: 'facts'; readonly facts: ReadonlySet<Fact> }
  /** Names alone, behind what was typed before them (NLST). */
  | { readonly kind: 'names'; readonly prefix: string }

/** What stands before the names: at most what was typed before them. */
class NamesForm implements HeadForm {
  readonly #prefix: string

  constructor(prefix: string) {
    this.#prefix = prefix
  }

  fill({ beforeName }: HeadParts): void {
    beforeName.name(this.#prefix)
  }

  fillTime(): void {
    // Names tell no time.
  }
}

/** The beginnings of the lines of a listing. */
export function lineHead(form: ListingForm): LineHead {
  if (form.kind === 'facts') return new LineHead(new FactsForm(form.facts))
  if (form.kind === 'names') return new LineHead(new NamesForm(form.prefix))
  return new LineHead(new LongForm(form.now, timeZone(form.timeZone)))
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
