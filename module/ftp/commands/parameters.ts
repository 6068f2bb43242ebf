/** Transfer parameters: RFC 959 section 4.1.2, RFC 2389 section 4 (OPTS), RFC 2640 (UTF8), RFC 3659 section 7.9 (MLST). */
import { optionalWord, word } from '../argument.ts'
import { open } from '../command.ts'
import { ALGORITHMS } from '../data/digest.ts'
import type { HashAlgorithm } from '../data/digest.ts'
import { FACTS } from '../facts.ts'
import type { Fact } from '../facts.ts'
import { Refusal, reply } from '../reply.ts'
import type { Session } from '../session.ts'

export const parameters = {
  TYPE: open({
    argument: word,
    syntax: 'TYPE <SP> A|I|L 8',
    help: 'Choose ASCII or image type.',
    rfc: 'RFC 959 section 4.1.2',
    keepsPending: true,
    run(session, text) {
      const type = /^([AEIL])(?: ?([NTC]|[0-9]{1,3}))?$/.exec(text.toUpperCase())
      const [, letter, form] = type ?? []
      if (letter === 'I' && form === undefined) return setType(session, 'image')
      if (letter === 'L' && form === '8') return setType(session, 'image')
      if (letter === 'A' && (form === undefined || form === 'N')) return setType(session, 'ascii')
      if (letter === undefined || (letter === 'I' && form)) throw new Refusal(501, 'Choose TYPE A, TYPE I or TYPE L 8.')
      throw new Refusal(504, 'This type is not implemented: choose TYPE A, TYPE I or TYPE L 8.')
    },
  }),

  STRU: open({
    argument: word,
    syntax: 'STRU <SP> F',
    help: 'Choose the file structure; only F.',
    rfc: 'RFC 959 section 4.1.2',
    keepsPending: true,
    run(_session, text) {
      const letter = text.toUpperCase()
      if (letter === 'F') return reply(200, 'Structure is F.')
      if (letter === 'R' || letter === 'P') throw new Refusal(504, 'Only STRU F is implemented.')
      throw new Refusal(501, 'Choose STRU F.')
    },
  }),

  MODE: open({
    argument: word,
    syntax: 'MODE <SP> S|Z',
    help: 'Choose stream or compressed transfers.',
    rfc: 'RFC 959 section 4.1.2',
    feature: (session) => (session.options.deflate ? 'MODE Z' : undefined),
    keepsPending: true,
    run(session, text) {
      const letter = text.toUpperCase()
      if (letter === 'S') session.parameters.mode = 'stream'
      else if (letter === 'Z' && session.options.deflate) session.parameters.mode = 'deflate'
      else if (/^[BCZ]$/.test(letter)) throw new Refusal(504, `MODE ${letter} is not available here.`)
      else throw new Refusal(501, 'Choose MODE S or MODE Z.')
      return reply(200, `Mode is ${letter}.`)
    },
  }),

  'OPTS UTF8': open({
    argument: optionalWord,
    syntax: 'OPTS <SP> UTF8 [<SP> ON]',
    help: 'Names are UTF-8, always.',
    rfc: 'RFC 2640 section 3',
    feature: 'UTF8',
    keepsPending: true,
    run(_session, text) {
      if (/^(ON)?$/i.test(text)) return reply(200, 'Names are UTF-8.')
      if (/^OFF$/i.test(text)) throw new Refusal(504, 'Names stay UTF-8.')
      throw new Refusal(501, 'Say OPTS UTF8 ON.')
    },
  }),

  'OPTS MLST': open({
    argument: optionalWord,
    syntax: 'OPTS <SP> MLST [<SP> fact;…]',
    help: 'Choose the facts of MLST and MLSD.',
    rfc: 'RFC 3659 section 7.9',
    keepsPending: true,
    run(session, text) {
      if (!/^(?:[\w.-]+;)*$/.test(text)) throw new Refusal(501, 'Name the facts, each followed by a semicolon.')
      const wanted = new Set(text.toLowerCase().split(';'))
      const chosen = FACTS.filter((fact) => wanted.has(fact))
      session.parameters.facts = new Set<Fact>(chosen)
      return reply(200, `MLST OPTS ${chosen.map((fact) => `${fact};`).join('')}`.trimEnd())
    },
  }),

  'OPTS HASH': open({
    argument: optionalWord,
    syntax: 'OPTS <SP> HASH [<SP> algorithm]',
    help: 'Choose the algorithm of HASH.',
    rfc: 'draft-bryan-ftpext-hash',
    keepsPending: true,
    run(session, text) {
      const algorithm = algorithmNamed(text)
      if (text !== '' && !algorithm) throw new Refusal(501, `Choose one of ${ALGORITHMS.join(', ')}.`)
      if (algorithm) session.parameters.hash = algorithm
      return reply(200, session.parameters.hash)
    },
  }),

  'OPTS MODE': open({
    argument: word,
    syntax: 'OPTS <SP> MODE <SP> Z <SP> LEVEL <SP> 1-9',
    help: 'Choose how hard MODE Z tries.',
    rfc: 'draft-preston-ftpext-deflate',
    keepsPending: true,
    run(session, text) {
      const level = /^Z LEVEL ([1-9])$/i.exec(text)?.[1]
      if (level === undefined || !session.options.deflate) throw new Refusal(501, 'Say OPTS MODE Z LEVEL 1 to 9.')
      session.parameters.deflateLevel = Number(level)
      return reply(200, `MODE Z LEVEL is ${level}.`)
    },
  }),
}

function setType(session: Session, type: 'ascii' | 'image') {
  session.parameters.type = type
  return reply(200, type === 'ascii' ? 'Type is A.' : 'Type is I.')
}

function algorithmNamed(text: string): HashAlgorithm | undefined {
  return ALGORITHMS.find((algorithm) => algorithm === text.toUpperCase())
}
