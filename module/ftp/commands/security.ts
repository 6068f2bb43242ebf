/** Protection: RFC 2228 section 3 and RFC 4217. */
import { nothing, word } from '../argument.ts'
import { open } from '../command.ts'
import { Refusal, reply } from '../reply.ts'
import type { Session } from '../session.ts'
import { usableKeyPair } from '../tls.ts'
import { refusedBy } from '../verdict.ts'

const NO_TLS = refusedBy('tls.off', 'server')
const NAMES: ReadonlySet<string> = new Set(['TLS', 'TLS-C', 'SSL', 'TLS-P'])

export const security = {
  AUTH: open({
    argument: word,
    syntax: 'AUTH <SP> TLS',
    help: 'Put the control connection under TLS.',
    rfc: 'RFC 4217 section 4',
    essential: 'encryption',
    feature: (session) => (session.options.tls ? 'AUTH TLS' : undefined),
    run(session, mechanism) {
      if (!session.options.tls) throw new Refusal(502, 'There is no certificate: TLS is switched off.', NO_TLS)
      if (!NAMES.has(mechanism.toUpperCase())) throw new Refusal(504, 'Only AUTH TLS is known here.')
      if (session.control.secure) throw new Refusal(503, 'The control connection is under TLS already.')
      if (!usableKeyPair(session.domain.keyPair ?? session.options.tls.keyPair)) {
        throw new Refusal(431, 'The certificate of this server cannot be used.')
      }
      // What was said in clear text may have been said by somebody else (RFC 4217 section 11).
      session.reset()
      return reply(234, 'Begin the TLS handshake.', 'secure')
    },
  }),

  PBSZ: open({
    argument: word,
    syntax: 'PBSZ <SP> 0',
    help: 'Set the protection buffer size, which is 0 under TLS.',
    rfc: 'RFC 4217 section 9',
    essential: 'encryption',
    feature: (session) => (session.options.tls ? 'PBSZ' : undefined),
    keepsPending: true,
    run(session, size) {
      requireSecure(session)
      if (!/^[0-9]{1,10}$/.test(size) || Number(size) > 0xffff_ffff) throw new Refusal(501, 'A number is expected.')
      session.bufferSizeSet = true
      return reply(200, 'PBSZ=0')
    },
  }),

  PROT: open({
    argument: word,
    syntax: 'PROT <SP> C|P',
    help: 'Choose clear or private data connections.',
    rfc: 'RFC 4217 section 9',
    essential: 'encryption',
    feature: (session) => (session.options.tls ? 'PROT' : undefined),
    keepsPending: true,
    run(session, level) {
      requireSecure(session)
      if (!session.bufferSizeSet) throw new Refusal(503, 'Send PBSZ 0 first.')
      const letter = level.toUpperCase()
      if (letter === 'S' || letter === 'E') throw new Refusal(536, 'TLS has only PROT C and PROT P.')
      if (letter !== 'C' && letter !== 'P') throw new Refusal(504, 'Choose PROT C or PROT P.')
      const { tls } = session.options
      if (letter === 'C' && tls?.required === 'data' && !tls.exempt(session.client.address)) {
        throw new Refusal(534, 'Data connections must be protected here.', refusedBy('tls.required', 'server', 'data'))
      }
      session.protection = letter === 'P' ? 'private' : 'clear'
      return reply(200, letter === 'P' ? 'Data connections are protected.' : 'Data connections are clear.')
    },
  }),

  CCC: open({
    argument: nothing,
    syntax: 'CCC',
    help: 'Never granted: commands stay under TLS.',
    rfc: 'RFC 4217 section 5',
    run(session) {
      if (!session.control.secure) throw new Refusal(533, 'The control connection is not under TLS.')
      // A clear control connection would let anybody on the way insert commands (RFC 4217 section 12.3).
      throw new Refusal(534, 'The control connection stays under TLS.')
    },
  }),
}

function requireSecure(session: Session): void {
  if (!session.control.secure) throw new Refusal(503, 'Send AUTH TLS first.')
}
