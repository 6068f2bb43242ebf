/** Prints what was measured at growing sizes, and how much dearer a unit is at the largest than at the smallest. */
import { performance } from 'node:perf_hooks'

/** A unit that costs this many times as much at the largest size has grown. */
const FLAT = 1.5

export interface Row {
  readonly size: number
  readonly label: string
  /** By the name of the column. */
  readonly figures: Readonly<Record<string, number>>
}

/** `per` names the columns in which a figure stands for one unit, and so has to stay the same. */
export function print(title: string, rows: readonly Row[], per: readonly string[]): void {
  console.log(`\n${title}`)
  console.table(
    Object.fromEntries(
      rows.map(({ label, figures }) => [
        label,
        Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, rounded(value)])),
      ]),
    ),
  )
  for (const name of per) {
    const smallest = rows[0]?.figures[name] ?? NaN
    const largest = rows.at(-1)?.figures[name] ?? NaN
    const slope = largest / smallest
    const said = slope >= 0 && slope <= FLAT ? 'flat' : `NOT FLAT, at most ${FLAT} wanted`
    console.log(`  ${name}: ${rounded(largest)} / ${rounded(smallest)} = ${slope.toFixed(2)} (${said})`)
  }
}

export function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[values.length >> 1] ?? NaN
}

/** Milliseconds that something took. */
export async function timed(act: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await act()
  return performance.now() - began
}

/** The middle of many times, milliseconds. */
export async function often(count: number, act: (round: number) => Promise<unknown>): Promise<number> {
  const times: number[] = []
  for (let round = 0; round < count; round++) times.push(await timed(() => act(round)))
  return median(times)
}

export const grouped = (value: number): string => value.toLocaleString('en-US')

function rounded(value: number): number {
  return Number(value.toPrecision(value >= 1000 ? 6 : 3))
}
