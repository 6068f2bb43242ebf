/** Text of clients that means something elsewhere: injection into replies, logs, templates, queries (spec: attacks section 3). */
import { expect } from 'chai'
import { serve } from '../serve.ts'

const files = { 'a.txt': 'hello', 'd/b.txt': 'b' }

describe('attacks by injection', () => {
  it('shows format strings, template and look-up expressions as plain text', async () => {
    await using it = await serve({ files })
    const client = await it.login()
    const texts = [
      '%s%n%x',
      '%{env:PATH}',
      '${jndi:ldap:x}',
      '{{7*7}}',
      '$Name',
      '$IP',
      '%USER%',
      '`id`',
      '$(id)',
      '<%= 7*7 %>',
    ]
    for (const text of texts) {
      expect((await client.say(`MKD ${text}`, 257)).text).to.include(`"/${text}"`)
      await client.say(`RMD ${text}`, 250)
    }
  })

  it('hands names and passwords that look like SQL or LDAP on as they are (CVE-2009-0542)', async () => {
    await using it = await serve({ options: { login: { attempts: 100 } } })
    const client = await it.connect()
    for (const text of ["%') and 1=2 union select 1,1 --", '*)(uid=*', '{"$gt":""}', "' OR 1=1 --"]) {
      await client.say(`USER ${text}`, 331)
      await client.say(`PASS ${text}`, 530)
      expect(it.backend.logins.at(-1)).to.include({ user: text, password: text })
    }
  })

  it('shows no control character to observers (log injection)', async () => {
    await using it = await serve({ files, options: { login: { attempts: 100 } } })
    const client = await it.connect()
    for (const text of ['a\u001B[2Jb', 'a\rb', 'a\u0007b', 'a\u009Bb', 'a\u2028b']) {
      await client.say(`USER ${text}`)
      await client.say(`CLNT ${text}`)
      await client.say(`HOST ${text}`)
    }
    // oxlint-disable-next-line no-control-regex
    for (const { text } of it.all('command')) expect(text).to.not.match(/[\x00-\x1f\x7f-\x9f\u2028\u2029]/)
    expect(it.all('command').length).to.equal(15)
  })

  it('does not take a name into the lines of a reply (reply injection)', async () => {
    await using it = await serve({ files: { 'd/213 End': 'x', 'd/250 End': 'x' } })
    it.files.plant('/d', '250 x\r\n226 Done')
    it.files.plant('/d', 'esc\u001B[31m')
    const client = await it.login()
    const { lines } = await client.say('STAT d', [211, 212, 213])
    for (const line of lines.slice(1, -1)) expect(line).to.not.match(/^\d{3}/)
    await client.say('MLST d/250 End', 250)
    await client.say('NOOP', 200)
  })

  it('has no SITE EXEC, CPFR, CPTO, SYMLINK or MKDIR (CVE-2015-3306, CVE-2019-12815)', async () => {
    await using it = await serve({ files })
    for (const client of [await it.connect(), await it.login()]) {
      for (const line of [
        'EXEC id',
        'CPFR /a.txt',
        'CPTO /b.txt',
        'SYMLINK a b',
        'MKDIR x',
        'INDEX x',
        'CHGRP 0 a.txt',
      ]) {
        const { code } = await client.say(`SITE ${line}`)
        expect(code).to.be.oneOf([421, 500, 501, 502, 504, 530])
        if (code === 421) break
      }
    }
    expect(it.files.names()).to.deep.equal(['a.txt', 'd'])
  })

  it('has no back door for a smiling user (vsftpd 2.3.4)', async () => {
    await using it = await serve()
    const client = await it.connect()
    await client.say('USER anna:)', 331)
    await client.say('PASS x', 530)
  })
})
