import { expect } from 'chai'
import * as fc from 'fast-check'
import {
  childOf,
  nameOf,
  parentOf,
  quoted,
  resolvePathname,
  ROOT,
  within,
  type VirtualPath,
} from '../../module/ftp/pathname.ts'
import { Refusal } from '../../module/ftp/reply.ts'

const pathname = fc
  .array(fc.constantFrom('/', '//', '.', '..', '...', 'a', 'b c', '\\', '%2e', '~', '\udcff', 'é', ' '), {
    maxLength: 12,
  })
  .map((parts) => parts.join(''))
const directory = pathname.map((text) => resolvePathname(ROOT, text))

const at = (text: string): VirtualPath => resolvePathname(ROOT, text)

/** The reply to a pathname that is refused. */
function refusalOf(text: string): number | undefined {
  try {
    resolvePathname(ROOT, text)
  } catch (error) {
    if (error instanceof Refusal) return error.reply.code
  }
  return undefined
}

describe('resolvePathname', () => {
  const home = resolvePathname(ROOT, '/home/anna')
  const cases: [string, string][] = [
    ['', '/home/anna'],
    ['.', '/home/anna'],
    ['..', '/home'],
    ['../..', '/'],
    ['../../../..', '/'],
    ['/', '/'],
    ['//', '/'],
    ['/..', '/'],
    ['x/', '/home/anna/x'],
    ['x//y/./z/..', '/home/anna/x/y'],
    ['/x', '/x'],
    [' x ', '/home/anna/ x '],
    ['...', '/home/anna/...'],
    ['-la', '/home/anna/-la'],
    ['*?[x]{y}', '/home/anna/*?[x]{y}'],
  ]
  for (const [text, path] of cases) {
    it(`resolves ${JSON.stringify(text)}`, () => expect(resolvePathname(home, text)).to.equal(path))
  }

  it('stays below the root and is normal whatever is typed', () => {
    fc.assert(
      fc.property(directory, pathname, (from, text) => {
        const path = resolvePathname(from, text)
        expect(path).to.match(/^\//)
        const parts = path === '/' ? [] : path.slice(1).split('/')
        for (const part of parts) expect(part).not.to.be.oneOf(['', '.', '..'])
        expect(resolvePathname(ROOT, path), 'normalised twice').to.equal(path)
        expect(resolvePathname(from, path), 'absolute').to.equal(path)
      }),
      { numRuns: 2000 },
    )
  })

  it('means the same in two steps as in one', () => {
    fc.assert(
      fc.property(directory, pathname, pathname, (from, first, second) => {
        if (first === '' || second.startsWith('/')) return
        expect(resolvePathname(resolvePathname(from, first), second)).to.equal(
          resolvePathname(from, `${first}/${second}`),
        )
      }),
    )
  })

  describe('traversal', () => {
    // Spellings that other servers took for a way up. Each is either resolved below the root or an ordinary, odd name.
    const attacks: [string, string][] = [
      ['../../../../etc/passwd', '/etc/passwd'],
      ['..//..//etc//passwd', '/etc/passwd'],
      ['/../../etc/passwd', '/etc/passwd'],
      ['//etc/passwd', '/etc/passwd'],
      ['///etc/passwd', '/etc/passwd'],
      ['sub/../../../etc', '/etc'],
      ['./../etc', '/etc'],
      ['....//etc', '/..../etc'],
      ['..../etc', '/..../etc'],
      ['..\\..\\etc', '/..\\..\\etc'],
      ['%2e%2e%2fetc', '/%2e%2e%2fetc'],
      ['%252e%252e/etc', '/%252e%252e/etc'],
      ['..%c0%af', '/..%c0%af'],
      ['\udcc0\udcae\udcc0\udcae/etc', '/\udcc0\udcae\udcc0\udcae/etc'],
      ['\uff0e\uff0e/etc', '/\uff0e\uff0e/etc'],
      ['..\u2215etc', '/..\u2215etc'],
      ['..;/etc', '/..;/etc'],
      ['.. /etc', '/.. /etc'],
      [' ../etc', '/ ../etc'],
      ['~root/x', '/~root/x'],
      ['~', '/~'],
      ['file:///etc/passwd', '/file:/etc/passwd'],
      ['C:\\Windows', '/C:\\Windows'],
      ['C:/Windows', '/C:/Windows'],
      ['\\\\?\\C:\\', '/\\\\?\\C:\\'],
      ['$HOME/x', '/$HOME/x'],
      ['/proc/self/root/etc', '/proc/self/root/etc'],
    ]
    for (const [text, path] of attacks) {
      it(`${JSON.stringify(text)} does not lead out`, () => expect(resolvePathname(ROOT, text)).to.equal(path))
    }

    it('by a name that is cut at NUL is refused', () => {
      for (const text of ['..\0/etc', 'a\0', '\0', 'a.txt\0.jpg']) expect(refusalOf(text)).to.equal(501)
    })
  })

  it('refuses names that would break a line', () => {
    for (const text of ['a\rb', 'a\nb', 'a\r\nb']) expect(refusalOf(text)).to.equal(501)
  })

  it('refuses a path longer than 4,096 octets and takes one of exactly that', () => {
    expect(resolvePathname(ROOT, 'a'.repeat(4095))).to.have.lengthOf(4096)
    expect(refusalOf('a'.repeat(4096))).to.equal(550)
    expect(refusalOf('é'.repeat(2048))).to.equal(550)
    expect(refusalOf('/..'.repeat(3000))).to.be.undefined
  })
})

describe('virtual paths', () => {
  it('have a name and a directory', () => {
    expect([nameOf(at('/a/b')), parentOf(at('/a/b'))]).to.deep.equal(['b', '/a'])
    expect([nameOf(at('/a')), parentOf(at('/a'))]).to.deep.equal(['a', '/'])
    expect([nameOf(ROOT), parentOf(ROOT)]).to.deep.equal(['', '/'])
  })

  it('are made of their directory and name again', () => {
    fc.assert(
      fc.property(directory, (path) => {
        if (path !== '/') expect(childOf(parentOf(path), nameOf(path))).to.equal(path)
      }),
    )
  })

  it('of a sibling whose name begins the same lie outside (prefix without separator)', () => {
    expect(within(at('/srv/ab'), at('/srv/a'))).to.be.false
    expect(within(at('/srv/a/b'), at('/srv/a'))).to.be.true
    expect(within(at('/srv/a'), at('/srv/a'))).to.be.true
    expect(within(at('/anything'), ROOT)).to.be.true
  })

  it('are quoted with their quotes doubled', () => {
    expect(quoted(at('/a "b"'))).to.equal('"/a ""b"""')
  })
})
