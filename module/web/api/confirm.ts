/** How a caller says that shutting out whom rules shut out is meant. */
import { z } from 'zod'

export const confirm = z
  .string()
  .max(100)
  .optional()
  .describe('The word that a refusal asks for: rules that shut out whoever changes them are on trial for 60 s.')
