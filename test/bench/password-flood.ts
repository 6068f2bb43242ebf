/**
 * Measures what a flood of wrong passwords does to everybody else: `node test/bench/password-flood.ts [seconds]`. By turns without and
 * with sixty guessers who never wait, told are the delay of the event loop and the time of reading 64 KiB through Node's threads, on
 * which the passwords are hashed, too.
 */
import { openSync, read } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { PasswordCheck } from '../../module/shells/embedded/password-check.ts'
import { impossibleHash } from '../../module/shells/embedded/password-hash.ts'

const [SECONDS = 5] = process.argv.slice(2).map(Number)
const GUESSERS = 60

const check = new PasswordCheck()
const hash = impossibleHash()
const file = openSync(process.execPath, 'r')
const buffer = Buffer.alloc(64 * 1024)
const reading = promisify(read)

console.log('| | passwords/s | event loop p50, p99, longest ms | read p50, p99, longest ms |\n|---|---:|---:|---:|')
for (const guessers of [0, GUESSERS, 0, GUESSERS]) await measure(guessers)

async function measure(guessers: number): Promise<void> {
  const end = performance.now() + SECONDS * 1000
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const guesses = Promise.all(Array.from({ length: guessers }, (_, number) => guess(`user-${number}`, end)))
  const times = await reads(end)
  delay.disable()
  const checked = (await guesses).reduce((sum, count) => sum + count, 0)
  const loop = [delay.percentile(50), delay.percentile(99), delay.max].map((time) => (time / 1e6).toFixed(1))
  const disk = [0.5, 0.99, 1].map((part) => (times[Math.ceil(times.length * part) - 1] ?? NaN).toFixed(1))
  console.log(`| ${guessers} guessers | ${(checked / SECONDS).toFixed(0)} | ${loop.join(', ')} | ${disk.join(', ')} |`)
}

async function guess(user: string, end: number): Promise<number> {
  let count = 0
  for (; performance.now() < end; count++) await check.verify(user, `wrong-${Math.random()}`, hash)
  return count
}

async function reads(end: number): Promise<number[]> {
  const times: number[] = []
  while (performance.now() < end) {
    const before = performance.now()
    await reading(file, buffer, 0, buffer.length, 0)
    times.push(performance.now() - before)
    await pause(2)
  }
  return times.sort((a, b) => a - b)
}
