/** What the form of a domain means as settings, and where the problems with it belong on the page. */
import type { Domain } from '../../settings/domain.ts'
import type { Problem } from '../../settings/problems.ts'
import { amountProblem, limitOf } from '../accounts/amount.ts'
import { hoursOf } from '../accounts/hours-form.ts'
import type { Translate } from '../locale.ts'
import { TEXTS, type DomainForm } from './form.ts'

/** Input for the schema, and what cannot even be read. Rules, commands and replies have pages of their own and stay. */
export function domainInput(
  form: DomainForm,
  stored: Domain | undefined,
  t: Translate,
): { readonly input: object; readonly problems: readonly Problem[] } {
  const limits = amounts('limits', form.limits, t)
  const shared = amounts('together', form.together, t)
  const hours = hoursOf(form.hours, t)
  const sharedHours = hoursOf(form.sharedHours, t, 'together.hours')
  const { messages, certificate: _before, ...kept } = stored ?? {}
  const texts = TEXTS.flatMap((name) => (form.texts[name] === '' ? [] : [[name, form.texts[name]] as const]))
  const input = {
    ...kept,
    name: form.name,
    enabled: form.enabled,
    names: form.names
      .split(/[\s,;]+/)
      .map((name) => name.trim())
      .filter(Boolean),
    listeners: form.listeners.map(({ address, port, implicitTls }) => ({
      ...(address === '' ? {} : { address }),
      port: /^\d{1,9}$/.test(port) ? Number(port) : port,
      implicitTls,
    })),
    ...(form.certificate === '' ? {} : { certificate: form.certificate }),
    messages: { ...Object.fromEntries(texts), replies: messages?.replies ?? {} },
    limits: limits.value,
    hours: hours.value,
    together: { ...shared.value, hours: sharedHours.value },
    resources: form.shown === 'all' ? 'all' : form.resources,
  }
  return { input, problems: [limits, shared, hours, sharedHours].flatMap(({ problems }) => problems) }
}

function amounts(prefix: string, typed: Readonly<Record<string, string>>, t: Translate) {
  const problems: Problem[] = []
  const value = Object.entries(typed).flatMap(([name, text]) => {
    const limit = limitOf(name, text, t)
    if (typeof limit === 'string' && limit !== 'unlimited') {
      problems.push({ path: `${prefix}.${name}`, text: amountProblem(name), got: text })
    }
    return limit === undefined ? [] : [[name, limit] as const]
  })
  return { value: Object.fromEntries(value), problems }
}

/** Inputs of the form that show a problem beside them. */
const PLACES =
  /^(?:names?|certificate|listeners\.\d+\.(?:address|port)|texts\.\w+|limits\.\w+|together\.\w+|(?:hours|sharedHours)(?:\.\d+(?:\.limits\.\w+|\.\w+)?)?|resources)/

export interface PlacedProblems {
  /** Texts by the name of the input. */
  readonly errors: Readonly<Record<string, string>>
  /** What belongs to no input, with its place. */
  readonly others: readonly string[]
}

/** Puts problems where they belong; `text` says them in the language of the page, `line` with their place. */
export function placed(
  problems: readonly Problem[],
  text: (problem: Problem) => string,
  line: (problem: Problem) => string,
): PlacedProblems {
  const errors: Record<string, string> = {}
  const others: string[] = []
  for (const problem of problems) {
    const path = problem.path
      .replace(/^domains\[\d+\]\.?/, '')
      .replace(/^messages\./, 'texts.')
      .replace(/^together\.hours/, 'sharedHours')
      .replaceAll(/\[(\d+)\]/g, '.$1')
    const place = PLACES.exec(path)?.[0]
    const said = problem.got !== undefined && place === 'names' ? `${problem.got}: ${text(problem)}` : text(problem)
    if (place === undefined) others.push(line(problem))
    else errors[place] = [...new Set([errors[place], said].filter(Boolean))].join(' ')
  }
  return { errors, others }
}
