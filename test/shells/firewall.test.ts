/** The embedded shell's nftables table. */
import { execFileSync, spawnSync } from 'node:child_process'
import { expect } from 'chai'
import { Nftables, ruleset } from '../../module/shells/embedded/firewall.ts'
import { rejection } from '../rejection.ts'

const PASSIVE = { from: 50000, to: 50099, sources: [] }
const CONTROL = { from: 21, to: 21, sources: ['192.168.1.1/24', '10.0.0.7', 'fd00::1/64'] }

describe('the firewall of the embedded shell', () => {
  it('opens ports to everybody, or to some networks and to nobody else', () => {
    const text = ruleset([PASSIVE, CONTROL])
    expect(text).to.include('    tcp dport 50000-50099 accept\n')
    expect(text).to.include(
      [
        '    tcp dport 21 ip saddr { 192.168.1.0/24, 10.0.0.7 } accept',
        '    tcp dport 21 ip6 saddr { fd00::/64 } accept',
        '    tcp dport 21 drop',
      ].join('\n'),
    )
  })

  it('replaces its own table in one step, and names no other', () => {
    for (const needs of [[], [CONTROL]]) {
      const text = ruleset(needs)
      expect(text).to.match(/^add table inet ftp_module\ndelete table inet ftp_module\n/)
      expect(text).to.not.match(/flush/)
      expect([...text.matchAll(/table (.+?)(?: \{)?$/gm)].every(([, name]) => name === 'inet ftp_module')).to.equal(
        true,
      )
    }
    expect(ruleset([])).to.not.include('chain')
  })

  it('lets nothing but ports and networks into the script (command injection)', () => {
    const injected = '10.0.0.1/8 } accept; flush ruleset; #'
    expect(() => ruleset([{ ...PASSIVE, sources: [injected] }])).to.throw()
    expect(() => ruleset([{ from: 0, to: 21, sources: [] }])).to.throw(RangeError)
    expect(() => ruleset([{ from: 21, to: 65536, sources: [] }])).to.throw(RangeError)
  })

  it('is not managed where we are not root, or there is no nft', async () => {
    expect(await new Nftables(async () => '', false).available()).to.equal(false)
    const none = new Nftables(() => Promise.reject(new Error('ENOENT')), true)
    expect(await none.available()).to.equal(false)
    expect(await none.strictTables()).to.deep.equal([])
    expect(await rejection(none.apply([]))).to.be.instanceOf(Error)
  })

  it('finds the tables of others that drop what they do not know', async () => {
    const nftables = [{ metainfo: {} }, chain('fw4', 'drop'), chain('filter', 'accept'), chain('ftp_module', 'drop')]
    const it = new Nftables(async () => JSON.stringify({ nftables }), true)
    expect(await it.strictTables()).to.deep.equal(['inet fw4'])
  })

  it('is understood by nft, in a network namespace of its own, twice in a row', function () {
    if (process.getuid?.() !== 0 || spawnSync('unshare', ['-n', 'nft', 'list', 'tables']).status !== 0) {
      const missing = spawnSync('nft', ['--version']).error !== undefined
      if (missing && process.env['CI'] === 'true' && process.getuid?.() === 0) throw new Error('nft is not installed')
      console.log('    nft or network namespaces are not there: the ruleset was not tried')
      this.skip()
    }
    const script = `set -e
      nft add table inet foreign
      nft -f "$1"; nft -f "$1"
      nft list ruleset
      nft -f "$2"
      echo -----
      nft list ruleset`
    const command =
      'printf %s "$1" > /tmp/$$.a; printf %s "$2" > /tmp/$$.b; set -- /tmp/$$.a /tmp/$$.b;' +
      ` trap 'rm -f "$1" "$2"' EXIT; ${script}`
    const shown = execFileSync('unshare', ['-n', 'sh', '-c', command, 'sh', ruleset([PASSIVE, CONTROL]), ruleset([])], {
      encoding: 'utf8',
    })
    const [with_ = '', without = ''] = shown.split('-----')
    expect(with_.match(/tcp dport 50000-50099 accept/g)).to.have.length(1)
    expect(with_).to.include('table inet foreign')
    expect(without).to.include('table inet foreign').and.not.include('ftp_module')
  })
})

const chain = (table: string, policy: string) => ({ chain: { family: 'inet', table, hook: 'input', policy } })
