/** An ordered list of access rules: the first that matches decides, and a list with rules denies what none of them admits. */
import type { AccessRule } from '../settings/access.ts'
import type { Address } from './address.ts'
import { parseMask } from './ip-rule.ts'
import { SHAPE, type Mask, type NameMask } from './mask.ts'
import type { MaskProblem } from './mask-problem.ts'

/** Which rule decided about an address, if one did. */
export interface Decision {
  readonly allowed: boolean
  /** `empty`: the list has no rules and admits everyone. `unlisted`: it has some and none matches. */
  readonly by: 'rule' | 'empty' | 'unlisted'
  /** Position of the rule, from 0. */
  readonly index?: number
  /** Its mask as it was typed. */
  readonly mask?: string
}

/** A rule ready to be matched. */
export interface CompiledRule {
  readonly index: number
  readonly allow: boolean
  readonly mask: Mask
  /** The mask as it was typed. */
  readonly typed: string
  /** Wall clock, milliseconds since 1970; Infinity = for ever. */
  readonly until: number
}

/** Answers whether an address belongs to a name, within a time of its own; no answer is no. */
export interface NameLookup {
  belongs(address: Address, mask: NameMask): Promise<boolean>
}

/** The rules whose masks cannot be read, each with what is wrong. A list is saved only when there are none. */
export function checkRules(rules: readonly AccessRule[]): { index: number; problem: MaskProblem }[] {
  return rules.flatMap((rule, index) => {
    const result = parseMask(rule.mask)
    return 'problem' in result ? [{ index, problem: result.problem }] : []
  })
}

/** Rules with their masks read. Throws where one cannot be read: a deny rule that matches nothing would let people in. */
export function compileRules(rules: readonly AccessRule[]): CompiledRule[] {
  return rules.map((rule, index) => {
    const result = parseMask(rule.mask)
    if ('problem' in result) throw new Error(`Rule ${index + 1}: ${result.problem.message}`)
    const until = rule.expires === undefined ? Infinity : Date.parse(rule.expires)
    return { index, allow: rule.action === 'allow', mask: result.mask, typed: rule.mask, until }
  })
}

export class RuleList {
  readonly rules: readonly CompiledRule[]
  readonly #tables: Readonly<Record<4 | 6, Table>>
  readonly #exactAllows = new Map<string, number>()

  /** Throws where a mask cannot be read, see {@link checkRules}. */
  constructor(rules: readonly AccessRule[]) {
    this.rules = compileRules(rules)
    this.#tables = { 4: new Table(4, this.rules), 6: new Table(6, this.rules) }
    for (const { allow, mask, until } of this.rules) {
      if (!allow || mask.kind !== 'addresses' || mask.form !== 'exact') continue
      this.#exactAllows.set(mask.text, Math.max(until, this.#exactAllows.get(mask.text) ?? 0))
    }
  }

  /** Whether the list has no rules. Expired rules count: the end of the last rule must not open a closed door. */
  get empty(): boolean {
    return this.rules.length === 0
  }

  /** Whether an allow rule names exactly this address; such an address is never banned for failed logins. */
  namesExactly(address: Address, now: number): boolean {
    return (this.#exactAllows.get(address.text) ?? 0) > now
  }

  /**
   * Which rule decides about an address at a moment of the wall clock, milliseconds since 1970. A promise only where a rule
   * of names is reached; names are never asked before that.
   */
  decide(address: Address, now: number, names: NameLookup): Decision | Promise<Decision> {
    if (this.empty) return { allowed: true, by: 'empty' }
    return this.#decideFrom(0, address, now, names)
  }

  #decideFrom(start: number, address: Address, now: number, names: NameLookup): Decision | Promise<Decision> {
    const table = this.#tables[address.family]
    for (let at = table.next(start, address.parts); at >= 0; at = table.next(at + 1, address.parts)) {
      const rule = table.rules[at]
      if (!rule || rule.until <= now) continue
      if (rule.mask.kind === 'addresses') return decidedBy(rule)
      return this.#askNames(at, rule, rule.mask, address, now, names)
    }
    return { allowed: false, by: 'unlisted' }
  }

  async #askNames(
    at: number,
    rule: CompiledRule,
    mask: NameMask,
    address: Address,
    now: number,
    names: NameLookup,
  ): Promise<Decision> {
    if (await names.belongs(address, mask)) return decidedBy(rule)
    return this.#decideFrom(at + 1, address, now, names)
  }
}

function decidedBy(rule: CompiledRule): Decision {
  return { allowed: rule.allow, by: 'rule', index: rule.index, mask: rule.typed }
}

/** The rules that can match addresses of one family, their boxes laid out flat so that a long list is read in one sweep. */
class Table {
  readonly rules: readonly CompiledRule[]
  /** Lowest and highest value of every part, one rule after the other. */
  readonly #bounds: Uint16Array
  readonly #stride: number

  constructor(family: 4 | 6, rules: readonly CompiledRule[]) {
    const { parts, maximum } = SHAPE[family]
    this.rules = rules.filter(({ mask }) => mask.kind !== 'addresses' || mask.family === family)
    this.#stride = parts * 2
    this.#bounds = new Uint16Array(this.rules.length * this.#stride)
    this.rules.forEach(({ mask }, row) => {
      for (let part = 0; part < parts; part++) {
        const at = row * this.#stride + part * 2
        // Whether a name matches is not known before somebody asks; until then it may be any address.
        this.#bounds[at] = mask.kind === 'addresses' ? (mask.low[part] ?? 0) : 0
        this.#bounds[at + 1] = mask.kind === 'addresses' ? (mask.high[part] ?? 0) : maximum
      }
    })
  }

  /** The first rule from a position on whose box holds the parts, or -1. */
  next(start: number, parts: readonly number[]): number {
    const bounds = this.#bounds
    const stride = this.#stride
    const first = parts[0] ?? 0
    for (let row = start, base = start * stride; base < bounds.length; row++, base += stride) {
      if (first < (bounds[base] ?? 0) || first > (bounds[base + 1] ?? 0)) continue
      let part = 1
      for (let at = base + 2; part < parts.length; part++, at += 2) {
        const value = parts[part] ?? 0
        if (value < (bounds[at] ?? 0) || value > (bounds[at + 1] ?? 0)) break
      }
      if (part === parts.length) return row
    }
    return -1
  }
}
