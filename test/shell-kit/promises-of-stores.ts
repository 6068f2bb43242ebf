/** What the contract promises of folders, users, certificates, storage and networks. */
import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { isAbsolute } from 'node:path'
import { isIPv4 } from 'node:net'
import { expect } from 'chai'
import { loadCertificate } from '../../module/certificates/choose.ts'
import { accountName, network, timeZone } from '../../module/settings/values.ts'
import type { ShellPromise } from './shell-under-test.ts'

const NOBODY = 'nobody-of-this-name-4711'
const ORIGIN = { address: '127.0.0.1', service: 'ftp' } as const
/** Times a password is checked to see how long it takes. */
const TRIES = 5
/** Milliseconds, and a ratio, within which two times count as the same. */
const SAME = { milliseconds: 30, ratio: 3 }

export const storePromises: readonly ShellPromise[] = [
  {
    name: 'it speaks version 1 of the contract and says what product it is',
    check: async ({ shell }) => {
      expect(shell.api).to.equal(1)
      expect(shell.product.name).to.be.a('string').and.not.equal('')
      expect(shell.product.version).to.be.a('string').and.not.equal('')
    },
  },
  {
    name: 'its folders are there, absolute, different, to be written to, and closed to others',
    check: async ({ shell }) => {
      const folders = Object.values(shell.paths)
      expect(new Set(folders).size, 'different folders').to.equal(4)
      for (const folder of folders) {
        expect(isAbsolute(folder), folder).to.equal(true)
        const { mode } = await stat(folder)
        expect((mode & 0o007).toString(8), `rights of others in ${folder}`).to.equal('0')
        await access(folder, constants.W_OK)
      }
    },
  },
  {
    name: 'users and groups are listed under names that can be used, each once',
    check: async ({ shell, user }) => {
      const users = await shell.users.list()
      const groups = (await shell.users.groups()).map(({ name }) => name)
      for (const names of [users.map(({ name }) => name), groups]) {
        expect(new Set(names).size, 'names are unique').to.equal(names.length)
        for (const name of names) expect(accountName.safeParse(name).success, JSON.stringify(name)).to.equal(true)
      }
      const found = users.find(({ name }) => name === user.name)
      expect([...(found?.groups ?? [])].sort()).to.deep.equal([...user.groups].sort())
      expect(groups).to.include.members([...user.groups])
    },
  },
  {
    name: 'a user is found by name, and nobody by a name that nobody has',
    check: async ({ shell, user, disabled }) => {
      expect(await shell.users.find(user.name)).to.include({ name: user.name, enabled: true })
      if (disabled) expect(await shell.users.find(disabled.name)).to.include({ enabled: false })
      for (const name of [NOBODY, '', '../x', '__proto__', 'a'.repeat(10_000)]) {
        expect(await shell.users.find(name), name.slice(0, 20)).to.equal(undefined)
      }
    },
  },
  {
    name: 'the right password is accepted, every other is not, and the answer never says why',
    check: async ({ shell, user, disabled }) => {
      const verify = (name: string, password: string) => shell.users.verify(name, password, ORIGIN)
      expect(await verify(user.name, user.password)).to.include({ name: user.name, enabled: true })
      for (const password of ['', `${user.password} `, user.password.slice(1), '\0', 'x'.repeat(100_000)]) {
        expect(await verify(user.name, password), JSON.stringify(password.slice(0, 20))).to.equal(undefined)
      }
      expect(await verify(NOBODY, user.password)).to.equal(undefined)
      if (disabled) expect(await verify(disabled.name, disabled.password), 'disabled').to.equal(undefined)
    },
  },
  {
    name: 'a name that nobody has takes as long as a wrong password (RFC 2577 section 7)',
    check: async ({ shell, user }) => {
      const known = await median((at) => shell.users.verify(user.name, `wrong ${at}`, ORIGIN))
      const unknown = await median((at) => shell.users.verify(NOBODY, `wrong ${at}`, ORIGIN))
      const [short, long] = [Math.min(known, unknown), Math.max(known, unknown)]
      const same = long - short < SAME.milliseconds || long / short < SAME.ratio
      expect(same, `${known.toFixed(1)} ms for a wrong password, ${unknown.toFixed(1)} ms for a wrong name`).to.equal(
        true,
      )
    },
  },
  {
    name: 'every certificate of the list can be loaded and used, and one that is not there is refused',
    check: async ({ shell }) => {
      const ids = (await shell.certificates.list()).map(({ id }) => id)
      expect(new Set(ids).size, 'ids are unique').to.equal(ids.length)
      for (const id of [undefined, ...ids]) await loadCertificate(shell.certificates, id)
      for (const id of ['not-there-4711', '../../../etc/passwd', '']) {
        const refused = await shell.certificates.load(id).then(
          () => undefined,
          (error: unknown) => error,
        )
        expect(refused, `load(${JSON.stringify(id)}) rejects`).to.be.instanceOf(Error)
      }
    },
  },
  {
    name: 'storage roots are folders that are there, and writable unless they say otherwise',
    check: async ({ shell }) => {
      const roots = await shell.storage.roots()
      expect(roots.length, 'at least one').to.be.greaterThan(0)
      expect(new Set(roots.map(({ id }) => id)).size, 'ids are unique').to.equal(roots.length)
      for (const { path, readOnly, freeBytes = 0, totalBytes = Infinity } of roots) {
        expect(isAbsolute(path), path).to.equal(true)
        expect((await stat(path)).isDirectory(), path).to.equal(true)
        if (!readOnly) await access(path, constants.W_OK)
        expect(freeBytes).to.be.at.most(totalBytes)
      }
    },
  },
  {
    name: 'LAN networks can be read and hold the machine itself, addresses and ports are possible',
    check: async ({ shell }) => {
      const lan = shell.network.lan()
      for (const each of lan) expect(network.safeParse(each).success, each).to.equal(true)
      expect(
        lan.some((each) => each.startsWith('127.')),
        'loopback is LAN',
      ).to.equal(true)
      const wan = shell.network.wanAddress()
      expect(wan === undefined || isIPv4(wan), String(wan)).to.equal(true)
      for (const port of shell.network.usedPorts()) expect(port).to.be.within(1, 65535)
    },
  },
  {
    name: 'the time zone, where one is told, is a zone: limits go by its clock',
    check: async ({ shell }) => {
      expect(timeZone.safeParse(shell.timeZone?.() ?? 'UTC').success).to.equal(true)
    },
  },
]

async function median(work: (at: number) => Promise<unknown>): Promise<number> {
  const times: number[] = []
  for (let at = 0; at < TRIES; at += 1) {
    const start = performance.now()
    await work(at)
    times.push(performance.now() - start)
  }
  return times.sort((a, b) => a - b)[Math.floor(TRIES / 2)] ?? 0
}
