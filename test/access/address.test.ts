/** Addresses in binary: one address, however it is spelt. */
import { expect } from 'chai'
import * as fc from 'fast-check'
import ipaddr from 'ipaddr.js'
import { addressOf, originOf, parseAddress } from '../../module/access/address.ts'

const groups = fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 8, maxLength: 8 })
const sparse = fc.array(fc.constantFrom(0, 0, 0, 1, 0xffff, 0xdb8), { minLength: 8, maxLength: 8 })
const origin = (text: string) => originOf(parseAddress(text) ?? addressOf([0, 0, 0, 0]))

describe('an address', () => {
  it('is IPv4 also where it arrives as IPv4-mapped IPv6', () => {
    for (const text of [
      '10.0.0.5',
      '::ffff:10.0.0.5',
      '::FFFF:a00:5',
      '0:0:0:0:0:ffff:10.0.0.5',
      '::ffff:10.0.0.5%eth0',
    ]) {
      expect(parseAddress(text), text).to.deep.equal({ family: 4, parts: [10, 0, 0, 5], text: '10.0.0.5' })
    }
  })

  it('is not IPv4 where it only ends in dots', () => {
    expect(parseAddress('::10.0.0.5')?.text).to.equal('::a00:5')
    expect(parseAddress('64:ff9b::10.0.0.5')?.text).to.equal('64:ff9b::a00:5')
  })

  it('drops the zone id', () => {
    expect(parseAddress('fe80::1%eth0')?.text).to.equal('fe80::1')
  })

  it('is refused where it is spelt with octal traps, short forms or nothing', () => {
    for (const text of [
      '',
      '10.0.0',
      '010.0.0.1',
      '0x7f.1',
      '1',
      '256.1.1.1',
      '1.2.3.4%eth0',
      'fe80::1%',
      '::1::',
      'a.b',
    ]) {
      expect(parseAddress(text), text).to.equal(undefined)
    }
  })

  it('has one canonical text, which reads back as itself', () => {
    fc.assert(
      fc.property(fc.oneof(groups, sparse), (parts) => {
        const { text } = addressOf(parts)
        expect(parseAddress(text)).to.deep.equal(addressOf(parts))
        expect(text).to.equal(ipaddr.process(new ipaddr.IPv6(parts).toNormalizedString()).toString())
      }),
    )
  })

  it('is the same in every spelling', () => {
    const spelling = fc.tuple(
      fc.oneof(groups, sparse),
      fc.boolean(),
      fc.boolean(),
      fc.option(fc.constantFrom('eth0', '1')),
    )
    fc.assert(
      fc.property(spelling, ([parts, padded, upper, zone]) => {
        const plain = parts.map((part) => part.toString(16).padStart(padded ? 4 : 1, '0')).join(':')
        const text = (upper ? plain.toUpperCase() : plain) + (zone === null ? '' : `%${zone}`)
        expect(parseAddress(text)).to.deep.equal(addressOf(parts))
      }),
    )
  })

  it('counts as one origin with its whole /64', () => {
    expect(origin('2001:db8:1:2::1')).to.equal('2001:db8:1:2::/64')
    expect(origin('2001:db8:1:2:ffff::9')).to.equal(origin('2001:db8:1:2::1'))
    expect(origin('2001:db8:1:3::1')).not.to.equal(origin('2001:db8:1:2::1'))
    expect(origin('::1')).to.equal('::/64')
    expect(origin('192.0.2.1')).to.equal('192.0.2.1')
  })

  it('never makes the parser throw', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseAddress(text)))
  })
})
