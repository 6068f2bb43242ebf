/** What a session's transfers and listings are like before its client chooses. */
import type { HashAlgorithm } from './data/digest.ts'
import { FACTS } from './facts.ts'
import type { Fact } from './facts.ts'

/** One set for all sessions that did not choose: nobody changes it. */
const ALL_FACTS: ReadonlySet<Fact> = new Set(FACTS)

/** The parameters RFC 959 section 5.4 and RFC 4217 section 9 set back at REIN and AUTH. */
export function initialParameters() {
  return {
    type: 'ascii' as 'ascii' | 'image',
    mode: 'stream' as 'stream' | 'deflate',
    deflateLevel: undefined as number | undefined,
    epsvOnly: false,
    facts: ALL_FACTS,
    hash: 'SHA-256' as HashAlgorithm,
  }
}
