/** Runs a command of any kind and gathers all that came of it. */
import type { RawClient } from './raw-client.ts'

/** Runs a command whatever kind it is; everything it said and sent. */
export async function attempt(client: RawClient, verb: string, path: string): Promise<string> {
  const transfer = /^(?:RETR|STOR|APPE|STOU|LIST|NLST|MLSD)$/.test(verb)
  if (!transfer) {
    const { text } = await client.say(`${verb} ${path}`)
    if (verb === 'CWD') await client.say('CWD /share')
    return text
  }
  const data = await client.epsv()
  const first = await client.say(`${verb} ${path}`)
  if (first.code !== 150) {
    data.close()
    return first.text
  }
  if (/^(?:STOR|APPE|STOU)$/.test(verb)) await data.end('planted').catch(() => undefined)
  const octets = await data.remains()
  return `${first.text}\n${String(octets)}\n${(await client.reply()).text}`
}
