/** The log: pages, days, a session's story, exports. */
import { Readable } from 'node:stream'
import { z } from 'zod'
import { KINDS } from '../../../journal/entry.ts'
import type { Entry } from '../../../journal/entry.ts'
import { FORMATS } from '../../../journal/export.ts'
import type { Filter } from '../../../journal/filter.ts'
import { operation } from '../operation.ts'
import type { Operation } from '../operation.ts'

const entry = z.strictObject({
  id: z.int(),
  time: z.int().describe('Milliseconds since 1970.'),
  kind: z.enum(KINDS),
  event: z.string(),
  text: z.string(),
  session: z.string().optional(),
  user: z.string().optional(),
  address: z.string().optional(),
  domain: z.string().optional(),
  path: z.string().optional(),
  bytes: z.number().optional(),
  seconds: z.number().optional(),
  result: z.enum(['complete', 'aborted', 'failed']).optional(),
  verdict: z.strictObject({ rule: z.string(), level: z.string(), detail: z.string().optional() }).optional(),
})

const filter = {
  day: z.iso.date({ error: 'must be a day such as 2026-12-31' }).optional().describe('Absent = today.'),
  kinds: z
    .string()
    .regex(new RegExp(`^(?:${KINDS.join('|')})(?:,(?:${KINDS.join('|')})){0,3}$`), `must be of ${KINDS.join(', ')}`)
    .optional()
    .describe('Separated by commas; absent = all.'),
  user: z.string().max(255).optional(),
  session: z.string().max(255).optional(),
  search: z.string().max(1000).optional().describe('Part of user, address, path or text.'),
}
const filterObject = z.strictObject(filter)

const tag = 'log'

export const logOperations: readonly Operation[] = [
  operation({
    id: 'queryLog',
    method: 'get',
    path: '/log',
    permission: 'view',
    tag,
    summary: 'A page of the entries of a day, oldest first.',
    query: z.strictObject({
      ...filter,
      page: z
        .union([z.literal('last'), z.string().regex(/^[1-9]\d{0,8}$/)], { error: 'must be a number from 1, or "last"' })
        .default('last'),
      size: z
        .string()
        .regex(/^(?:[1-9]\d{0,2}|1000)$/, 'must be a number from 1 to 1000')
        .default('100'),
    }),
    answer: z.strictObject({
      entries: z.array(entry),
      page: z.int(),
      pages: z.int(),
      total: z.int(),
      through: z.int(),
    }),
    run: async ({ parts: { service }, query: { page, size, ...rest } }) => {
      const number = page === 'last' ? page : Number(page)
      const found = await service.journal.page(filterOf(rest, service.journal.today()), {
        page: number,
        size: Number(size),
      })
      return { value: { ...found, entries: found.entries.map(shown) } }
    },
  }),
  operation({
    id: 'listLogDays',
    method: 'get',
    path: '/log/days',
    permission: 'view',
    tag,
    summary: 'The days of a month that have entries.',
    query: z.strictObject({ month: z.string().regex(/^\d{4}-(?:0[1-9]|1[0-2])$/, 'must be a month such as 2026-12') }),
    answer: z.strictObject({ days: z.array(z.looseObject({ day: z.string() })) }),
    run: async ({ parts: { service }, query }) => ({
      value: { days: (await service.journal.days(query.month)).map((day) => ({ ...day })) },
    }),
  }),
  operation({
    id: 'getStory',
    method: 'get',
    path: '/log/sessions/{id}',
    permission: 'view',
    tag,
    summary: 'The entries of one session over all days, oldest first.',
    answer: z.strictObject({ entries: z.array(entry) }),
    run: async ({ parts: { service }, path }) => ({
      value: { entries: (await service.journal.story(path['id'] ?? '')).map(shown) },
    }),
  }),
  operation({
    id: 'exportLog',
    method: 'get',
    path: '/log/export',
    permission: 'view',
    tag,
    summary: 'All entries of a day that the filter shows, as a file.',
    files: ['text/csv', 'application/jsonl', 'text/plain'],
    query: z.strictObject({ ...filter, format: z.enum(FORMATS) }),
    run: ({ parts: { service }, query: { format, ...rest } }) => {
      const wanted = filterOf(rest, service.journal.today())
      return {
        type: { csv: 'text/csv; charset=utf-8', jsonl: 'application/jsonl', text: 'text/plain; charset=utf-8' }[format],
        name: `ftp-${wanted.day}.${format === 'text' ? 'txt' : format}`,
        content: Readable.from(service.journal.export(wanted, format), { objectMode: false }),
      }
    },
  }),
]

function filterOf({ day, kinds, user, session, search }: z.output<typeof filterObject>, today: string): Filter {
  const chosen = kinds?.split(',')
  return {
    day: day ?? today,
    ...(chosen && { kinds: KINDS.filter((kind) => chosen.includes(kind)) }),
    ...(user !== undefined && { user }),
    ...(session !== undefined && { session }),
    ...(search !== undefined && { search }),
  }
}

function shown({ verdict, ...rest }: Entry): z.input<typeof entry> {
  return { ...rest, ...(verdict && { verdict: { ...verdict } }) }
}
