/** Data endpoints: RFC 959 section 4.1.2, RFC 2428 (EPRT, EPSV), RFC 2577 (bounce and theft). */
import { canonicalAddress, familyOf, isIPv4Text } from '../address.ts'
import { nothing, optionalWord, word } from '../argument.ts'
import { loggedIn } from '../command.ts'
import { activeEndpoint } from '../data/active.ts'
import { ConnectFailed } from '../data/endpoint.ts'
import type { PassiveEndpoint } from '../data/endpoint.ts'
import { listenPassive } from '../data/passive.ts'
import { Refusal, reply } from '../reply.ts'
import type { Reply } from '../reply.ts'
import type { Session } from '../session.ts'
import { refusedBy } from '../verdict.ts'

const ACTIVE = refusedBy('data.foreign-address', 'system')

export const connections = {
  PASV: loggedIn({
    argument: nothing,
    syntax: 'PASV',
    help: 'Open a data port here (IPv4).',
    rfc: 'RFC 959 section 4.1.2',
    keepsPending: true,
    run(session) {
      refuseAfterEpsvAll(session)
      const announced = session.options.passive.externalAddress(session.client.address) ?? session.client.localAddress
      // 227 has no room for an IPv6 address.
      if (!isIPv4Text(announced)) throw new Refusal(425, 'PASV cannot tell an IPv6 address: send EPSV.')
      return listen(session, (port) => {
        const numbers = [...announced.split('.'), port >> 8, port & 255].join(',')
        return reply(227, `Entering Passive Mode (${numbers}).`)
      })
    },
  }),

  EPSV: loggedIn({
    argument: optionalWord,
    syntax: 'EPSV [<SP> 1|2|ALL]',
    help: 'Open a data port here (IPv4 and IPv6).',
    rfc: 'RFC 2428 section 3',
    feature: 'EPSV',
    keepsPending: true,
    run(session, text) {
      if (text.toUpperCase() === 'ALL') {
        session.parameters.epsvOnly = true
        return reply(200, 'Only EPSV from now on.')
      }
      if (text !== '' && !/^[0-9]+$/.test(text)) throw new Refusal(501, 'Say EPSV, EPSV 1, EPSV 2 or EPSV ALL.')
      const own = protocolOf(session)
      if (text !== '' && text !== own) throw new Refusal(522, `Network protocol not supported, use (${own})`)
      return listen(session, (port) => reply(229, `Entering Extended Passive Mode (|||${port}|)`))
    },
  }),

  PORT: loggedIn({
    argument: word,
    syntax: 'PORT <SP> h1,h2,h3,h4,p1,p2',
    help: 'Name a data port of yours (IPv4).',
    rfc: 'RFC 959 section 4.1.2',
    keepsPending: true,
    run(session, text) {
      refuseAfterEpsvAll(session)
      if (!/^(?:(?:0|[1-9]\d{0,2}),){5}(?:0|[1-9]\d{0,2})$/.test(text))
        throw new Refusal(501, 'Six numbers are expected.')
      const numbers = text.split(',').map(Number)
      const [high = 0, low = 0] = numbers.slice(4)
      if (numbers.some((number) => number > 255)) throw new Refusal(501, 'The numbers must be 0 to 255.')
      if (protocolOf(session) === '2') throw new Refusal(522, 'Network protocol not supported, use (2)')
      return announce(session, numbers.slice(0, 4).join('.'), high * 256 + low)
    },
  }),

  EPRT: loggedIn({
    argument: word,
    syntax: 'EPRT <SP> |1|address|port|',
    help: 'Name a data port of yours (IPv4 and IPv6).',
    rfc: 'RFC 2428 section 2',
    feature: 'EPRT',
    keepsPending: true,
    run(session, text) {
      refuseAfterEpsvAll(session)
      const delimiter = text.charAt(0)
      const parts = text.split(delimiter)
      const [before, protocol = '', address = '', port = '', behind] = parts
      const formed = /[!-~]/.test(delimiter) && parts.length === 5 && before === '' && behind === ''
      if (!formed || !/^[0-9]+$/.test(protocol)) throw new Refusal(501, 'Say |1|address|port| or |2|address|port|.')
      const own = protocolOf(session)
      if (protocol !== own) throw new Refusal(522, `Network protocol not supported, use (${own})`)
      const wellFormed = protocol === '1' ? isIPv4Text(address) : isPlainIPv6(address)
      if (!wellFormed || !/^[1-9][0-9]{0,4}$/.test(port) || Number(port) > 65535) {
        throw new Refusal(501, 'The address or the port is malformed.')
      }
      return announce(session, canonicalAddress(address), Number(port))
    },
  }),
}

/** 1 or 2 (RFC 2428 section 2): what the control connection speaks. */
function protocolOf(session: Session): '1' | '2' {
  return familyOf(session.client.localAddress) === 4 ? '1' : '2'
}

/** An IPv6 address without a zone and without an IPv4 one inside. */
function isPlainIPv6(text: string): boolean {
  return /^[0-9a-fA-F:]+$/.test(text) && familyOf(canonicalAddress(text)) === 6
}

function refuseAfterEpsvAll(session: Session): void {
  if (session.parameters.epsvOnly) throw new Refusal(503, 'After EPSV ALL only EPSV can be used.')
}

/** Opens a data port and tells it; at once where that is possible. */
function listen(session: Session, told: (port: number) => Reply): Reply | Promise<Reply> {
  session.closeData()
  const opened = (endpoint: PassiveEndpoint) => {
    session.closeData()
    session.data = endpoint
    return told(endpoint.port)
  }
  try {
    const endpoint = listenPassive({
      ports: session.shared.ports(),
      localAddress: session.client.localAddress,
      clientAddress: session.client.address,
      patience: session.options.timeouts.dataConnect * 1000,
    })
    return endpoint instanceof Promise ? endpoint.then(opened).catch(refused) : opened(endpoint)
  } catch (error) {
    return refused(error)
  }
}

function refused(error: unknown): never {
  if (error instanceof ConnectFailed) throw new Refusal(425, error.message)
  throw error
}

/** Connects to nobody but the client itself, and to no service of its host (RFC 2577 section 3, CVE-1999-0017). */
function announce(session: Session, address: string, port: number): Reply {
  session.closeData()
  if (address !== session.client.address) throw new Refusal(504, 'Only your own address can be connected to.', ACTIVE)
  const { localAddress, localPort } = session.client
  if (address === localAddress && port === localPort) throw new Refusal(504, 'This is our own port.', ACTIVE)
  if (port < 1024) throw new Refusal(504, 'Ports below 1024 are not connected to.', ACTIVE)
  session.data = activeEndpoint({
    localAddress: session.client.localAddress,
    address,
    port,
    patience: session.options.timeouts.dataConnect * 1000,
  })
  return reply(200, 'Data port accepted.')
}
