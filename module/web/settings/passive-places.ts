/** How many transfers at once a range of passive ports allows, as it is typed. */
import { portCount, portRange } from '../../settings/port-range.ts'
import type { Limit } from '../../settings/values.ts'
import type { Translate } from '../locale.ts'

export interface Places {
  readonly text: string
  /** Whether the server lets in more sessions than can transfer at once. */
  readonly few: boolean
}

/** `connections` is the limit of sessions. A text that is no range allows nothing, and says so. */
export function passivePlaces(t: Translate, text: string, connections: Limit): Places {
  const range = portRange(text.trim())
  if (!range) return { text: t('settings.places.none'), few: false }
  const count = portCount(range)
  if (count === Infinity) return { text: t('settings.places.any'), few: false }
  const few = typeof connections === 'number' && count < connections
  const places = t('settings.places.count', { count })
  return { text: few ? `${places} ${t('settings.places.few', { connections })}` : places, few }
}
