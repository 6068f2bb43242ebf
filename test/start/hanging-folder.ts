/**
 * Loaded before `npm start`: a folder whose disk hangs. Whatever asks for a path below `HANGING_FOLDER` through a thread keeps that
 * thread waiting in the kernel, until somebody opens the FIFO `HANGING_FIFO` for writing. At SIGUSR2 a quarter of a minute passes.
 */
import fs, { type PathLike } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { promisify } from 'node:util'

const { HANGING_FOLDER: folder = '', HANGING_FIFO: fifo = '' } = process.env
const open = promisify(fs.open)
const close = promisify(fs.close)

/** Whether a path lies in the folder, also one that begins at a descriptor. */
function hangs(path: PathLike): boolean {
  const [at = '', descriptor = ''] = /^\/proc\/self\/fd\/\d+/.exec(String(path)) ?? []
  const [start, rest] = at === '' ? ['', String(path)] : [fs.readlinkSync(at), String(path).slice(at.length)]
  return descriptor === '' && `${start}${rest}/`.startsWith(`${folder}/`)
}

const answered = async () => close(await open(fifo, fs.constants.O_RDONLY))

type Asynchronous = (path: PathLike, ...rest: unknown[]) => Promise<unknown>

/** The same function, which waits where the path lies in the folder. */
function waiting(ask: Asynchronous): Asynchronous {
  return async (path, ...rest) => {
    if (hangs(path)) await answered()
    return ask(path, ...rest)
  }
}

const opening = waiting(promisify(fs.open) as Asynchronous)
Object.assign(fs, {
  open: (path: PathLike, flags: number, mode: number | undefined, done: (error: unknown, fd?: unknown) => void) =>
    void opening(path, flags, mode).then((fd) => done(null, fd), done),
})
for (const name of ['access', 'lstat', 'mkdir', 'opendir', 'realpath', 'stat', 'statfs'] as const) {
  Object.assign(fs.promises, { [name]: waiting(fs.promises[name] as Asynchronous) })
}
syncBuiltinESMExports()

const now = performance.now.bind(performance)
let passed = 0
performance.now = () => now() + passed
process.on('SIGUSR2', () => (passed += 15_000))
