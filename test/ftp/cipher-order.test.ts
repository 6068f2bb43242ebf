/** Which TLS suite is chosen: by what the processor does well, what the client puts first, and what the administrator has set. */
import { execFile } from 'node:child_process'
import { createCipheriv, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { duplexPair } from 'node:stream'
import {
  connect,
  createSecureContext,
  getCiphers,
  TLSSocket,
  type ConnectionOptions,
  type SecureContext,
} from 'node:tls'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { aesIsQuicker, ordered, suites } from '../../module/ftp/cipher-order.ts'
import type { KeyPair, TlsOptions } from '../../module/ftp/options.ts'
import { contextOf, SessionTls } from '../../module/ftp/tls.ts'
import { certificate } from '../certificate.ts'
import { suitesMet, type SuitesMet } from './suites-met.ts'

type Kind = 'aes128' | 'aes256' | 'chacha20'

const NAMES = {
  'TLSv1.2': {
    aes128: 'ECDHE-ECDSA-AES128-GCM-SHA256',
    aes256: 'ECDHE-ECDSA-AES256-GCM-SHA384',
    chacha20: 'ECDHE-ECDSA-CHACHA20-POLY1305',
  },
  'TLSv1.3': {
    aes128: 'TLS_AES_128_GCM_SHA256',
    aes256: 'TLS_AES_256_GCM_SHA384',
    chacha20: 'TLS_CHACHA20_POLY1305_SHA256',
  },
} as const

/** Without instructions for AES and GHASH, as OpenSSL takes it (OPENSSL_ia32cap). */
const WITHOUT_AES = { OPENSSL_ia32cap: '~0x200000200000000' }

const VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const
const eitherVersion = VERSIONS.map((version) => ({ minVersion: version, maxVersion: version }))

for (const version of VERSIONS) {
  const { aes128, aes256, chacha20 } = NAMES[version]
  const offering = (...names: string[]): ConnectionOptions => ({
    ...(names.length > 0 && { ciphers: names.join(':') }),
    minVersion: version,
    maxVersion: version,
  })

  describe(`the suite chosen with ${version}`, () => {
    let pair: KeyPair
    before(async () => {
      pair = await certificate()
    })

    for (const aesFirst of [true, false]) {
      const chosen = (...names: string[]) => suiteOf(contextWith(pair, aesFirst), offering(...names))

      describe(`where ${aesFirst ? 'AES' : 'ChaCha20'} is quicker`, () => {
        it('is the quickest one for a client that offers everything, whatever it puts first of AES', async () => {
          const first = aesFirst ? aes128 : chacha20
          expect(await chosen()).to.equal(first)
          expect(await chosen(aes256, chacha20, aes128)).to.equal(first)
          expect(await chosen(aes128, aes256, chacha20)).to.equal(first)
          expect(await chosen(aes256, aes128)).to.equal(aes128)
        })

        it('is ChaCha20 for a client that puts it first', async () => {
          expect(await chosen(chacha20, aes128, aes256)).to.equal(chacha20)
          expect(await chosen(chacha20, aes256, aes128)).to.equal(chacha20)
        })

        it('is the only one that a client has', async () => {
          for (const name of [aes128, aes256, chacha20]) expect(await chosen(name)).to.equal(name)
        })
      })
    }

    for (const descriptors of [false, true]) {
      const met = (...names: string[]) => suitesMet(offering(...names), descriptors)

      it(`is the same on all connections of a session, files ${descriptors ? 'with descriptors' : 'in memory'}`, async () => {
        const names = suites().ciphers.split(':')
        const quickest = names.find((name) => Object.values<string>(NAMES[version]).includes(name))
        expect(await met()).to.deep.equal(everywhere(quickest))
        expect(await met(chacha20, aes128, aes256)).to.deep.equal(everywhere(chacha20))
        expect(await met(aes256)).to.deep.equal(everywhere(aes256))
      })
    }
  })
}

describe('the suites to choose from', () => {
  it('are those that Node has by default, with either kind of certificate', async () => {
    const names = getCiphers().map((name) => name.toUpperCase())
    expect(names).to.include('ECDHE-RSA-AES128-GCM-SHA256').and.to.include('PSK-AES128-CBC-SHA')
    for (const kind of ['ECDSA', 'RSA']) {
      const pair = kind === 'RSA' ? await rsaCertificate() : await certificate()
      const contexts = [
        createSecureContext({ cert: pair.certificate, key: pair.key }),
        contextWith(pair, true),
        contextWith(pair, false),
      ]
      const allowed = []
      for (const name of names) {
        // Nothing that the client would refuse by itself.
        const client = name.startsWith('TLS_')
          ? { ciphers: name }
          : { ciphers: `${name}:@SECLEVEL=0`, maxVersion: VERSIONS[0] }
        const [usual, ...ours] = await Promise.all(contexts.map((context) => suiteOf(context, client)))
        expect(ours, name).to.deep.equal([usual, usual])
        if (usual !== undefined) allowed.push(usual)
      }
      expect(allowed).to.include.members(['TLS_AES_256_GCM_SHA384', `ECDHE-${kind}-AES256-SHA`])
    }
  })

  it('are in the same order with an RSA certificate', async () => {
    const pair = await rsaCertificate()
    const chosen = (aesFirst: boolean, ...names: string[]) =>
      suiteOf(contextWith(pair, aesFirst), {
        maxVersion: 'TLSv1.2',
        ...(names.length > 0 && { ciphers: names.join(':') }),
      })
    expect(await chosen(true)).to.equal('ECDHE-RSA-AES128-GCM-SHA256')
    expect(await chosen(false)).to.equal('ECDHE-RSA-CHACHA20-POLY1305')
    // Keys that are new for each connection come first, however quick the others are.
    expect(await chosen(true, 'AES128-GCM-SHA256', 'ECDHE-RSA-CHACHA20-POLY1305')).to.match(/^ECDHE/)
    expect(await chosen(false, 'AES128-GCM-SHA256', 'ECDHE-RSA-AES256-GCM-SHA384')).to.match(/^ECDHE/)
  })
})

describe('the order of the suites', () => {
  it('is found out once, and no session has its own', async () => {
    const pairs = [await certificate(), await certificate('other.test')]
    const each = pairs.map(
      (keyPair) => new SessionTls().contextFor(optionsWith(keyPair), { id: 'default' }).settings.suites,
    )
    for (const one of each) expect(one).to.equal(suites())
  })
})

describe('whether AES is quicker', () => {
  it('is what the measurements say', () => {
    expect(decided([0.004], [0.009]).aes).to.be.true
    expect(decided([0.07], [0.02]).aes).to.be.false
  })

  it('does not depend on what else the machine does meanwhile', () => {
    expect(decided([20, 0.05, 7, 0.004, 9, 9, 9, 9], [0.03, 0.02, 0.011, 0.009]).aes).to.be.true
    expect(decided([0.2, 0.07], [20, 12, 20, 5, 9, 3, 0.02, 4]).aes).to.be.false
    // The first record of each is also the first use of its code.
    expect(decided([9, 0.004], [0.1, 0.009]).aes).to.be.true
  })

  it('is found out with few records where they take long', () => {
    expect(decided([0.004], [0.009]).records).to.equal(16)
    expect(decided([1.6], [0.6]).records).to.equal(6)
    expect(decided([9], [4])).to.deep.equal({ aes: false, records: 6 })
  })

  it('is taken for granted where there is no ChaCha20', () => {
    expect(
      aesIsQuicker(
        () => undefined,
        () => createCipheriv('no-such-cipher', '', ''),
      ),
    ).to.be.true
  })
})

describe('the processor', () => {
  it('decides by its instructions, and for all threads', async () => {
    const [able, unable] = await Promise.all([metByProcess(eitherVersion), metByProcess(eitherVersion, WITHOUT_AES)])
    const aes = /^(?:flags|Features)\s*:.* aes\b/m.test(readFileSync('/proc/cpuinfo', 'utf8'))
    // On other processors than these OpenSSL cannot be told to do without.
    const still = aes && process.arch !== 'x64'
    expect(able).to.deep.equal(VERSIONS.map((version) => everywhere(NAMES[version][aes ? 'aes128' : 'chacha20'])))
    expect(unable).to.deep.equal(VERSIONS.map((version) => everywhere(NAMES[version][still ? 'aes128' : 'chacha20'])))
  })
})

describe('a list of the administrator (--tls-cipher-list)', () => {
  it('is kept as it is, also for clients that put ChaCha20 first', async () => {
    const clients = eitherVersion.map((client) => ({ ...client, ciphers: both('chacha20', 'aes128', 'aes256') }))
    const lists = (['aes256', 'chacha20'] as const).map(async (first) => {
      const list = both(first, first === 'aes256' ? 'chacha20' : 'aes256')
      const met = await metByProcess(clients, {}, `--tls-cipher-list=${list}`)
      expect(met).to.deep.equal(VERSIONS.map((version) => everywhere(NAMES[version][first])))
    })
    await Promise.all(lists)
  })
})

function optionsWith(keyPair: KeyPair): TlsOptions {
  const policy = { required: 'never', exempt: () => false, sessionReuse: 'prefer', strictEnd: true } as const
  return { ...policy, keyPair, minimum: 'TLSv1.2' }
}

function contextWith({ certificate: cert, key }: KeyPair, aesFirst: boolean): SecureContext {
  const keyPair = { certificate: cert, key }
  const own = { id: 1, ticketKeys: randomBytes(48), owner: 'x'.repeat(32) }
  return contextOf({ ...own, keyPair, minimum: 'TLSv1.2', suites: ordered(aesFirst) })
}

/** What a handshake between the two comes to; undefined = it fails. */
async function suiteOf(context: SecureContext, client: ConnectionOptions): Promise<string | undefined> {
  const [near, far] = duplexPair()
  const server = new TLSSocket(far, { isServer: true, secureContext: context })
  server.on('error', () => near.destroy()).on('_tlsError', () => near.destroy())
  try {
    const socket = connect({ rejectUnauthorized: false, ...client, socket: near })
    try {
      await once(socket, 'secureConnect')
      return socket.getCipher().name
    } finally {
      socket.destroy()
    }
  } catch {
    return undefined
  } finally {
    server.destroy()
  }
}

function everywhere(name: string | undefined) {
  return { control: name, listing: name, small: name, download: name, upload: name }
}

/** A list for either version. */
function both(...kinds: Kind[]): string {
  return VERSIONS.flatMap((version) => kinds.map((kind) => NAMES[version][kind])).join(':')
}

/** What each client meets at a server in a process of its own. */
async function metByProcess(
  clients: readonly ConnectionOptions[],
  environment = {},
  ...options: string[]
): Promise<SuitesMet[]> {
  const file = join(import.meta.dirname, 'suites-met.ts')
  const script = `import(${JSON.stringify(file)}).then(async ({ suitesMet }) => {
    const met = ${JSON.stringify(clients)}.map((client) => suitesMet(client, true))
    console.log(JSON.stringify(await Promise.all(met)))
  })`
  const parameters = [...options, '--disable-warning=ExperimentalWarning', '-e', script]
  const env = { ...process.env, ...environment }
  const { stdout } = await promisify(execFile)(process.execPath, parameters, { env, timeout: 15_000 })
  return JSON.parse(stdout) as SuitesMet[]
}

/** The decision where each record takes so many milliseconds, the last for all that follow; and the records it took. */
function decided(aes: readonly number[], chacha20: readonly number[]): { aes: boolean; records: number } {
  let [time, records] = [0, 0]
  const sealing = (each: readonly number[]) => {
    let count = 0
    return () => {
      time += each[Math.min(count++, each.length - 1)] ?? 0
      records += 1
    }
  }
  return { aes: aesIsQuicker(sealing(aes), sealing(chacha20), () => time), records }
}

async function rsaCertificate(): Promise<KeyPair> {
  const kind = ['-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost', '-keyout', '-', '-out', '-']
  const { stdout } = await promisify(execFile)('openssl', ['req', '-x509', ...kind])
  return { certificate: stdout, key: stdout }
}
