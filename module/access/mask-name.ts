/** Masks of names: one host name, or a pattern such as `*.example.com` or `server?.example.com`. */
import { domainToASCII } from 'node:url'
import type { NameMask } from './mask.ts'
import { MaskError } from './mask-problem.ts'

/** Reads a mask of names; labels outside ASCII become A-labels (RFC 5890). Throws {@link MaskError}. */
export function parseNameMask(text: string): NameMask {
  const labels = text.replace(/\.$/, '').split('.').map(asciiLabel)
  const name = labels.join('.')
  if (name.length > 253) throw new MaskError('name', 'A name has at most 253 characters.')
  const last = labels.at(-1) ?? ''
  const numeric = labels.slice(0, -1).every((label) => /^[\d?*-]+$/.test(label))
  if (labels.length > 1 && numeric && last.length < 2) throw almostAddress(labels)
  if (!/[a-z]/.test(name) || /^[\d-]+$/.test(last)) {
    throw new MaskError('name', `“${text}” is neither an address nor a name.`)
  }
  return { kind: /[*?]/.test(name) ? 'names' : 'host', text: name }
}

/**
 * Whether a name fits a pattern: `*` spans dots, `?` does not stand for one. Both in lower case. Time grows with the product
 * of the lengths at worst, whatever the pattern.
 */
export function fits(name: string, pattern: string): boolean {
  let at = 0
  let in_ = 0
  let star = -1
  let resume = 0
  while (at < name.length) {
    const wanted = pattern[in_]
    if (wanted === '*') {
      star = in_++
      resume = at
    } else if (wanted === name[at] || (wanted === '?' && name[at] !== '.')) {
      at++
      in_++
    } else if (star >= 0) {
      // The last star takes one character more; earlier stars never need to be tried again.
      in_ = star + 1
      at = ++resume
    } else return false
  }
  while (pattern[in_] === '*') in_++
  return in_ === pattern.length
}

function asciiLabel(label: string): string {
  const wild = /[*?]/.test(label)
  // oxlint-disable-next-line no-control-regex
  const ascii = /^[\x00-\x7f]*$/.test(label) ? label.toLowerCase() : wild ? '' : domainToASCII(label)
  if (wild && ascii === '') {
    throw new MaskError('name', `A label with “*” or “?” can hold only ASCII characters: “${label}”.`)
  }
  if (!/^[a-z0-9_*?](?:[a-z0-9_*?-]{0,61}[a-z0-9_*?])?$/.test(ascii)) {
    throw new MaskError('name', `“${label}” cannot be part of an address or of a name.`)
  }
  return ascii
}

/** `192.0.2.x` and `192.0.2.?`: numbers with something else at the end were meant as addresses. */
function almostAddress(labels: readonly string[]): MaskError {
  const last = labels.at(-1) === '?' ? '0-9' : '*'
  const meant = labels.length === 4 ? [...labels.slice(0, 3), last].join('.') : undefined
  return new MaskError('part', 'In an address “*” stands for any number and “0-9” for a range.', meant)
}
