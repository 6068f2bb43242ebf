/** New keys in the middle of a session (RFC 8446 section 4.6.3), which some clients take after so many octets. */
import { spawn } from 'node:child_process'
import { connect, createServer, type AddressInfo } from 'node:net'
import { eventually } from '../cap.ts'
import { serve } from '../serve.ts'

describe('a KeyUpdate', () => {
  it('in one piece with a command does not keep the command from its reply', async () => {
    await using it = await serve({ transport: 'implicit TLS' })
    await using way = await holding(it.port)
    const client = spawn('openssl', ['s_client', '-tls1_3', '-crlf', '-connect', `127.0.0.1:${way.port}`])
    try {
      let said = ''
      for (const output of [client.stdout, client.stderr]) output.on('data', (octets) => (said += String(octets)))
      await eventually(() => said.includes('220 '), 'the greeting')
      way.hold()
      client.stdin.write('k\n')
      await eventually(() => said.includes('KEYUPDATE'), 'the client takes new keys')
      client.stdin.write('NOOP\n')
      await eventually(() => way.held === 2, 'both are under way')
      way.release()
      await eventually(() => said.includes('200 '), 'the reply')
    } finally {
      client.kill()
    }
  })
})

/** A way to a port that can keep back what the client sends, and hand it over in one piece. */
async function holding(target: number) {
  let kept: Buffer[] | undefined
  let hand: ((octets: Buffer) => void) | undefined
  const server = createServer((near) => {
    const far = connect(target, '127.0.0.1')
    hand = (octets) => far.write(octets)
    near.on('data', (octets) => (kept ? void kept.push(octets) : hand?.(octets)))
    far.on('data', (octets) => near.write(octets))
    near.on('close', () => far.destroy()).on('error', () => undefined)
    far.on('close', () => near.destroy()).on('error', () => undefined)
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    get held() {
      return kept?.length ?? 0
    },
    hold() {
      kept = []
    },
    release() {
      hand?.(Buffer.concat(kept ?? []))
      kept = undefined
    },
    [Symbol.asyncDispose]: async () => void server.close(),
  }
}
