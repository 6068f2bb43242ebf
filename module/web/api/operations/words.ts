/** Commands, replies and variables: what there is to choose from. The choice itself is stored with the settings. */
import { z } from 'zod'
import { commandTable } from '../../../ftp/commands/table.ts'
import { STANDARD_TEXTS } from '../../../ftp/standard-texts.ts'
import { unknownVariables } from '../../../ftp/template.ts'
import { VARIABLE_GROUPS, VARIABLES } from '../../../ftp/variables.ts'
import type { FtpService } from '../../../service.ts'
import { replyCode } from '../../../settings/reply-codes.ts'
import { translator } from '../../locale.ts'
import { commandValues, FAMILY_OF, switchName, switchOf, textName } from '../../words/commands.ts'
import { domainOf, type Level } from '../../words/level.ts'
import { previewLines } from '../../words/preview.ts'
import { operation } from '../operation.ts'
import type { Operation } from '../operation.ts'
import { Refusal } from '../problem.ts'

const tag = 'settings'
const t = translator('en')

const ofDomain = z.object({
  domain: z.string().max(64).optional().describe('The id of a domain; absent = the server.'),
})

const command = z.strictObject({
  verb: z.string(),
  family: z.string(),
  syntax: z.string(),
  about: z.string(),
  rfc: z.string().describe('Where it is defined, with the section.'),
  needsLogin: z.boolean(),
  essential: z.enum(['login', 'encryption']).optional().describe('Why it cannot be switched off.'),
  on: z.boolean().describe('Whether clients can use it here.'),
  said: z.enum(['on', 'off', 'inherit']).describe('What this level says; a domain may leave it to the server.'),
  text: z.string().optional().describe('Its own text of 502.'),
})

const variable = z.strictObject({
  name: z.string(),
  group: z.enum(VARIABLE_GROUPS),
  says: z.string(),
  sample: z.string(),
})

const text = z.object({
  code: z.coerce.number().int().min(200).max(599).describe('The reply code, such as 220 for the greeting or 502.'),
  text: z.string().max(4000),
})

export const wordOperations: readonly Operation[] = [
  operation({
    id: 'listCommands',
    method: 'get',
    path: '/commands',
    permission: 'view',
    tag,
    summary: 'All commands of the server, and which are switched off. They are switched with the settings.',
    query: ofDomain,
    answer: z.strictObject({ commands: z.array(command) }),
    run: ({ parts: { service }, query }) => ({
      value: { commands: commandsOf(service, levelOf(service, query.domain)) },
    }),
  }),
  operation({
    id: 'listReplies',
    method: 'get',
    path: '/replies',
    permission: 'view',
    tag,
    summary: 'Reply codes whose text can be chosen, with a text of each as it is otherwise.',
    answer: z.strictObject({
      replies: z.array(z.strictObject({ code: z.int(), sent: z.string(), standard: z.string() })),
    }),
    run: () => ({
      value: {
        replies: [...STANDARD_TEXTS].map(([code, standard]) => ({
          code,
          sent: t(`settings.messages.sent.${code}`),
          standard,
        })),
      },
    }),
  }),
  operation({
    id: 'listVariables',
    method: 'get',
    path: '/variables',
    permission: 'view',
    tag,
    summary: 'Variables that texts sent to clients may hold, `$Name` and the like.',
    answer: z.strictObject({ variables: z.array(variable) }),
    run: () => ({
      value: {
        variables: [...VARIABLES].map(([name, { group, sample }]) => ({
          name: `$${name}`,
          group,
          says: t(`settings.messages.about.${name}`),
          sample,
        })),
      },
    }),
  }),
  operation({
    id: 'previewText',
    method: 'get',
    path: '/text-preview',
    permission: 'view',
    tag,
    summary: 'The lines that clients would read of a text, with example values in the place of variables.',
    query: text,
    answer: z.strictObject({ lines: z.array(z.string()), unknownVariables: z.array(z.string()) }),
    run: ({ query }) => {
      const code = ([220, 221, 230] as const).find((one) => one === query.code) ?? replyCode(String(query.code))
      if (code === undefined) throw new Refusal(422, 'The text of this reply code cannot be chosen.')
      return {
        value: {
          lines: [...previewLines(code, query.text)],
          unknownVariables: unknownVariables(query.text).map((name) => `$${name}`),
        },
      }
    },
  }),
]

function levelOf(service: FtpService, id: string | undefined): Level {
  if (id === undefined) return undefined
  const level = domainOf(service.settings(), id)
  if (!level) throw new Refusal(404, 'There is no such domain.')
  return level
}

function commandsOf(service: FtpService, level: Level): z.input<typeof command>[] {
  const settings = service.settings()
  const values = commandValues(settings, level)
  return [...commandTable].map(([verb, { syntax, rfc, needsLogin, essential }]) => {
    const said = switchOf(settings, level, verb)
    const own = values.get(textName(verb))
    return {
      verb,
      family: FAMILY_OF.get(verb) ?? '',
      syntax,
      about: t(`settings.commands.about.${verb.replace(' ', '_')}`),
      rfc,
      needsLogin,
      ...(essential && { essential }),
      on: (said === 'inherit' ? switchOf(settings, undefined, verb) : values.get(switchName(verb))) === 'on',
      said,
      ...(own && { text: own }),
    }
  })
}
