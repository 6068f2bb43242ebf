/** A process of its own that writes into a log until it is killed: `<folder>`; it prints how many entries it has handed in. */
import { openJournal } from '../../module/journal/journal.ts'
import { entry, KEEP } from './temporary-log.ts'

const journal = await openJournal({ folder: process.argv[2] ?? '', ...KEEP })
let handed = 0
const writing = setInterval(() => {
  for (let count = 0; count < 50; count++) journal.record(entry({ text: String(handed++), user: `u${handed % 7}` }))
  const { waiting, problem } = journal.state()
  process.stdout.write(`${JSON.stringify({ at: Date.now(), handed, waiting, problem })}\n`)
}, 10)
process.stdin.once('data', () => {
  clearInterval(writing)
  void journal.close().then(() => process.exit(0))
})
