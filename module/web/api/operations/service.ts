/** The service as a whole: how it is, on and off. */
import { z } from 'zod'
import { moverKind } from '../../../ftp/data/chosen-mover.ts'
import type { ServiceStatus } from '../../../shell.ts'
import { operation } from '../operation.ts'
import type { Operation } from '../operation.ts'

const time = z.int().describe('Milliseconds since 1970.')

const statusAnswer = z.strictObject({
  state: z.enum(['off', 'starting', 'on', 'stopping', 'failed']),
  reason: z.string().optional().describe('Why it failed.'),
  since: time,
  pausedUntil: time.optional(),
  sessions: z.int(),
  addresses: z.array(z.strictObject({ address: z.string(), port: z.int(), implicitTls: z.boolean() })),
  fingerprint: z.string().optional().describe('SHA-256 of the certificate in use.'),
  mover: z.enum(['kernel', 'stream']).describe('Who copies files in clear: the kernel (sendfile, splice), or Node.js.'),
  warnings: z.array(
    z.strictObject({
      code: z.string(),
      values: z.record(z.string(), z.union([z.string(), z.number()])),
      text: z.string(),
    }),
  ),
})

const turn = z
  .strictObject({
    enabled: z.boolean(),
    until: z.iso.datetime({ offset: true }).optional().describe('Off until then; only together with `enabled: false`.'),
  })
  .refine(({ enabled, until }) => !enabled || until === undefined, 'must not have an end when it is switched on')

export const serviceOperations: readonly Operation[] = [
  operation({
    id: 'getStatus',
    method: 'get',
    path: '/status',
    permission: 'view',
    tag: 'service',
    summary: 'How the service is.',
    answer: statusAnswer,
    run: ({ parts }) => ({ value: shown(parts.service.status()) }),
  }),
  operation({
    id: 'turn',
    method: 'put',
    path: '/enabled',
    permission: 'operate',
    tag: 'service',
    summary: 'Turns the service on or off; it stays so after a restart.',
    body: turn,
    answer: statusAnswer,
    run: async ({ parts: { service }, body, by }) => {
      // Off for a time means: on, but not before then.
      const enabled = body.enabled || body.until !== undefined
      await service.change({ enabled, pausedUntil: body.until ?? null }, by)
      return { value: shown(service.status()) }
    },
  }),
]

function shown(status: ServiceStatus): z.input<typeof statusAnswer> {
  const { addresses, warnings, ...rest } = status
  return {
    ...rest,
    mover: moverKind(),
    addresses: addresses.map(({ address, port, implicitTls }) => ({ address, port, implicitTls })),
    warnings: warnings.map(({ code, values, text }) => ({ code, values: { ...values }, text })),
  }
}
