/** The tables of the README, derived from the code. `npm run readme` writes them; the test next door compares. */
import { readFile, writeFile } from 'node:fs/promises'
import { FAMILIES } from '../module/ftp/commands/table.ts'
import { domainTable, settingsTable } from '../module/settings/table.ts'

const README = new URL('../README.md', import.meta.url)

/** The README as it is, and as it has to be. */
export async function readme(): Promise<{ is: string; shouldBe: string }> {
  const is = await readFile(README, 'utf8')
  const tables = { commands: commandTable(), settings: settingsTable(), domains: domainTable() }
  return { is, shouldBe: Object.entries(tables).reduce((text, [mark, table]) => filled(text, mark, table), is) }
}

function filled(text: string, mark: string, table: string): string {
  const [before, rest = ''] = text.split(`<!-- ${mark} -->\n`)
  const [, after = ''] = rest.split(`<!-- /${mark} -->`)
  return `${before}<!-- ${mark} -->\n${table.trim()}\n<!-- /${mark} -->${after}`
}

function commandTable(): string {
  const rows = Object.values(FAMILIES).flatMap((family) =>
    [...new Set(Object.values(family))].map((command) => {
      const { syntax, help, rfc, needsLogin, right } = command
      const verbs = Object.keys(family).filter((verb) => family[verb] === command)
      return `| ${verbs.join(', ')} | \`${syntax.replaceAll('|', '\\|')}\` | ${help} | ${needsLogin ? (right?.join(', ') ?? 'login') : '–'} | ${rfc} |`
    }),
  )
  return ['| command | syntax | what it does | needs | defined in |', '|---|---|---|---|---|', ...rows].join('\n')
}

if (process.argv.includes('--write')) await writeFile(README, (await readme()).shouldBe)
