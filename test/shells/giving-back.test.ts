/** What the process does not need any more is the system's again: memory of a child process, as the kernel counts it. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const ALLOCATOR = fileURLToPath(new URL('../../module/shells/embedded/allocator.ts', import.meta.url))
const GIVING_BACK = fileURLToPath(new URL('../../module/shells/embedded/giving-back.ts', import.meta.url))

/** What the child finds: memory in MiB before and after it used and freed some, private memory unless something else is said. */
interface Found {
  readonly before: number
  readonly after: number
}

const RESIDENT = `
  const { readFileSync } = await import('node:fs')
  const resident = () => Number(/Private_Dirty: +([0-9]+)/.exec(readFileSync('/proc/self/smaps_rollup', 'utf8'))[1]) / 1024
`

async function found(program: string, environment: NodeJS.ProcessEnv = {}): Promise<Found> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      '--max-semi-space-size=8',
      '--disable-warning=ExperimentalWarning',
      '--input-type=module',
      '--eval',
      RESIDENT + program,
    ],
    { env: { ...process.env, MALLOC_ARENA_MAX: undefined, ...environment } },
  )
  const value: unknown = JSON.parse(stdout)
  assert.ok(value && typeof value === 'object' && 'before' in value && 'after' in value)
  return { before: Number(value.before), after: Number(value.after) }
}

/** Twice: only from the second hash on does glibc keep what the first one taught it to. */
const HASHES = `
  const { tuneAllocator } = await import(${JSON.stringify(ALLOCATOR)})
  const { scrypt } = await import('node:crypto')
  tuneAllocator()
  const hash = () => new Promise((done) => scrypt('secret', 'salt', 32, { N: 16384, maxmem: 2 ** 26 }, done))
  const before = resident()
  await hash()
  await hash()
  console.log(JSON.stringify({ before, after: resident() }))
`

/** Small pieces, the last of which stays, so that nothing below it can be given back by itself. To ask for memory takes time, and rest is wanted. */
const PIECES = `
  const { giveBackAtRest } = await import(${JSON.stringify(GIVING_BACK)})
  const { default: koffi } = await import('koffi')
  const libc = koffi.load(null)
  const take = libc.func('void *malloc(size_t octets)')
  const fill = libc.func('void *memset(void *at, int value, size_t octets)')
  const free = libc.func('void free(void *at)')
  const pieces = Array.from({ length: 2000 }, () => take(16384))
  for (const piece of pieces) fill(piece, 1, 16384)
  for (const piece of pieces.slice(0, -1)) free(piece)
  const before = resident()
  giveBackAtRest()
  const end = performance.now() + 200
  while (performance.now() < end);
  for (const late = Date.now() + 15_000; resident() > before - 24 && Date.now() < late;)
    await new Promise((again) => setTimeout(again, 700))
  console.log(JSON.stringify({ before, after: resident() }))
`

/** Objects that have outlived what V8 looks through all the time, too few for it to look by itself; nobody uses them any more. */
const OBJECTS = `
  const { giveBackAtRest } = await import(${JSON.stringify(GIVING_BACK)})
  const used = () => process.memoryUsage().heapUsed / 2 ** 20
  let kept = []
  for (let turn = 0; turn < 100_000; turn++) kept.push({ turn, half: turn / 2, text: 'object ' + turn })
  const before = used()
  giveBackAtRest()
  kept = undefined
  const end = performance.now() + 200
  while (performance.now() < end);
  for (const late = Date.now() + 6000; used() > before - 8 && Date.now() < late;)
    await new Promise((again) => setTimeout(again, 700))
  console.log(JSON.stringify({ before, after: used() }))
`

describe('memory that the C library keeps', () => {
  it('does not hold on to the 16 MiB that the hash of a password takes', async () => {
    const { before, after } = await found(HASHES)
    assert.ok(after - before < 8, `${before} MiB before, ${after} after`)
  })

  it('leaves alone what whoever started the process has decided', async () => {
    const { before, after } = await found(HASHES, { MALLOC_ARENA_MAX: '2' })
    assert.ok(after - before >= 8, `${before} MiB before, ${after} after`)
  })

  it('gives back what lies between pieces in use, once the process is at rest', async () => {
    const { before, after } = await found(PIECES)
    assert.ok(before - after >= 24, `${before} MiB before, ${after} after`)
  })
})

describe('memory that V8 keeps', () => {
  it('is given back once the start is over', async () => {
    const { before, after } = await found(OBJECTS)
    assert.ok(before - after >= 8, `${before} MiB before, ${after} after`)
  })
})
