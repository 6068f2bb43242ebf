/** Threads of this process held still, as a disk holds up a thread that waits for it: by a debugger that stops them. */
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { once } from 'node:events'

const SEIZE = 0x4206
const INTERRUPT = 0x4207
const PR_SET_PTRACER = 0x59616d61
const WALL = 0x40000000

/** Says `held` once all stand still; they go on when its input ends, because the system lets go of them then. */
const DEBUGGER = `
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
for thread in map(int, sys.argv[1:]):
    for request in (${SEIZE}, ${INTERRUPT}):
        if libc.ptrace(request, thread, None, None) == -1:
            sys.exit('ptrace: ' + os.strerror(ctypes.get_errno()))
    os.waitpid(thread, ${WALL})
print('held', flush=True)
sys.stdin.read()
`

/** Holds all threads of a name until it is disposed of; fails where there are none. */
export async function holdThreads(name: string): Promise<AsyncDisposable> {
  const threads = readdirSync('/proc/self/task').filter((id) => nameOf(id) === name)
  if (threads.length === 0) throw new Error(`there is no thread called ${name}`)
  // Where only ancestors may look into a process (Yama), everybody may for this one.
  const koffi: typeof import('koffi').default = createRequire(import.meta.url)('koffi')
  koffi.load(null).func('int prctl(int option, long value)')(PR_SET_PTRACER, -1)
  const held = spawn('python3', ['-c', DEBUGGER, ...threads], { stdio: ['pipe', 'pipe', 'pipe'] })
  const ended = once(held, 'exit')
  let said = ''
  held.stderr.on('data', (text: Buffer) => (said += text.toString()))
  await Promise.race([
    once(held.stdout, 'data'),
    ended.then(() => {
      throw new Error(`the threads cannot be held: ${said}`)
    }),
  ])
  return {
    async [Symbol.asyncDispose]() {
      held.stdin.end()
      await ended
    },
  }
}

function nameOf(thread: string): string {
  try {
    return readFileSync(`/proc/self/task/${thread}/comm`, 'utf8').trim()
  } catch {
    return ''
  }
}
