/** A verdict: whether something may happen, and which rule decided it. Nothing in the module refuses without one. */

/** Who owns the rule that decided, from the outermost to the innermost. */
export type Level = 'system' | 'server' | 'domain' | 'group' | 'user' | 'resource' | 'session'

export interface Verdict {
  readonly allowed: boolean
  /** The rule, as a dotted name that pages and the log translate: `right.delete`, `limit.connections`, `login.password`. */
  readonly rule: string
  readonly level: Level
  /** What the rule was set to or whose it is, for people: `5`, `group staff`, `192.0.2.0-24`. Never a secret, never a path of the disk. */
  readonly detail?: string
  /** The thing itself must stay unknown: the client is told what it would be told if nothing were there. */
  readonly hidden?: true
}

/** The verdict of a rule that lets something pass. */
export function allowedBy(rule: string, level: Level, detail?: string): Verdict {
  return detail === undefined ? { allowed: true, rule, level } : { allowed: true, rule, level, detail }
}

/** The verdict of a rule that stops something. */
export function refusedBy(rule: string, level: Level, detail?: string): Verdict {
  return detail === undefined ? { allowed: false, rule, level } : { allowed: false, rule, level, detail }
}

/** The verdict for something the client may not even know of. */
export function hiddenBy(rule: string, level: Level): Verdict {
  return { allowed: false, rule, level, hidden: true }
}
