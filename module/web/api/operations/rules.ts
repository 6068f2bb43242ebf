/** IP access rules of all levels: lists as a whole, single rules, CSV, and what is on trial. */
import { Readable } from 'node:stream'
import { z } from 'zod'
import { exportRules, planImport, previewImport } from '../../../access/csv.ts'
import { accessRule, accessRules, type AccessRule } from '../../../settings/access.ts'
import { rulePlaces, rulesAt, type RulePlace } from '../../../settings/rule-lists.ts'
import { compiled } from '../../access/compiled.ts'
import type { WebParts } from '../../parts.ts'
import { operation } from '../operation.ts'
import type { ApiRequest, Operation } from '../operation.ts'
import { Refusal } from '../problem.ts'

const tag = 'access'
const PATH = '/rules/{level}/{name}'
const levels = z.enum(['server', 'domain', 'group', 'user'])

const care = {
  trial: z.boolean().default(false).describe('Puts the list back after 60 s unless `confirmTrial` is called.'),
  confirm: z
    .string()
    .max(100)
    .optional()
    .describe(
      'The word that a refusal asks for, where rules shut out the caller or everybody; they are then on trial.',
    ),
}

const list = z.strictObject({
  rules: accessRules,
  neverReached: z
    .array(z.strictObject({ number: z.int(), by: z.array(z.int()) }))
    .describe('Rules that never decide, and those that take everything from them; numbers from 1.'),
  admitsNobody: z.boolean(),
})

const trial = z.strictObject({
  running: z.boolean(),
  by: z.string().optional(),
  secondsLeft: z.int().optional(),
  places: z.array(z.strictObject({ level: levels, name: z.string() })),
})

export const ruleOperations: readonly Operation[] = [
  operation({
    id: 'listRules',
    method: 'get',
    path: '/rules',
    permission: 'view',
    tag,
    summary: 'The places that have rules; the name of the server is `-`.',
    answer: z.strictObject({ places: z.array(z.strictObject({ level: levels, name: z.string(), rules: z.int() })) }),
    run: ({ parts: { service } }) => {
      const settings = service.settings()
      const rows = rulePlaces(settings).map((place) => ({
        level: place.level,
        name: place.name || '-',
        rules: rulesAt(settings, place)?.length ?? 0,
      }))
      return { value: { places: rows } }
    },
  }),
  operation({
    id: 'getRules',
    method: 'get',
    path: PATH,
    permission: 'view',
    tag,
    summary:
      'The rules of the server (`/rules/server/-`), a domain, a group or a user; the first that matches decides.',
    revised: true,
    answer: list,
    run: (request) => shown(request),
  }),
  operation({
    id: 'replaceRules',
    method: 'put',
    path: PATH,
    permission: 'manage',
    tag,
    summary: 'Gives a place these rules, in force at once.',
    revised: true,
    limit: 4 * 2 ** 20,
    body: z.strictObject({ rules: accessRules, ...care }),
    answer: list,
    run: (request) => save(request, request.body.rules, request.body),
  }),
  operation({
    id: 'addRule',
    method: 'post',
    path: PATH,
    permission: 'manage',
    tag,
    summary: 'Puts one rule into a list.',
    revised: true,
    body: z.strictObject({
      rule: accessRule,
      number: z.int().min(1).max(10_000).optional().describe('Its place, from 1; absent = the last.'),
      ...care,
    }),
    answer: list,
    run: (request) => {
      const { rules } = found(request)
      const { rule, number = rules.length + 1 } = request.body
      if (number > rules.length + 1) throw new Refusal(422, `The list has ${rules.length} rules.`)
      return save(request, rules.toSpliced(number - 1, 0, rule), request.body)
    },
  }),
  operation({
    id: 'deleteRule',
    method: 'delete',
    path: `${PATH}/{number}`,
    permission: 'manage',
    tag,
    summary: 'Takes one rule out of a list, by its number from 1.',
    revised: true,
    query: z.strictObject({ trial: z.enum(['true', 'false']).default('false'), confirm: care.confirm }),
    answer: list,
    run: (request) => {
      const { rules } = found(request)
      const number = Number(request.path['number'])
      if (!(Number.isInteger(number) && number >= 1 && number <= rules.length)) {
        throw new Refusal(404, 'There is no such rule.')
      }
      const { trial: tried, confirm } = request.query
      return save(request, rules.toSpliced(number - 1, 1), { trial: tried === 'true', confirm })
    },
  }),
  operation({
    id: 'importRules',
    method: 'post',
    path: `${PATH}/import`,
    permission: 'manage',
    tag,
    summary: 'Takes over rules from CSV (`IP,Allow,Description,Expires`), or only says what that would do.',
    limit: 4 * 2 ** 20,
    body: z.strictObject({
      csv: z.string().max(2_000_000),
      mode: z.enum(['append', 'replace']),
      dryRun: z.boolean().default(true),
      ...care,
    }),
    answer: z.strictObject({
      problems: z.array(z.strictObject({ line: z.int(), detail: z.string(), meant: z.string().optional() })),
      added: z.array(accessRule),
      removed: z.array(accessRule),
      rules: z.int().describe('Rules of the list afterwards.'),
    }),
    run: async (request) => {
      const { csv, mode, dryRun } = request.body
      const read = previewImport(csv)
      const plan = planImport(found(request).rules, read, mode)
      const problems = read.problems.map(({ line, message, meant }) =>
        meant === undefined ? { line, detail: message } : { line, detail: message, meant },
      )
      if (!dryRun && problems.length > 0)
        throw new Refusal(422, 'Some lines cannot be taken over; nothing was changed.')
      if (!dryRun) await save(request, plan.rules, request.body)
      return { value: { problems, added: [...plan.added], removed: [...plan.removed], rules: plan.rules.length } }
    },
  }),
  operation({
    id: 'exportRules',
    method: 'get',
    path: `${PATH}/export`,
    permission: 'view',
    tag,
    summary: 'A list as CSV, which importRules reads.',
    files: ['text/csv'],
    run: (request) => {
      const content = Readable.from([exportRules(found(request).rules)])
      return { type: 'text/csv; charset=utf-8', name: 'ip-rules.csv', content }
    },
  }),
  operation({
    id: 'getTrial',
    method: 'get',
    path: '/trial',
    permission: 'view',
    tag,
    summary: 'The lists that are put back unless somebody confirms them.',
    answer: trial,
    run: ({ parts: { service } }) => {
      const current = service.rules.trial
      if (!current) return { value: { running: false, places: [] } }
      const { by, secondsLeft, places } = current
      return { value: { running: true, by, secondsLeft, places: places.map((place) => ({ ...place })) } }
    },
  }),
  operation({
    id: 'confirmTrial',
    method: 'post',
    path: '/trial/confirm',
    permission: 'manage',
    tag,
    summary: 'Keeps what is on trial.',
    status: 204,
    run: async ({ parts: { service }, by }) => nothingLeft(await service.rules.confirm(by)),
  }),
  operation({
    id: 'undoTrial',
    method: 'post',
    path: '/trial/undo',
    permission: 'manage',
    tag,
    summary: 'Puts back at once what is on trial.',
    status: 204,
    run: async ({ parts: { service }, by }) => nothingLeft(await service.rules.undo(by)),
  }),
]

type Asked = Pick<ApiRequest<unknown, unknown>, 'parts' | 'path' | 'by' | 'address' | 'revision'>

function placeOf({ path }: Asked): RulePlace {
  const { level, name = '' } = path
  const known = levels.safeParse(level)
  if (!known.success || (known.data === 'server' && name !== '-')) throw new Refusal(404, 'There is no such list.')
  return { level: known.data, name: known.data === 'server' ? '' : name }
}

function found(asked: Asked): NonNullable<ReturnType<WebParts['service']['rules']['list']>> {
  const current = asked.parts.service.rules.list(placeOf(asked))
  if (!current) throw new Refusal(404, 'There is no such list.')
  return current
}

function shown(asked: Asked) {
  const { rules, revision } = found(asked)
  const { never, closed } = compiled(rules, Date.now())
  const neverReached = [...never].map(([at, by]) => ({ number: at + 1, by: by.map((index) => index + 1) }))
  return { value: { rules: [...rules], neverReached, admitsNobody: closed }, revision }
}

async function save(
  asked: Asked,
  rules: readonly AccessRule[],
  { trial: tried, confirm }: { readonly trial: boolean; readonly confirm?: string | undefined },
) {
  const { parts, by, address, revision } = asked
  // A list that was read a moment ago and has changed since is not overwritten, also without If-Match.
  const stand = revision ?? found(asked).revision
  const editor = { name: by, address }
  await parts.service.rules.save({ place: placeOf(asked), rules, editor, revision: stand, trial: tried, confirm })
  return shown(asked)
}

function nothingLeft(done: boolean): undefined {
  if (!done) throw new Refusal(404, 'Nothing is on trial.')
}
