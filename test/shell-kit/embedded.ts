/** The embedded shell as the kit looks at it; also the example for vendors: `npm run test:shell -- ./test/shell-kit/embedded.ts`. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { preset } from '../../module/settings/preset.ts'
import { checked } from '../../module/settings/problems.ts'
import { openEmbeddedShell } from '../../module/shells/embedded/embedded-shell.ts'
import type { ShellUnderTest } from './shell-under-test.ts'

const ANNA = { name: 'anna', password: 'correct horse', groups: ['staff'] }
const BERT = { name: 'bert', password: 'battery staple', groups: [], enabled: false }

export default async function makeShell(): Promise<ShellUnderTest> {
  const data = await mkdtemp(join(tmpdir(), 'shell-kit-'))
  const administrator = { name: 'root', password: 'a long password' }
  const shell = await openEmbeddedShell({
    places: { data },
    preset: checked(preset, { administrator, users: [ANNA, BERT] }),
    audit: () => {},
  })
  return {
    shell,
    user: ANNA,
    disabled: BERT,
    loggedIn: async () => ({ cookie: `ftp-login=${shell.web.sessions.begin(administrator.name)}` }),
    cause: {
      'users-changed': () => shell.users.addGroup(`group-${performance.now()}`.replace('.', '-')),
      'certificates-changed': async () => shell.reload(),
    },
    close: async () => {
      shell.close()
      await rm(data, { recursive: true, force: true })
    },
  }
}
