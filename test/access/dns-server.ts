/** A DNS server on loopback (RFC 1035 section 4) that answers from a list, keeps silent when told to, and counts. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { parseAddress } from '../../module/access/address.ts'

export interface DnsRecord {
  readonly name: string
  readonly type: 'A' | 'AAAA' | 'PTR'
  /** An address, or a name for PTR. */
  readonly value: string
  /** Seconds. */
  readonly ttl?: number
}

const TYPES = { A: 1, PTR: 12, AAAA: 28 } as const

export class DnsServer {
  readonly #socket = createSocket('udp4')
  records: DnsRecord[]
  /** Names that get no answer at all. */
  readonly silent = new Set<string>()
  /** Every question so far, `A name`; repeats of a lost packet count again. */
  readonly questions: string[] = []

  constructor(records: DnsRecord[]) {
    this.records = records
    this.#socket.on('message', (query, from) => {
      const answer = this.#answer(query)
      if (answer) this.#socket.send(answer, from.port, from.address)
    })
  }

  async listen(): Promise<this> {
    this.#socket.bind(0, '127.0.0.1')
    await once(this.#socket, 'listening')
    return this
  }

  /** For `setServers`. */
  get address(): string {
    return `127.0.0.1:${this.#socket.address().port}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close()
    await once(this.#socket, 'close')
  }

  #answer(query: Buffer): Buffer | undefined {
    const labels: string[] = []
    let at = 12
    for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
      labels.push(query.toString('latin1', at + 1, at + 1 + length))
      at += 1 + length
    }
    const type = query.readUInt16BE(at + 1)
    const name = labels.join('.').toLowerCase()
    const asked = Object.entries(TYPES).find(([, code]) => code === type)?.[0] ?? String(type)
    this.questions.push(`${asked} ${name}`)
    if (this.silent.has(name)) return undefined
    const found = this.records.filter((record) => record.name === name)
    const answers = found.filter((record) => TYPES[record.type] === type).map(resourceRecord)
    const header = Buffer.alloc(12)
    query.copy(header, 0, 0, 2)
    // A response, recursion available; 3 says that there is no such name (section 4.1.1).
    header.writeUInt16BE(0x8180 | (found.length === 0 ? 3 : 0), 2)
    header.writeUInt16BE(1, 4)
    header.writeUInt16BE(answers.length, 6)
    return Buffer.concat([header, query.subarray(12, at + 5), ...answers])
  }
}

/** The PTR record that gives an address a name. */
export function reverseRecord(address: string, value: string): DnsRecord {
  const parsed = parseAddress(address)
  if (!parsed) throw new Error(`${address} is no address`)
  const { family, parts } = parsed
  const digits =
    family === 4 ? parts.map(String) : parts.flatMap((part) => part.toString(16).padStart(4, '0').split(''))
  return { name: `${digits.toReversed().join('.')}.${family === 4 ? 'in-addr' : 'ip6'}.arpa`, type: 'PTR', value }
}

function resourceRecord({ type, value, ttl = 300 }: DnsRecord): Buffer {
  const data = type === 'PTR' ? encodedName(value) : encodedAddress(value)
  const fixed = Buffer.alloc(12)
  // The name is the one of the question (section 4.1.4).
  fixed.writeUInt16BE(0xc00c, 0)
  fixed.writeUInt16BE(TYPES[type], 2)
  fixed.writeUInt16BE(1, 4)
  fixed.writeUInt32BE(ttl, 6)
  fixed.writeUInt16BE(data.length, 10)
  return Buffer.concat([fixed, data])
}

function encodedName(name: string): Buffer {
  const labels = name.split('.').map((label) => Buffer.from(label, 'latin1'))
  return Buffer.concat([...labels.flatMap((label) => [Buffer.from([label.length]), label]), Buffer.from([0])])
}

function encodedAddress(text: string): Buffer {
  const { family, parts } = parseAddress(text) ?? { family: 4, parts: [0, 0, 0, 0] }
  return family === 4 ? Buffer.from(parts) : Buffer.from(parts.flatMap((part) => [part >> 8, part & 255]))
}
