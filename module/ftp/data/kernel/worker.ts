/** A thread of the kernel mover: moves the octets of many transfers between descriptors; see `link.ts` for the other side. */
import { getPriority, setPriority } from 'node:os'
import { parentPort } from 'node:worker_threads'
import type { Course } from './course.ts'
import { libc } from './libc.ts'
import type { Answer, Command } from './messages.ts'
import { polling } from './poll.ts'
import type { Wait } from './poll.ts'
import { Receiving } from './receiving.ts'
import { Sending } from './sending.ts'

/** Milliseconds between two looks at all transfers. */
const LOOK = 50
/** Steps by which a thread stands back behind the main thread, which everybody waits for who gives a command or opens a page. */
const STEPS_BACK = 5
const LOWEST = 19

const CLEAR = { send: Sending, receive: Receiving }

async function protecting() {
  const [{ SecureSending }, { SecureReceiving }] = await Promise.all([
    import('./secure-sending.ts'),
    import('./secure-receiving.ts'),
  ])
  return { send: SecureSending, receive: SecureReceiving }
}

/** What protects is loaded once it is wanted: it is more than half of what a thread takes to start. */
let secure: Awaited<ReturnType<typeof protecting>> | undefined
/** What has to wait until it is there. */
let waiting: Command[] | undefined

// There are movers only on Linux, where this is the priority of the calling thread alone. To step forward is for root only.
setPriority(Math.min(LOWEST, getPriority() + STEPS_BACK))

const courses = new Map<number, Course>()
const alone = () => courses.size === 1
let timer: NodeJS.Timeout | undefined
let wait: Wait | undefined

/** What is answered within one turn of the loop goes in one message. */
let untold: Answer[] = []

function answer(content: Answer): void {
  if (untold.push(content) > 1) return
  setImmediate(() => {
    parentPort?.postMessage(untold, [])
    untold = []
  })
}

function lookAtAll(): void {
  const now = performance.now()
  for (const course of courses.values()) course.look(now)
}

function start(command: Extract<Command, { kind: 'send' | 'receive' }>): void {
  const { id } = command
  const calls = libc()
  if (!calls) throw new Error('libc is gone')
  const ended = () => {
    courses.delete(id)
    if (courses.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
  const polled = (wait ??= polling())
  const Kind = ((command.protection && secure) || CLEAR)[command.kind]
  const course = new Kind({ libc: calls, wait: polled, alone, answer, ended }, command)
  courses.set(id, course)
  timer ??= setInterval(lookAtAll, LOOK)
  course.go()
}

async function load(): Promise<void> {
  waiting = []
  secure = await protecting()
  const commands = waiting
  waiting = undefined
  for (const command of commands) obey(command)
}

function obey(command: Command): void {
  if ('protection' in command && !secure && !waiting) void load()
  if (waiting) waiting.push(command)
  else if (command.kind === 'granted') courses.get(command.id)?.grant(command.octets)
  else if (command.kind === 'held') courses.get(command.id)?.hold()
  else if (command.kind === 'cut') courses.get(command.id)?.end()
  else start(command)
}

parentPort?.on('message', (commands: readonly Command[]) => {
  for (const command of commands) obey(command)
})
