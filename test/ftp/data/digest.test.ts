import { createHash } from 'node:crypto'
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { FilesError, type Download } from '../../../module/ftp/backend.ts'
import { ALGORITHMS, asciiSize, digest } from '../../../module/ftp/data/digest.ts'
import { DigestThread } from '../../../module/ftp/data/digest-thread.ts'
import { JobQueue } from '../../../module/ftp/data/job-queue.ts'
import { Refusal } from '../../../module/ftp/reply.ts'

/** The error that a promise is rejected with. */
const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.fail('It did not fail.'),
    (error: unknown) => error,
  )

/** A file without a descriptor. */
function inMemory(content: Buffer, size = content.length): Download {
  return {
    size,
    modified: 0,
    read: (buffer, position) => Promise.resolve(content.copy(buffer, 0, position)),
    close: () => Promise.resolve(),
  }
}

describe('digest', () => {
  const never = new AbortController().signal
  let folder: string
  const opened: Download[] = []

  before(async () => (folder = await mkdtemp(join(tmpdir(), 'digest-'))))
  afterEach(() => Promise.all(opened.splice(0).map((file) => file.close())))
  after(() => rm(folder, { recursive: true }))

  /** A file with a descriptor, as the resources give it. */
  async function onDisk(content: Buffer, size = content.length): Promise<Download> {
    const path = join(folder, String(Math.random()))
    await writeFile(path, content)
    const handle = await open(path)
    const file = { ...inMemory(content, size), fd: handle.fd, close: () => handle.close() }
    opened.push(file)
    return file
  }

  for (const [kind, make] of [
    ['with a descriptor', onDisk],
    ['without a descriptor', async (content: Buffer, size?: number) => inMemory(content, size)],
  ] as const) {
    describe(`of a file ${kind}`, () => {
      it('knows every algorithm that it offers', async () => {
        const file = await make(Buffer.from('123456789'))
        const values = await Promise.all(ALGORITHMS.map((algorithm) => digest(algorithm, file, 0, 9, never)))
        expect(values).to.deep.equal([
          '15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225',
          'd9e6762dd1c8eaf6d61b3c6192fc408d4d6d5f1176d0c29169bc24e71c3f274ad27fcd5811b313d681f7e55ec02d73d499c95455b6b5bb503acf574fba8ffe85',
          'f7c3bc1d808e04732adf679965ccc34ca7ae3441',
          '25f9e794323b453885f5181f1b624d0b',
          'CBF43926',
        ])
      })

      it('hashes a range of several pieces', async () => {
        const content = Buffer.alloc(3_000_001, 'some text\r\n')
        const value = await digest('SHA-1', await make(content), 1, 2_999_999, never)
        expect(value).to.equal(createHash('sha1').update(content.subarray(1, 2_999_999)).digest('hex'))
      })

      it('hashes nothing of an empty file', async () => {
        expect(await digest('CRC32', await make(Buffer.alloc(0)), 0, 0, never)).to.equal('00000000')
      })

      it('counts the octets that a file takes in TYPE A', async () => {
        expect(await asciiSize(await make(Buffer.from('one\ntwo\r\n\nthree')), never)).to.equal(17)
        const large = Buffer.alloc(2 * 1024 * 1024, 'x\r\n\n')
        expect(await asciiSize(await make(large), never)).to.equal((large.length / 4) * 5)
      })

      it('fails as busy when the file became shorter', async () => {
        const failure = await failureOf(digest('MD5', await make(Buffer.alloc(10), 20), 0, 20, never))
        expect(failure).to.be.instanceOf(FilesError)
        expect(failure).to.have.property('kind', 'busy')
      })

      it('stops when it is aborted, and works for the next one', async () => {
        const file = await make(Buffer.alloc(20 * 1024 * 1024))
        const abort = new AbortController()
        const reason = new Error('The client went away.')
        const hash = digest('SHA-512', file, 0, file.size, abort.signal)
        abort.abort(reason)
        expect(await failureOf(hash)).to.equal(reason)
        expect(await digest('CRC32', file, 0, 0, never)).to.equal('00000000')
      })
    })
  }

  it('fails as an input error when the descriptor cannot be read', async () => {
    const handle = await open(folder)
    const failure = await failureOf(digest('MD5', { ...inMemory(Buffer.alloc(1)), fd: handle.fd }, 0, 1, never))
    await handle.close()
    expect(failure).to.have.property('kind', 'input-output')
  })

  it('keeps the sessions going while a large file is hashed', async () => {
    const file = await onDisk(Buffer.alloc(64 * 1024 * 1024))
    let turns = 0
    const done = new AbortController()
    const others = (async () => {
      while (!done.signal.aborted) {
        await new Promise((resolve) => setImmediate(resolve))
        turns += 1
      }
    })()
    await digest('SHA-256', file, 0, file.size, never)
    done.abort()
    await others
    expect(turns).to.be.above(100)
  })

  it('does not start a job that was aborted before', async () => {
    const reason = new Error('too late')
    const signal = AbortSignal.abort(reason)
    expect(await failureOf(digest('MD5', inMemory(Buffer.alloc(1)), 0, 1, signal))).to.equal(reason)
  })
})

describe('DigestThread', () => {
  it('is started with the first job and ended when it has none', async () => {
    const thread = new DigestThread(1)
    expect(thread.running).to.be.false
    const job = thread.open('MD5')
    expect(await job.ask({ kind: 'end' })).to.have.property('value', 'd41d8cd98f00b204e9800998ecf8427e')
    expect(thread.running).to.be.true
    job.close()
    while (thread.running) await new Promise((resolve) => setImmediate(resolve))
    expect(await job.ask({ kind: 'end' })).to.deep.equal({ kind: 'gone' })
  })
})

describe('JobQueue', () => {
  it('runs so many at once, lets some wait and refuses the rest with 450', async () => {
    const queue = new JobQueue(2, 3)
    const { signal } = new AbortController()
    const gates = Array.from({ length: 6 }, () => Promise.withResolvers<number>())
    const started: number[] = []
    const jobs = gates.map(({ promise }, index) =>
      queue.run(signal, () => {
        started.push(index)
        return promise
      }),
    )
    const refusal = await failureOf(jobs[5] ?? Promise.resolve())
    expect(refusal).to.be.instanceOf(Refusal)
    expect(refusal).to.have.nested.property('reply.code', 450)
    expect(started).to.deep.equal([0, 1])
    for (const [index, gate] of gates.slice(0, 5).entries()) {
      gate.resolve(index)
      expect(await jobs[index]).to.equal(index)
    }
    expect(started).to.deep.equal([0, 1, 2, 3, 4])
  })

  it('goes on after a job that failed', async () => {
    const queue = new JobQueue(1, 0)
    const { signal } = new AbortController()
    await failureOf(queue.run(signal, () => Promise.reject(new Error('failed'))))
    expect(await queue.run(signal, () => Promise.resolve(1))).to.equal(1)
  })

  it('lets a job that is aborted while it waits give its place to another', async () => {
    const queue = new JobQueue(1, 1)
    const gate = Promise.withResolvers<void>()
    const first = queue.run(new AbortController().signal, () => gate.promise)
    const abort = new AbortController()
    const waiting = queue.run(abort.signal, () => expect.fail('It ran.'))
    abort.abort(new Error('gone'))
    expect(await failureOf(waiting)).to.have.property('message', 'gone')
    const second = queue.run(new AbortController().signal, () => Promise.resolve(2))
    gate.resolve()
    await first
    expect(await second).to.equal(2)
  })
})
