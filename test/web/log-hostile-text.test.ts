/** Text of strangers in the log: whatever it is made of, pages show it as text. */
import { expect } from 'chai'
import { DAY, temporaryLog } from '../journal/temporary-log.ts'
import { logPages, rows } from './log-pages.ts'

const PAGE = `/log?day=${DAY}`

describe('hostile text in the log', () => {
  const HOSTILE = [
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    '{{7*7}}{% raw %}',
    '\x1b[31mred\x1b]0;title\x07',
    'user\u202egnp.exe\u2066',
    '=cmd()',
    "=cmd|'/C calc'!A0",
    '%0d%0aSet-Cookie: a=b',
    'line\r\nbreak',
    '${7*7}`',
    "' OR 1=1 --",
  ]
  for (const text of HOSTILE) {
    it(`${JSON.stringify(text)} shows as text`, async () => {
      await using log = await temporaryLog()
      await using pages = await logPages(log.journal)
      await log.write({ text, user: text, path: `/${text}`, session: text, address: text, event: 'command' })
      const [entry] = await log.all()
      const stored = entry?.text ?? ''
      for (const path of [
        PAGE,
        `${PAGE}&q=${encodeURIComponent(text)}&user=${encodeURIComponent(text)}`,
        `/log/session/${encodeURIComponent(entry?.session ?? '')}`,
      ]) {
        const answer = await pages.get(path)
        const html = await answer.text()
        expect(answer.status).to.equal(200)
        expect(answer.headers.has('set-cookie')).to.be.false
        expect(html).to.not.match(/<script>|<img|onerror=alert\(1\)>/)
        // oxlint-disable-next-line no-control-regex
        expect(html).to.not.match(/[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]/)
      }
      expect(rows(await pages.text(PAGE))).to.deep.equal([stored])
      const found = await pages.text(`${PAGE}&user=${encodeURIComponent(stored)}`)
      expect(rows(found), 'and can be filtered by').to.have.length(1)
    })
  }
})
