/** What clients read and which commands they have (product section 7), for the server and for a domain that says otherwise. */
import { z } from 'zod'
import { commandTable } from '../ftp/commands/table.ts'
import { DEFAULTS } from '../ftp/options.ts'
import { replyCode } from './reply-codes.ts'
import { clientText } from './values.ts'

const replies = z.record(
  z
    .string()
    .refine((text) => replyCode(text) !== undefined, 'must be a reply code whose text can be chosen, such as 502'),
  clientText(1).min(1),
)

/** The texts of the server. */
export const messages = z.strictObject({
  greeting: clientText(20)
    .default(DEFAULTS.greeting.join('\n'))
    .describe('Greeting (220), up to 20 lines; this and the texts below may hold variables such as `$IP`.'),
  welcome: clientText(20).default(DEFAULTS.welcome.join('\n')).describe('Text after a login (230), up to 20 lines.'),
  goodbye: clientText(1).default(DEFAULTS.goodbye).describe('Answer to QUIT (221).'),
  replies: replies
    .default({})
    .describe('Own texts of reply codes, such as `{"502": "…"}` for commands that are switched off.'),
})

/** The texts of a domain; absent = the server's. */
export const domainMessages = z.strictObject({
  greeting: clientText(20).optional().describe('Greeting (220) of its own listeners, up to 20 lines.'),
  welcome: clientText(20).optional().describe('Text after a login (230), up to 20 lines.'),
  goodbye: clientText(1).optional().describe('Answer to QUIT (221).'),
  replies: replies.default({}).describe('Own texts of reply codes, besides those of the server.'),
})

const VERB_RULE = 'must be a command of this server in capitals, such as "PORT" or "SITE CHMOD"'

/** Why a command cannot be switched off. */
const ESSENTIAL = {
  login: 'must not be switched off: without it nobody could log in or leave',
  encryption: 'must not be switched off: whether clients may or must encrypt is chosen under Encryption',
}

const verb = z.string().refine((text) => commandTable.has(text), VERB_RULE)

const verbs = z.array(verb).max(100).default([])
const disabled = verbs.superRefine((all, context) => {
  for (const [at, each] of all.entries()) {
    const essential = commandTable.get(each)?.essential
    if (essential) context.addIssue({ code: 'custom', message: ESSENTIAL[essential], path: [at] })
  }
})
const texts = z.record(verb, clientText(1).min(1)).default({})

/** The commands of the server. */
export const commands = z.strictObject({
  disabled: disabled.describe('Commands that are switched off: they answer 502 and leave FEAT and HELP.'),
  texts: texts.describe('Own reply texts of single switched-off commands.'),
})

/** The commands of a domain, as far as they differ from the server's. */
export const domainCommands = z
  .strictObject({
    disabled: disabled.describe('Commands that are switched off here besides those of the server.'),
    enabled: verbs.describe('Commands that are switched on here although the server has them off.'),
    texts: texts.describe('Own reply texts of single switched-off commands, besides those of the server.'),
  })
  .superRefine(({ disabled: off, enabled }, context) => {
    for (const [at, each] of enabled.entries()) {
      if (!off.includes(each)) continue
      context.addIssue({ code: 'custom', message: 'must not be switched off as well', path: ['enabled', at] })
    }
  })
