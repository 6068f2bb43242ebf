/** The one-time code by which the first administrator shows to be whoever can see the machine's console or its files. */
import { randomInt, timingSafeEqual } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Without letters and digits that look alike. */
const ALPHABET = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789'
/** 16 characters of 32: 80 bits. */
const GROUPS = 4
const GROUP = 4

export class SetupCode {
  /** As it is shown: `ABCD-EFGH-JKLM-NPQR`. */
  readonly text: string
  /** A file of mode 0600 that holds the code. */
  readonly path: string

  private constructor(path: string) {
    this.text = Array.from({ length: GROUPS }, group).join('-')
    this.path = path
  }

  /** Makes a new code and writes it into the folder. */
  static async make(folder: string): Promise<SetupCode> {
    const code = new SetupCode(join(folder, 'setup-code'))
    await code.remove()
    await writeFile(code.path, `${code.text}\n`, { mode: 0o600, flag: 'wx' })
    return code
  }

  /** Whether somebody typed the code; case, spaces and dashes do not matter. */
  matches(typed: string): boolean {
    const [one, other] = [bare(typed), bare(this.text)].map((text) => Buffer.from(text))
    return one !== undefined && other !== undefined && one.length === other.length && timingSafeEqual(one, other)
  }

  /** Takes the file away. */
  async remove(): Promise<void> {
    await rm(this.path, { force: true })
  }
}

const group = () => Array.from({ length: GROUP }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')
const bare = (text: string) => text.toUpperCase().replaceAll(/[\s-]/g, '')
