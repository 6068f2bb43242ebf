/** What the server tells of itself: RFC 959 section 4.1.3, RFC 2389 section 3 (FEAT), RFC 2640 section 4 (LANG). */
import { nothing, optionalWord, strictlyNothing, word } from '../argument.ts'
import { open, isLoggedIn } from '../command.ts'
import type { Command } from '../command.ts'
import { listLine } from '../list-line.ts'
import { BOUNDS } from '../options.ts'
import { printable } from '../printable.ts'
import { Refusal, multiline, reply } from '../reply.ts'
import type { Reply } from '../reply.ts'
import type { LoggedInSession, Session } from '../session.ts'
import { matchesWildcard } from '../wildcard.ts'
import { targetOf } from './listings.ts'

export const information = {
  FEAT: open({
    argument: strictlyNothing,
    syntax: 'FEAT',
    help: 'List the extensions.',
    rfc: 'RFC 2389 section 3',
    keepsPending: true,
    run(session) {
      const features = enabled(session).flatMap(([, { feature }]) => {
        const line = typeof feature === 'function' ? feature(session) : feature
        return line === undefined ? [] : [line]
      })
      return multiline(211, 'Extensions:', [...new Set(features)].toSorted(), 'End.')
    },
  }),

  HELP: open({
    argument: optionalWord,
    syntax: 'HELP [<SP> command]',
    help: 'List the commands, or explain one.',
    rfc: 'RFC 959 section 4.1.3',
    keepsPending: true,
    run: (session, text) => helpOn(session, text.toUpperCase()),
  }),

  SYST: open({
    argument: nothing,
    syntax: 'SYST',
    help: 'Tell how listings look.',
    rfc: 'RFC 959 section 4.1.3',
    keepsPending: true,
    run: () => reply(215, 'UNIX Type: L8'),
  }),

  STAT: open({
    argument: optionalWord,
    syntax: 'STAT [<SP> pathname]',
    help: 'Tell the state of the session and its transfer, or list a path.',
    rfc: 'RFC 959 section 4.1.3',
    duringTransfer: true,
    keepsPending: true,
    run(session, text) {
      if (text === '') return multiline(211, 'Status:', status(session), 'End.')
      if (!isLoggedIn(session)) throw new Refusal(530, 'Log in with USER and PASS first.')
      return statList(session, text)
    },
  }),

  NOOP: open({
    argument: nothing,
    syntax: 'NOOP',
    help: 'Do nothing.',
    rfc: 'RFC 959 section 4.1.3',
    duringTransfer: true,
    keepsPending: true,
    run: () => reply(200, 'OK.'),
  }),

  CLNT: open({
    argument: word,
    syntax: 'CLNT <SP> name',
    help: 'Name your client program.',
    rfc: 'not standardised',
    feature: 'CLNT',
    keepsPending: true,
    run(session, name) {
      session.clientName = printable(name).slice(0, 100)
      session.emit({ kind: 'client-named', session: session.client, name: session.clientName })
      return reply(200, 'Noted.')
    },
  }),

  LANG: open({
    argument: optionalWord,
    syntax: 'LANG [<SP> language-tag]',
    help: 'Choose the language of replies; only English.',
    rfc: 'RFC 2640 section 4',
    feature: 'LANG EN*',
    keepsPending: true,
    run(_session, tag) {
      if (!/^(?:[a-z]{1,8}(?:-[a-z0-9]{1,8})*)?$/i.test(tag)) throw new Refusal(501, 'This is no language tag.')
      if (tag !== '' && !/^en(-|$)/i.test(tag)) throw new Refusal(504, 'Only LANG EN is available.')
      return reply(200, 'The language is English.')
    },
  }),
}

/** The commands that are not switched off, in the order of the table. */
function enabled(session: Session): readonly (readonly [string, Command])[] {
  return [...session.shared.table].filter(([verb]) => !session.options.disabled.has(verb))
}

function helpOn(session: Session, verb: string): Reply {
  const commands = enabled(session)
  if (verb === '') {
    // Of a family its name alone, and last; without members there is none.
    const names = new Set(commands.map(([name]) => name.split(' ')[0] ?? name))
    const families = ['OPTS', 'SITE'].filter((name) => names.delete(name))
    return multiline(214, 'These commands are known:', columns([...names, ...families]), 'End.')
  }
  const members = commands.filter(([name]) => name.startsWith(`${verb} `))
  if (members.length > 0)
    return multiline(
      214,
      `${verb}:`,
      members.map(([, { syntax }]) => syntax),
      'End.',
    )
  const command = commands.find(([name]) => name === verb)?.[1]
  if (!command) throw new Refusal(502, 'This command is not known here.')
  return multiline(214, 'Syntax:', [command.syntax, command.help, command.rfc], 'End.')
}

function columns(words: readonly string[]): string[] {
  const lines: string[] = []
  for (let at = 0; at < words.length; at += 8) {
    lines.push(
      words
        .slice(at, at + 8)
        .map((each) => each.padEnd(8))
        .join('')
        .trimEnd(),
    )
  }
  return lines
}

function status(session: Session): string[] {
  const { client, login, control, parameters, protection, transfer } = session
  const type = parameters.type === 'ascii' ? 'ASCII' : 'IMAGE'
  const mode = parameters.mode === 'stream' ? 'STREAM' : 'DEFLATE'
  return [
    `Connected from ${client.address}, ${control.secure ? 'under TLS' : 'in clear text'}.`,
    login ? `Logged in as ${printable(login.account.name)}.` : 'Not logged in.',
    `TYPE ${type}, STRU FILE, MODE ${mode}; data connections are ${protection}.`,
    transfer
      ? `${transfer.verb} ${transfer.path}: ${transfer.bytes}${transfer.size === undefined ? '' : ` of ${transfer.size}`} bytes.`
      : 'No transfer is running.',
  ]
}

/** A listing on the control connection, bounded; every line is indented so that none can look like the end of the reply. */
async function statList(session: LoggedInSession, text: string): Promise<Reply> {
  const { path, file, pattern } = await targetOf(session, text)
  const now = Date.now()
  const lines: string[] = []
  const add = (entries: Parameters<typeof listLine>[0][]) => {
    for (const entry of entries) lines.push(listLine(entry, now, session.options.listing.timeZone))
  }
  if (file) add([file])
  else {
    const { files } = session.login.account
    for await (const batch of files.list(path)) {
      add(batch.filter(({ name }) => pattern === undefined || matchesWildcard(pattern, name)))
      if (lines.length >= BOUNDS.statEntries) break
    }
  }
  const shown = lines.slice(0, BOUNDS.statEntries)
  return multiline(213, 'Listing:', shown, shown.length < lines.length ? 'End of the first entries.' : 'End.')
}
