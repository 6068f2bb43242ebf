/** Rules as a line of text, for tests: `allow 192.0.2.0-24`, `deny *.*.*.* until 2030-01-01T00:00:00Z`. */
import { parseAddress, type Address } from '../../module/access/address.ts'
import type { NameLookup } from '../../module/access/ip-rules.ts'
import { accessRule, type AccessRule } from '../../module/settings/access.ts'

export function rules(...lines: string[]): AccessRule[] {
  return lines.map((line) => {
    const [action, mask, , expires] = line.split(' ')
    return accessRule.parse({ action, mask, ...(expires === undefined ? {} : { expires }) })
  })
}

export function address(text: string): Address {
  const parsed = parseAddress(text)
  if (!parsed) throw new Error(`${text} is no address`)
  return parsed
}

/** For lists without names: whoever asks is wrong. */
export const noNames: NameLookup = {
  belongs: () => {
    throw new Error('a name was looked up')
  },
}
