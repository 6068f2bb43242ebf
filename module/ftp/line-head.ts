/** What stands before the names in the lines of a listing: mostly a number or two differ from the line before. */
import type { Entry, Right } from './backend.ts'
import { OctetWriter } from './octet-writer.ts'

/** What can be told of an entry before its name. */
export type LineAttributes = Omit<Entry, 'name' | 'unique'> & {
  /** The text of the fact, or the two numbers that it is made of: those of the disk and of the file on it. */
  readonly unique: Entry['unique'] | UniqueNumbers
}

export interface UniqueNumbers {
  readonly device: number
  readonly file: number
}

/** A head in the making: texts, the numbers between them, and the name behind. */
export class HeadParts {
  readonly beforeSize = new OctetWriter(64)
  /** Characters that the size takes at least, 0: it is not told. */
  sizeWidth = 0
  readonly beforeFile = new OctetWriter(128)
  /** Whether the number of the file on its disk is told, or the text of {@link LineAttributes.unique} if there is one. */
  fileTold = false
  readonly beforeName = new OctetWriter(32)
}

/** How lines of one form begin. */
export interface HeadForm {
  /** Fills in the parts for an entry. They depend on nothing that `LineHead` does not compare. */
  fill(parts: HeadParts, entry: LineAttributes): void
  /** Fills in what depends on the time alone, milliseconds since 1970. */
  fillTime(parts: HeadParts, modified: number): void
}

/** Writes the heads of lines, one behind the other. It is one class for all forms, since V8 compiles anew for every other. */
export class LineHead {
  readonly #form: HeadForm
  readonly #parts = new HeadParts()
  #type: Entry['type'] | undefined
  #mode = 0
  #links = 0
  #rights: ReadonlySet<Right> | undefined
  #device = NaN
  #modified = NaN

  constructor(form: HeadForm) {
    this.#form = form
  }

  write(out: OctetWriter, entry: LineAttributes): void {
    const { unique } = entry
    const device = typeof unique === 'string' ? -1 : unique.device
    const same =
      entry.mode === this.#mode &&
      entry.links === this.#links &&
      entry.type === this.#type &&
      entry.rights === this.#rights &&
      device === this.#device
    if (!same) this.#fill(entry, device)
    else if (entry.modified !== this.#modified) this.#fillTime(entry.modified)
    const parts = this.#parts
    out.append(parts.beforeSize)
    if (parts.sizeWidth > 0) out.number(entry.size, parts.sizeWidth)
    out.append(parts.beforeFile)
    if (parts.fileTold) {
      if (typeof unique === 'string') out.ascii(unique)
      else out.number(unique.file, 1, 36)
    }
    out.append(parts.beforeName)
  }

  #fill(entry: LineAttributes, device: number): void {
    this.#type = entry.type
    this.#mode = entry.mode
    this.#links = entry.links
    this.#rights = entry.rights
    this.#device = device
    this.#modified = entry.modified
    const parts = this.#parts
    parts.beforeSize.rewind(0)
    parts.beforeFile.rewind(0)
    parts.beforeName.rewind(0)
    this.#form.fill(parts, entry)
  }

  #fillTime(modified: number): void {
    this.#modified = modified
    this.#form.fillTime(this.#parts, modified)
  }
}
