/** The one table of commands: dispatch, login check, HELP, FEAT, SITE HELP and the README derive from it. */
import type { Command, CommandTable } from '../command.ts'
import { access } from './access.ts'
import { connections } from './connections.ts'
import { digests } from './digests.ts'
import { directories } from './directories.ts'
import { files } from './files.ts'
import { information } from './information.ts'
import { listings } from './listings.ts'
import { parameters } from './parameters.ts'
import { security } from './security.ts'
import { site } from './site.ts'
import { transfers } from './transfers.ts'

/** Families in the order in which people read them. */
export const FAMILIES: Readonly<Record<string, Readonly<Record<string, Command>>>> = {
  access,
  security,
  parameters,
  connections,
  transfers,
  directories,
  files,
  listings,
  digests,
  information,
  site,
}

export const commandTable: CommandTable = new Map(Object.values(FAMILIES).flatMap((family) => Object.entries(family)))
