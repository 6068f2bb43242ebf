/** The fields of a form as a browser would send them untouched, read from the page. */

/** Names and values of the form whose action is the path; a name that is sent several times has several values. */
export function formFields(html: string, action: string): Record<string, string[]> {
  const form = html.split('<form ').find((part) => part.includes(`action="${action}"`)) ?? ''
  const fields: Record<string, string[]> = {}
  const controls = /<input ([^>]*)>|<select ([^>]*)>(.*?)<\/select>|<textarea ([^>]*)>(.*?)<\/textarea>/gs
  for (const [whole, input, select, options = '', area, text = ''] of form.split('</form>')[0]?.matchAll(controls) ??
    []) {
    const name = attribute(input ?? select ?? area ?? '', 'name')
    const value = sent(whole, { input, options, text })
    if (name !== undefined && value !== undefined && name !== '_csrf') (fields[name] ??= []).push(value)
  }
  return fields
}

function sent(
  whole: string,
  { input, options, text }: { readonly input: string | undefined; readonly options: string; readonly text: string },
): string | undefined {
  // A line feed at the start of a text area is not part of its text (HTML, 13.1.2.5).
  if (whole.startsWith('<textarea')) return unescaped(text.replace(/^\n/, ''))
  if (whole.startsWith('<select')) {
    const all = [...options.matchAll(/<option ([^>]*)>/g)].map(([, attributes = '']) => attributes)
    return attribute(all.find((one) => / selected/.test(one)) ?? all[0] ?? '', 'value')
  }
  const attributes = input ?? ''
  return /type="(?:checkbox|radio)"/.test(attributes) && !/ checked/.test(attributes)
    ? undefined
    : attribute(attributes, 'value')
}

function attribute(attributes: string, name: string): string | undefined {
  const value = new RegExp(`(?:^|\\s)${name}="([^"]*)"`).exec(attributes)?.[1]
  return value === undefined ? undefined : unescaped(value)
}

/** The text that stands behind the escapes of HTML. */
export function unescaped(text: string): string {
  const names: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"' }
  return text.replaceAll(/&(?:#(\d+)|(\w+));/g, (whole, code: string | undefined, name: string) =>
    code === undefined ? (names[name] ?? whole) : String.fromCodePoint(Number(code)),
  )
}
