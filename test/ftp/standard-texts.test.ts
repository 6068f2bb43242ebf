/** The table of standard texts says what replies really say. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { STANDARD_TEXTS } from '../../module/ftp/standard-texts.ts'
import { replyCode } from '../../module/settings/reply-codes.ts'

const ENGINE = join(import.meta.dirname, '../../module/ftp')

describe('standard texts', () => {
  it('are each said somewhere in the engine, of codes whose text can be chosen', () => {
    const sources = readdirSync(ENGINE, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts') && !path.endsWith('standard-texts.ts'))
      .map((path) => readFileSync(join(ENGINE, path), 'utf8'))
      .join('\n')
    expect([...STANDARD_TEXTS.values()].filter((text) => !sources.includes(`'${text}'`))).to.deep.equal([])
    expect([...STANDARD_TEXTS.keys()].filter((code) => replyCode(String(code)) !== code)).to.deep.equal([])
  })
})
