/**
 * Measures replays: `node test/bench/replay.ts [entries]`. Writes the entries (1,000,000; 40 to a session) into the log of a
 * service and asks what changes of encryption, commands and rules would have done, watching the event loop of the service.
 */
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { mounted } from '../web/mounted.ts'

const ENTRIES = Number(process.argv[2] ?? 1_000_000)
const CHANGES = {
  encryption: { tls: { policy: 'login' } },
  commands: { passiveOnly: true },
  rules: {
    access: {
      rules: [
        { action: 'deny', mask: '192.168.7.*' },
        { action: 'allow', mask: '*.*.*.*' },
      ],
    },
  },
}

await using it = await mounted({ preset: { users: [{ name: 'anna', password: 'secret' }] } })
const { journal } = it.service
const start = Date.now() - 20 * 3_600_000
for (let index = 0; index < ENTRIES; index++) {
  const [number, step] = [Math.floor(index / 40), index % 40]
  const event =
    step === 0
      ? 'session-opened'
      : step === 1 && number % 3 > 0
        ? 'secured'
        : step === 5
          ? 'login'
          : step % 2
            ? 'reply'
            : 'command'
  journal.record({
    kind: 'message',
    event,
    time: start + index * 60,
    session: `01234567-89ab-4cde-8f01-${String(number).padStart(12, '0')}`,
    address: `192.168.${number % 250}.${(number >> 8) % 250}`,
    domain: 'default',
    text: event === 'command' ? `> ${step % 7 ? 'RETR' : 'PORT'} /Scans/x-${index}.pdf` : `${event} ${index}`,
    ...(step >= 5 ? { user: 'anna' } : {}),
  })
  if (index % 10_000 === 9_999) await journal.flush()
}
await journal.flush()
console.log(`${ENTRIES} entries`)
for (const [name, settings] of Object.entries(CHANGES)) {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const began = performance.now()
  const { sessions, refused, complete } = await it.service.insights.replay.ask({ settings })
  delay.disable()
  const held = `event loop held up at most ${(delay.max / 1e6).toFixed(0)} ms, p99 ${(delay.percentile(99) / 1e6).toFixed(0)} ms`
  const looked = `${sessions} sessions${complete ? '' : ' (the newest)'}, ${refused} refused`
  console.log(`${name}: ${(performance.now() - began).toFixed(0)} ms, ${looked}; ${held}`)
}
