/** SITE commands: services of this server (RFC 959 section 4.1.3). There is no SITE EXEC and there will be none. */
import { nothing, word, wordAndPathname } from '../argument.ts'
import { loggedIn } from '../command.ts'
import { resolvePathname } from '../pathname.ts'
import { printable } from '../printable.ts'
import { Refusal, multiline, reply } from '../reply.ts'
import { setMode, setModified } from './files.ts'

export const site = {
  'SITE HELP': loggedIn({
    argument: nothing,
    syntax: 'SITE <SP> HELP',
    help: 'List the SITE commands.',
    rfc: 'RFC 959 section 4.1.3',
    run(session) {
      const { shared, options } = session
      const members = [...shared.table].filter(([verb]) => verb.startsWith('SITE ') && !options.disabled.has(verb))
      return multiline(
        214,
        'SITE commands:',
        members.map(([, { syntax }]) => syntax),
        'End.',
      )
    },
  }),

  'SITE CHMOD': loggedIn({
    argument: wordAndPathname,
    syntax: 'SITE <SP> CHMOD <SP> mode <SP> pathname',
    help: 'Set the permission bits of a file.',
    rfc: 'not standardised',
    async run(session, { first, rest }) {
      await setMode(session, resolvePathname(session.directory, rest), first)
      return reply(200, 'Mode set.')
    },
  }),

  'SITE UTIME': loggedIn({
    argument: utime,
    syntax: 'SITE <SP> UTIME <SP> time <SP> pathname',
    help: 'Set the time of the last change, UTC.',
    rfc: 'not standardised',
    async run(session, { time, pathname }) {
      await setModified(session, resolvePathname(session.directory, pathname), time)
      return reply(200, 'Time set.')
    },
  }),

  'SITE MSG': loggedIn({
    argument: word,
    syntax: 'SITE <SP> MSG <SP> text',
    help: 'Write to the administrator.',
    rfc: 'not standardised',
    keepsPending: true,
    run(session, text) {
      session.emit({ kind: 'message', session: session.client, text: printable(text).slice(0, 1000) })
      return reply(200, 'Message delivered.')
    },
  }),

  'SITE WHO': loggedIn({
    argument: nothing,
    syntax: 'SITE <SP> WHO',
    help: 'List your own sessions.',
    rfc: 'not standardised',
    run(session) {
      const { name, guest } = session.login.account
      const own = guest ? [session] : [...session.shared.census.ofLogin(name)]
      const lines = own.map(({ client, transfer, lastVerb }) => `${client.address} ${transfer?.verb ?? lastVerb}`)
      return multiline(200, 'Your sessions:', lines, 'End.')
    },
  }),
}

/** `time pathname`, or `pathname atime mtime ctime UTC` as older clients write it. */
function utime(text: string): { time: string; pathname: string } {
  const [, pathname, modified] = /^(.+) [0-9]{14} ([0-9]{14}) [0-9]{14} UTC$/.exec(text) ?? []
  if (pathname !== undefined && modified !== undefined) return { time: modified, pathname }
  const { first, rest } = wordAndPathname(text)
  if (!/^[0-9]{12}(?:[0-9]{2})?$/.test(first)) throw new Refusal(501, 'The time must be YYYYMMDDhhmm[ss].')
  return { time: first.padEnd(14, '0'), pathname: rest }
}
