/** A server process whose settings change all the time; prints each change once it is stored. Started and killed by kill.test.ts. */
import { createFtpService } from '../../module/service.ts'
import { preset } from '../../module/settings/preset.ts'
import { checked } from '../../module/settings/problems.ts'
import { openEmbeddedShell } from '../../module/shells/embedded/embedded-shell.ts'

const START = checked(preset, {
  enabled: true,
  users: [{ name: 'anna', password: 'secret' }],
  settings: { port: 0, address: '127.0.0.1', passivePorts: 'any', limits: { connections: 500 } },
  resources: [{ name: 'Files', folder: 'files', rights: [{ user: 'anna', level: 'readWrite' }] }],
})

const [data = ''] = process.argv.slice(2)
const shell = await openEmbeddedShell({ places: { data }, preset: START, audit: () => undefined })
const { enabled, settings, accounts, resources } = START
const service = await createFtpService(shell, { enabled, settings, accounts, resources })
await service.start()
console.log(`port ${service.status().addresses[0]?.port}`)
console.log(`goodbye ${service.settings().settings.messages.goodbye}`)

process.stdin.once('data', () => void change())

async function change(): Promise<void> {
  for (let number = 1; ; number++) {
    await service.change({ settings: { messages: { goodbye: `Goodbye ${number}.` } } }, 'test')
    console.log(`stored ${number}`)
  }
}
