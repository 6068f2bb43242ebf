/** Self-signed certificates with EC keys, made by openssl once per run and name. */
import { execFile } from 'node:child_process'
import { rmSync } from 'node:fs'
import { mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { KeyPair } from '../module/ftp/options.ts'

export interface Certificate extends KeyPair {
  /** The certificate as a file, for clients that want a path. */
  readonly file: string
}

const made = new Map<string, Promise<Certificate>>()

/** A certificate for a host name; the same one whenever the name is asked for again. */
export function certificate(name = 'localhost'): Promise<Certificate> {
  const known = made.get(name)
  if (known) return known
  const making = make(name)
  made.set(name, making)
  return making
}

async function make(name: string): Promise<Certificate> {
  const folder = await mkdtemp(join(tmpdir(), 'certificate-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'certificate.pem')
  const keyFile = join(folder, 'key.pem')
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  const names = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name},IP:127.0.0.1,IP:::1`]
  await promisify(execFile)('openssl', ['req', '-x509', ...kind, ...names, '-keyout', keyFile, '-out', file])
  return { certificate: await readFile(file, 'utf8'), key: await readFile(keyFile, 'utf8'), file }
}
