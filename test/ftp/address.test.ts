/** Addresses of peers have one spelling each, so that "the same peer" is a comparison of texts. */
import { expect } from 'chai'
import * as fc from 'fast-check'
import { canonicalAddress, familyOf, isIPv4Text } from '../../module/ftp/address.ts'

describe('the canonical spelling of an address', () => {
  it('of IPv4 is itself, also where it arrives as ::ffff: (attacks 53)', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        expect(canonicalAddress(address)).to.equal(address)
        expect(canonicalAddress(`::ffff:${address}`)).to.equal(address)
        expect(canonicalAddress(`::FFFF:${address}`)).to.equal(address)
        expect(canonicalAddress(`0:0:0:0:0:ffff:${address}`)).to.equal(address)
        expect(familyOf(canonicalAddress(`::ffff:${address}`))).to.equal(4)
      }),
    )
  })

  it('of IPv6 is one for all spellings, without the zone', () => {
    const groups = fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 8, maxLength: 8 })
    fc.assert(
      fc.property(groups, (numbers) => {
        fc.pre(!numbers.slice(0, 5).every((number) => number === 0))
        const [short, long] = [
          numbers.map((each) => each.toString(16)),
          numbers.map((each) => each.toString(16).padStart(4, '0')),
        ]
        const spelt = canonicalAddress(short.join(':'))
        expect(canonicalAddress(long.join(':').toUpperCase())).to.equal(spelt)
        expect(canonicalAddress(spelt)).to.equal(spelt)
        expect(canonicalAddress(`${spelt}%eth0`)).to.equal(spelt)
        expect(familyOf(spelt)).to.equal(6)
      }),
    )
  })

  it('of what is no address is empty', () => {
    for (const text of [
      '',
      undefined,
      'localhost',
      '1.2.3',
      '::ffff:999.1.1.1',
      '::ffff:01.2.3.4',
      ':::',
      '1::2::3',
      'g::',
    ]) {
      expect(canonicalAddress(text), String(text)).to.equal('')
    }
  })
})

describe('IPv4 text', () => {
  it('is four numbers without leading zeros, and nothing that other parsers guess at (bounce by spelling)', () => {
    fc.assert(fc.property(fc.ipV4(), isIPv4Text))
    const wrong =
      '127.1|2130706433|0x7f.0.0.1|0177.0.0.1|127.0.0.01|127.0.0.1.|.127.0.0.1|127.0.0|127.0.0.256|127..0.1|1.2.3.4.5| 1.2.3.4|1.2.3.4 |1.2.3.-4|١.2.3.4'
    for (const text of wrong.split('|')) expect(isIPv4Text(text), text).to.be.false
  })
})
