/** TYPE, STRU, MODE and OPTS (RFC 959 section 3.1, RFC 1123 section 4.1.2, RFC 2389 section 4). */
import { expect } from 'chai'
import { serve } from '../serve.ts'

const TABLE: readonly (readonly [line: string, codes: readonly number[]])[] = [
  ['TYPE A', [200]],
  ['TYPE A N', [200]],
  ['TYPE I', [200]],
  ['TYPE L 8', [200]],
  ['TYPE i', [200]],
  ['TYPE A T', [504]],
  ['TYPE A C', [504]],
  ['TYPE E', [504]],
  ['TYPE L 7', [504]],
  ['TYPE L', [501, 504]],
  ['TYPE X', [501, 504]],
  ['TYPE IMAGE', [501, 504]],
  ['TYPE __proto__', [501, 504]],
  ['STRU F', [200]],
  ['STRU f', [200]],
  ['STRU R', [504]],
  ['STRU P', [504]],
  ['STRU X', [501, 504]],
  ['MODE S', [200]],
  ['MODE s', [200]],
  ['MODE B', [504]],
  ['MODE C', [504]],
  ['MODE X', [501, 504]],
  ['MODE Z', [200]],
  ['OPTS UTF8', [200]],
  ['OPTS UTF8 ON', [200]],
  ['OPTS utf8 on', [200]],
  ['OPTS UTF8 MAYBE', [501]],
  ['OPTS NONSENSE', [501]],
  ['OPTS __proto__', [501]],
  ['OPTS MLSD size', [501]],
]

describe('transfer parameters', () => {
  it('are answered as the RFCs say', async () => {
    await using it = await serve()
    const client = await it.login()
    for (const [line, codes] of TABLE) expect((await client.say(line)).code, line).to.be.oneOf(codes)
  })

  it('begin as ASCII, stream, file', async () => {
    await using it = await serve({ files: { 'a.txt': 'one\ntwo\n' } })
    const client = await it.connect()
    await client.login()
    expect(String(await client.retrieve('RETR a.txt'))).to.equal('one\r\ntwo\r\n')
    expect((await client.say('STAT', 211)).text).to.match(/ASCII/i)
  })

  it('survive listings: TYPE I stays after LIST, NLST and MLSD', async () => {
    await using it = await serve({ files: { 'a.txt': 'one\ntwo\n' } })
    const client = await it.login()
    for (const line of ['LIST', 'NLST', 'MLSD']) await client.listing(line)
    expect(String(await client.retrieve('RETR a.txt'))).to.equal('one\ntwo\n')
  })

  it('that were refused leave the old ones in force', async () => {
    await using it = await serve({ files: { 'a.txt': 'one\n' } })
    const client = await it.login()
    for (const line of ['TYPE E', 'TYPE L 7', 'MODE B', 'STRU R']) await client.say(line, 504)
    expect(String(await client.retrieve('RETR a.txt'))).to.equal('one\n')
  })
})
