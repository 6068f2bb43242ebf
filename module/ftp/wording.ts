/** The administrator's words in replies: greeting, welcome, goodbye, global replies, and those of switched-off commands. */
import type { Options } from './options.ts'
import { reply } from './reply.ts'
import type { Reply, ReplyCode } from './reply.ts'
import type { Session } from './session.ts'
import { fillTemplate, parseTemplate } from './template.ts'
import type { Template } from './template.ts'

/** Codes whose text clients read: no global reply replaces it. */
const CARRIES_DATA: ReadonlySet<ReplyCode> = new Set([150, 211, 212, 213, 214, 215, 227, 229, 234, 257])

/** Of a 522 clients read which network protocols there are (RFC 2428 section 2). */
const NAMES_PROTOCOLS = /^Network protocol not supported, use \(/

interface Words {
  readonly greeting: readonly Template[]
  readonly welcome: readonly Template[]
  readonly goodbye: Template
  readonly texts: ReadonlyMap<ReplyCode, Template>
  readonly disabledTexts: ReadonlyMap<string, Template>
}

/** Templates are parsed once for each options, when the first reply needs them. */
const parsed = new WeakMap<Options, Words>()

/** The 220 of a new connection. */
export function greeting(session: Session): Reply {
  return own(session, 220, wordsOf(session.options).greeting, 'FTP server ready.')
}

/** The 230 of a login. */
export function welcome(session: Session): Reply {
  return own(session, 230, wordsOf(session.options).welcome, 'Logged in.')
}

/** The 221 of QUIT. */
export function goodbye(session: Session): Reply {
  return { ...own(session, 221, [wordsOf(session.options).goodbye], 'Goodbye.'), after: 'close' }
}

/** The 502 of a command that is switched off. */
export function switchedOff(session: Session, verb: string): Reply {
  const text = 'Command not implemented.'
  const template = wordsOf(session.options).disabledTexts.get(verb)
  return template ? own(session, 502, [template], text) : reply(502, text)
}

/** A reply with the text that the administrator gave its code; replies of several lines and those that carry data keep theirs. */
export function worded(session: Session, answer: Reply): Reply {
  const { code, lines, own: said } = answer
  if (said || lines.length > 1 || CARRIES_DATA.has(code)) return answer
  const template = wordsOf(session.options).texts.get(code)
  const [text = ''] = lines
  return template && !NAMES_PROTOCOLS.test(text) ? { ...answer, lines: [filled(session, template, text)] } : answer
}

function own(session: Session, code: ReplyCode, templates: readonly Template[], text: string): Reply {
  return { code, lines: templates.map((template) => filled(session, template, text)), own: true }
}

function filled(session: Session, template: Template, text: string): string {
  return fillTemplate(template, (variable) => variable.value(session, { text }))
}

function wordsOf(options: Options): Words {
  const known = parsed.get(options)
  if (known) return known
  const words = {
    greeting: options.greeting.map(parseTemplate),
    welcome: options.welcome.map(parseTemplate),
    goodbye: parseTemplate(options.goodbye),
    texts: new Map([...options.texts].map(([code, text]) => [code, parseTemplate(text)])),
    disabledTexts: new Map([...options.disabledTexts].map(([verb, text]) => [verb, parseTemplate(text)])),
  }
  parsed.set(options, words)
  return words
}
