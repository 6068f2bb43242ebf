/** A problem that belongs to no input of the page: what it is about is told in the words of the page that sets it. */
import type { Problem } from '../../settings/problems.ts'
import type { WebContext } from '../context.ts'
import { problemText } from '../problem-text.ts'
import { differenceWords } from './difference-words.ts'

/** `Domain Office: Further listeners: Must not be one of the passive ports.` */
export function problemLine(state: WebContext['state'], problem: Problem): string {
  return [placeText(state, problem.path), problemText(problem, state.t)].filter(Boolean).join(': ')
}

/** A place that no page knows is named by its path. */
function placeText(state: WebContext['state'], path: string): string {
  const names = [...(state.domains?.values() ?? [])]
  const named = path.replace(/^domains\[(\d+)\]/, (whole, at: string) => {
    const name = names[Number(at)]
    return name === undefined ? whole : `domains[${JSON.stringify(name)}]`
  })
  // A rule is told by its place in the list, a row of a table by the table.
  const whole = /^.*access\.rules\[\d+\]/s.exec(named)?.[0] ?? named.replace(/\[\d+\].*$/s, '')
  return differenceWords(state, whole)?.what ?? path
}
