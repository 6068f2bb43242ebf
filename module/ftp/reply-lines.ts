/** A reply as lines of the control connection (RFC 959 section 4.2), whatever its text: none of them can look like the end. */
import type { Reply } from './reply.ts'

/**
 * The lines without their ends; `before` are texts that travel ahead of the reply's own. All but the last carry the code and a
 * hyphen, or are indented; the last one carries the code and a space. No line holds NUL or LF, nor a CR that would end it.
 */
export function replyLines({ code, lines }: Reply, before: readonly string[] = []): readonly string[] {
  const [only] = lines
  if (only !== undefined && lines.length === 1 && before.length === 0) return [`${code} ${oneLine(only)}`]
  const all = [...before, ...lines]
  const last = all.length - 1
  return all.map((line, at) => {
    const text = oneLine(line)
    if (at === last) return `${code} ${text}`
    // Clients look for the code in the first line; of the others those that are indented stand for themselves.
    return at > 0 && text.startsWith(' ') ? text : `${code}-${text}`
  })
}

/** LF and NUL become spaces, CR is followed by NUL (RFC 854). */
function oneLine(line: string): string {
  // oxlint-disable-next-line no-control-regex
  return /[\0\r\n]/.test(line) ? line.replaceAll(/[\0\n]/g, ' ').replaceAll('\r', '\r\0') : line
}
