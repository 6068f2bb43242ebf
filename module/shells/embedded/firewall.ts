/**
 * The machine's firewall, as far as it is ours: one nftables table of our own, replaced as a whole. Tables of others are never
 * touched; what they drop stays dropped, and the page says so.
 */
import { execFile } from 'node:child_process'
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

const TABLE = 'inet ftp_module'

/** Milliseconds that nft may take. */
const PATIENCE = 5000

/** TCP ports that clients must reach. */
export interface OpenPorts {
  readonly from: number
  readonly to: number
  /** Networks (CIDR) or addresses from which; empty = from everywhere. Others are dropped. */
  readonly sources: readonly string[]
}

/** Runs a program with a text as its input and answers its output; rejects when it fails. */
export type Run = (program: string, args: readonly string[], input: string) => Promise<string>

/** The script that replaces our table in one step; without ports it removes it. Throws for what is no port or network. */
export function ruleset(needs: readonly OpenPorts[]): string {
  // Deleting a table that is not there is an error, adding one that is there is none.
  const fresh = `add table ${TABLE}\ndelete table ${TABLE}\n`
  if (needs.length === 0) return fresh
  const rules = needs.flatMap(rulesOf).map((rule) => `    ${rule}\n`)
  return `${fresh}table ${TABLE} {
  chain input {
    type filter hook input priority filter - 5; policy accept;
    ct state established,related accept
    iifname "lo" accept
${rules.join('')}  }
}
`
}

function rulesOf({ from, to, sources }: OpenPorts): readonly string[] {
  for (const port of [from, to]) {
    if (!Number.isInteger(port) || port < 1 || port > 65535) throw new RangeError(`${port} is no port`)
  }
  const ports = `tcp dport ${from === to ? from : `${from}-${to}`}`
  if (sources.length === 0) return [`${ports} accept`]
  const networks = sources.map(network)
  const set = (family: 'ip' | 'ip6', version: 4 | 6) => {
    const elements = networks.filter((each) => each.version === version).map(({ text }) => text)
    return elements.length > 0 ? [`${ports} ${family} saddr { ${[...new Set(elements)].join(', ')} } accept`] : []
  }
  return [...set('ip', 4), ...set('ip6', 6), `${ports} drop`]
}

/** The network itself, whatever address of it was written: nft wants no bits behind the prefix. */
function network(source: string): { readonly version: number; readonly text: string } {
  if (isIP(source) !== 0) return { version: isIP(source), text: source }
  const [address, bits] = ipaddr.parseCIDR(source)
  const first =
    address.kind() === 'ipv4' ? ipaddr.IPv4.networkAddressFromCIDR(source) : ipaddr.IPv6.networkAddressFromCIDR(source)
  return { version: address.kind() === 'ipv4' ? 4 : 6, text: `${first.toString()}/${bits}` }
}

export class Nftables {
  readonly #run: Run
  readonly #root: boolean

  constructor(run: Run = execute, root = process.getuid?.() === 0) {
    this.#run = run
    this.#root = root
  }

  /** Whether the firewall can be managed here: nft is installed, and we are allowed to use it. */
  async available(): Promise<boolean> {
    if (!this.#root) return false
    return this.#run('nft', ['list', 'tables'], '').then(
      () => true,
      () => false,
    )
  }

  /** Makes our table say exactly this; an empty list removes it. Rejects when nft refuses; then nothing has changed. */
  async apply(needs: readonly OpenPorts[]): Promise<void> {
    await this.#run('nft', ['-f', '-'], ruleset(needs))
  }

  /** Tables of others that drop what they do not know: there the ports have to be opened by hand. */
  async strictTables(): Promise<readonly string[]> {
    const text = await this.#run('nft', ['-j', 'list', 'chains'], '').catch(() => '')
    return [...new Set(chains(text).flatMap(strictTable))]
  }
}

interface Chain {
  readonly family?: unknown
  readonly table?: unknown
  readonly hook?: unknown
  readonly policy?: unknown
}

function chains(text: string): readonly Chain[] {
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every field is looked at before it is used
    const { nftables = [] } = JSON.parse(text) as { nftables?: readonly { chain?: Chain }[] }
    return nftables.flatMap(({ chain }) => (chain ? [chain] : []))
  } catch {
    return []
  }
}

function strictTable({ family, table, hook, policy }: Chain): readonly string[] {
  const name = `${String(family)} ${String(table)}`
  return hook === 'input' && policy === 'drop' && name !== TABLE ? [name] : []
}

function execute(program: string, args: readonly string[], input: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(program, [...args], { timeout: PATIENCE, maxBuffer: 2 ** 22 }, (error, stdout) => {
      if (error) reject(error)
      else resolve(stdout)
    })
    // A program that ends before it has read everything is told by its exit code.
    child.stdin?.on('error', () => undefined).end(input)
  })
}
