/** What disks say of folders on them, without waiting for one that does not answer: a network share that is gone never does. */
import { constants } from 'node:fs'
import { access, statfs } from 'node:fs/promises'
import type { StorageRoot } from '../../shell.ts'

/** Milliseconds to wait for a disk. */
const PATIENCE = 1000

/** How full the disk is; nothing while the folder is missing or its disk does not answer. */
type Answer = Pick<StorageRoot, 'freeBytes' | 'totalBytes'> & { readonly writable: boolean }

interface Question {
  readonly answer: Promise<Answer>
  /** Whether somebody has waited for it in vain: nobody else does then. */
  late: boolean
}

export class DiskAnswers {
  /** Under way: a disk that hangs is not asked again. */
  readonly #questions = new Map<string, Question>()
  /** Whether folders could be written to when their disks answered last. */
  readonly #writable = new Map<string, boolean>()

  async about(path: string): Promise<Answer> {
    const question = this.#questions.get(path) ?? this.#ask(path)
    const answer = question.late ? undefined : await inTime(question.answer)
    if (answer) return answer
    question.late = true
    return { writable: this.#writable.get(path) ?? true }
  }

  #ask(path: string): Question {
    const question: Question = { answer: this.#answer(path), late: false }
    this.#questions.set(path, question)
    return question
  }

  async #answer(path: string): Promise<Answer> {
    const [writes, space] = [await writable(path), await spaceAt(path)]
    this.#questions.delete(path)
    this.#writable.set(path, writes)
    return { writable: writes, ...space }
  }
}

/** `undefined` if the answer takes too long. */
async function inTime(answer: Promise<Answer>): Promise<Answer | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), PATIENCE)
  })
  return Promise.race([answer, late]).finally(() => clearTimeout(timer))
}

function writable(path: string): Promise<boolean> {
  return access(path, constants.W_OK).then(
    () => true,
    () => false,
  )
}

function spaceAt(path: string): Promise<Omit<Answer, 'writable'>> {
  return statfs(path).then(
    ({ bavail, blocks, bsize }) => ({ freeBytes: bavail * bsize, totalBytes: blocks * bsize }),
    () => ({}),
  )
}
