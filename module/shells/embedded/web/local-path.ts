/** Where a login leads to: a page of ours, whatever the link says (open redirect). */

/** The path with its query, or `/` for everything that a browser could take for another place. */
export function localPath(wanted: string | undefined): string {
  // Browsers read "\" as "/", drop tabs and line ends, and take "//" for the beginning of a host.
  if (wanted === undefined || !/^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(wanted)) return '/'
  const base = 'http://localhost'
  const url = URL.canParse(wanted, base) ? new URL(wanted, base) : undefined
  if (url?.origin !== base || /^\/(?:login|logout|setup)\b/.test(url.pathname) || url.pathname.startsWith('//'))
    return '/'
  return url.pathname + url.search
}
