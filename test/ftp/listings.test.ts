/** LIST, NLST and STAT of a path (RFC 959 section 4.1.3, RFC 1123 section 4.1.2.7). */
import { once } from 'node:events'
import { connect } from 'node:net'
import { expect } from 'chai'
import { resolvePathname, ROOT } from '../../module/ftp/pathname.ts'
import { eventually } from '../cap.ts'
import { serve, type Served } from '../serve.ts'
import { TRANSPORTS } from '../transport.ts'

const files = { 'a.txt': 'hello', 'two words.txt': 'x', 'd/b.txt': 'b', 'd/e/c.txt': 'c', empty: null, '-a': 'a file' }
const LINE =
  /^[-d][rwx-]{9} +\d+ \S+ +\S+ +\d+ (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ 0-3]\d (?:\d\d:\d\d| \d{4}) \S.*$/

for (const transport of TRANSPORTS) {
  describe(`listings over ${transport}`, () => {
    it('look like ls -l, whatever the TYPE', async () => {
      await using it = await serve({ transport, files })
      const client = await it.login()
      for (const type of ['A', 'I']) {
        await client.say(`TYPE ${type}`, 200)
        const lines = await client.listing('LIST')
        expect(lines.length).to.equal(5)
        for (const line of lines) expect(line).to.match(LINE)
        expect(lines.find((line) => line.endsWith('a.txt'))).to.match(/^-rw-r--r-- +1 .* 5 Jan (?: 2|02) +2024 a\.txt$/)
        expect(lines.find((line) => line.endsWith(' d'))).to.match(/^drwxr-xr-x /)
      }
    })

    it('of an empty directory send nothing and succeed', async () => {
      await using it = await serve({ transport, files })
      const client = await it.login()
      for (const verb of ['LIST', 'NLST', 'MLSD']) {
        const lines = await client.listing(`${verb} empty`)
        expect(lines.filter((line) => !/type=[cp]dir/.test(line))).to.deep.equal([])
      }
    })

    it('made in pieces, of which some are empty, arrive whole', async () => {
      await using it = await serve({ transport })
      const pieces = ['', 'a\r\n', '', 'b\r\n', '']
      Object.assign(it.files, {
        lines: async function* () {
          for (const piece of pieces) yield Buffer.from(piece)
        },
      })
      const client = await it.login()
      expect(await client.listing('NLST')).to.deep.equal(['a', 'b'])
      pieces.splice(1)
      expect(await client.listing('NLST')).to.deep.equal([])
    })

    it('of 100,000 entries arrive complete', async () => {
      await using it = await serve({ transport })
      it.files.put('many', null)
      for (let number = 0; number < 100_000; number++) it.files.plant('/many', `file-${number}`)
      const client = await it.login()
      const data = await client.epsv()
      await client.say('NLST many', 150)
      const text = String(await data.all(15_000))
      await client.reply(226)
      expect(text.split('\r\n').length).to.equal(100_001)
      expect(new Set(text.split('\r\n')).size).to.equal(100_001)
    })
  })
}

describe('LIST', () => {
  it('takes the options of ls and then one path with all its spaces', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    for (const options of ['-l', '-L', '-la', '-al', '-aL', '-lt', '-1', '-F', '-a -l', '-alR']) {
      const lines = await client.listing(`LIST ${options}`)
      expect(
        lines.some((line) => line.endsWith(' two words.txt')),
        options,
      ).to.be.true
      expect((await client.listing(`LIST ${options} two words.txt`)).length, options).to.equal(1)
      expect(
        (await client.listing(`LIST ${options} d`)).some((line) => line.endsWith(' b.txt')),
        options,
      ).to.be.true
    }
  })

  it('of something named like an option means that file', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    const lines = await client.listing('LIST -a')
    expect(lines.length).to.equal(1)
    expect(lines[0]).to.match(/ -a$/)
  })

  it('takes a pattern in the last part of the path, with and without options', async () => {
    await using it = await serve({ files: { ...files, 'c.bin': 'c' } })
    const client = await it.login()
    for (const line of ['LIST *.txt', 'LIST -la *.txt', 'LIST -la ?.txt', 'LIST d/*.txt', 'LIST -l d/b.*']) {
      const lines = await client.listing(line)
      expect(lines.length, line).to.be.within(1, 2)
      for (const text of lines) expect(text, line).to.match(/\.txt$/)
    }
    expect(await client.listing('NLST d/*.txt')).to.deep.equal(['d/b.txt'])
    expect(await client.listing('NLST *.none')).to.deep.equal([])
  })

  it('of a file is its one line', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    const lines = await client.listing('LIST d/b.txt')
    expect(lines.length).to.equal(1)
    expect(lines[0]).to.match(/^-rw.* (?:d\/)?b\.txt$/)
  })

  it('of what is missing or hidden is 550, both alike', async () => {
    const rights = { '/': ['list'], '/hidden': [] } as const
    await using it = await serve({ files: { ...files, 'hidden/b.txt': 'b' }, rights })
    const client = await it.login()
    for (const verb of ['LIST', 'NLST', 'MLSD', 'STAT']) {
      const texts = []
      for (const path of ['hidden', 'missing', 'hidden/b.txt', 'missing/b.txt']) {
        const data = await client.epsv()
        texts.push((await client.say(`${verb} ${path}`, [550, 450])).text.replaceAll(path, '…'))
        data.close()
      }
      expect(new Set(texts).size, verb).to.equal(1)
    }
    expect((await client.listing('NLST')).includes('hidden')).to.be.false
  })

  it('without the right to list is refused', async () => {
    await using it = await serve({ files, rights: ['upload'] })
    const client = await it.login()
    for (const verb of ['LIST', 'NLST', 'MLSD']) {
      const data = await client.epsv()
      await client.say(verb, 550)
      data.close()
    }
    await client.say('STAT /', 550)
    await client.store('STOR new.txt', 'x')
    await client.say('SIZE new.txt', 550)
  })

  it('shows the hour for files of the last half year, the year for others, in the zone asked for', async () => {
    await using it = await serve({ options: { listing: { timeZone: 'Asia/Tokyo' } } })
    const recent = new Date(Date.now() - 3 * 24 * 3600_000)
    it.files.put('recent.txt', 'x', recent.getTime())
    it.files.put('old.txt', 'x', Date.UTC(2001, 11, 31, 20, 0))
    it.files.put('future.txt', 'x', Date.now() + 300 * 24 * 3600_000)
    const client = await it.login()
    const lines = await client.listing('LIST')
    const time = recent.toLocaleTimeString('en-GB', { timeZone: 'Asia/Tokyo', hour: '2-digit', minute: '2-digit' })
    expect(lines.find((line) => line.endsWith('recent.txt'))).to.include(` ${time} recent.txt`)
    expect(lines.find((line) => line.endsWith('old.txt'))).to.match(/ Jan (?: 1|01) {2}2002 old\.txt$/)
    expect(lines.find((line) => line.endsWith('future.txt'))).to.match(/ {2}\d{4} future/)
  })

  it('-R descends where it is allowed, within its bounds', async () => {
    await using it = await serve({ files, options: { listing: { recursive: true, depth: 2 } } })
    const client = await it.login()
    const text = (await client.listing('LIST -R')).join('\n')
    expect(text).to.include('b.txt')
    expect(text).to.not.include('c.txt')
    await it.change({ listing: { depth: 8 } })
    expect((await client.listing('LIST -R')).join('\n')).to.include('c.txt')
    await it.change({ listing: { recursive: false } })
    expect((await client.listing('LIST -R')).join('\n')).to.not.include('b.txt')
  })

  it('-R leaves no directory open, neither at its bound nor where it is cut', async () => {
    const names = Array.from({ length: 50_000 }, (_, at) => [`d/${'x'.repeat(200)}${at}`, ''])
    await using it = await serve({
      files: Object.fromEntries(names),
      options: { listing: { recursive: true, entries: 300 } },
    })
    let open = 0
    const list = it.files.list.bind(it.files)
    it.files.list = async function* (path) {
      open += 1
      try {
        yield* list(path)
      } finally {
        open -= 1
      }
    }
    const client = await it.login()
    expect(await client.listing('LIST -R')).to.have.lengthOf(302)
    await eventually(() => open === 0, 'the directories are closed behind the bound')
    await it.change({ listing: { entries: 100_000 } })
    await client.epsv()
    await client.say('LIST -R', 150)
    await client.say('ABOR', 426)
    await client.reply(226)
    await eventually(() => open === 0, 'the directories are closed behind ABOR')
  })
})

describe('a listing that nobody reads', () => {
  it('is not made: a million entries stay on the disk (bounded memory)', async () => {
    await using it = await serve()
    const made = await endless(it)
    const client = await it.login()
    const { port } = await client.pasvTarget()
    const deaf = connect(port, '127.0.0.1').pause()
    await client.say('LIST', 150)
    await client.say('NOOP', 200)
    let [before, still] = [-1, 0]
    const halted = () => {
      still = before === made() ? still + 1 : 0
      before = made()
      return still > 25
    }
    await eventually(halted, 'the listing comes to a halt')
    expect(made()).to.be.below(200_000)
    await client.say('ABOR', 426)
    await client.reply(226)
    deaf.destroy()
  })

  it('is cut with 426 when its time is over (stalled readers)', async () => {
    await using it = await serve({ options: { timeouts: { stall: 0.3 } } })
    await endless(it)
    const client = await it.login()
    const { port } = await client.pasvTarget()
    const deaf = connect(port, '127.0.0.1')
      .pause()
      .on('error', () => undefined)
    await client.say('LIST', 150)
    await client.reply(426)
    await client.say('NOOP', 200)
    deaf.destroy()
  })
})

describe('a listing of a disk that hangs', () => {
  it('is cut at once by ABOR, and what was made has come', async () => {
    await using it = await serve()
    const entry = await it.files.stat(resolvePathname(ROOT, '/'))
    const awake = Promise.withResolvers<void>()
    it.files.list = async function* () {
      yield [{ ...entry, name: 'first' }]
      await awake.promise
    }
    const client = await it.login()
    const data = await client.epsv()
    const coming = await data.ready
    await client.say('LIST', 150)
    const [first] = await once(coming, 'data')
    expect(String(first)).to.match(/ first\r\n$/)
    await client.say('ABOR', 426)
    await client.reply(226)
    await data.ended()
    awake.resolve()
    await client.say('NOOP', 200)
  })
})

describe('NLST', () => {
  it('gives bare names that RETR takes', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    expect((await client.listing('NLST')).sort()).to.deep.equal(['-a', 'a.txt', 'd', 'empty', 'two words.txt'])
    expect(await client.listing('NLST d')).to.satisfy((names: string[]) =>
      ['b.txt,e', 'd/b.txt,d/e'].includes(names.sort().join()),
    )
  })

  it('of a file gives its name', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    expect(await client.listing('NLST a.txt')).to.deep.equal(['a.txt'])
  })
})

describe('STAT of a path', () => {
  it('lists on the control connection', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    const { lines } = await client.say('STAT d', [211, 212, 213])
    expect(lines.some((line) => line.endsWith(' b.txt'))).to.be.true
    expect((await client.say('STAT a.txt', [211, 212, 213])).text).to.include('a.txt')
  })

  it('ends after some thousand entries and says so', async () => {
    await using it = await serve({ files: { d: null } })
    for (let number = 0; number < 10_000; number++) it.files.plant('/d', `f${number}`)
    const client = await it.login()
    const { lines } = await client.say('STAT d', [211, 212, 213])
    expect(lines.length).to.be.within(100, 5000)
    expect(lines.at(-1)).to.include('first')
  })

  it('indents names that look like replies (reply injection)', async () => {
    await using it = await serve({ files: { 'd/213 End': 'x', 'd/211 x': 'x', 'd/212 x': 'x' } })
    const client = await it.login()
    const { lines } = await client.say('STAT d', [211, 212, 213])
    for (const line of lines.slice(1, -1)) expect(line).to.not.match(/^\d{3}/)
    await client.say('MLST d/213 End', 250)
    await client.say('NOOP', 200)
  })
})

/** Lets the folder have a million names; answers how many of them were asked for. */
async function endless(it: Served): Promise<() => number> {
  const entry = await it.files.stat(resolvePathname(ROOT, '/'))
  let made = 0
  it.files.list = async function* () {
    for (; made < 1_000_000; made += 100) {
      yield Array.from({ length: 100 }, (_, at) => ({ ...entry, name: `${'x'.repeat(100)}-${made + at}` }))
    }
  }
  return () => made
}
