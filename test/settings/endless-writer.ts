/** Writes versions of a file without end and counts them on stdout, until it is killed. */
import { DurableFile } from '../../module/settings/durable-file.ts'

const [path = '', round = '0'] = process.argv.slice(2)
const file = new DurableFile(path)
for (let count = 1; ; count += 1) {
  await file.write({ round: Number(round), count, padding: 'x'.repeat(count * 37) })
  process.stdout.write(`${count}\n`)
}
