/** Setting the device up, logging in and out; every attack that these stand against. */
import { readFile, stat } from 'node:fs/promises'
import { request } from 'node:http'
import { expect } from 'chai'
import { array, assert, constantFrom, oneof, property, string } from 'fast-check'
import { localPath } from '../../../module/shells/embedded/web/local-path.ts'
import { LoginGuard } from '../../../module/shells/embedded/web/login-guard.ts'
import { Sessions } from '../../../module/shells/embedded/web/sessions.ts'
import { passwordFault } from '../../../module/shells/embedded/web/password-rule.ts'
import { ADMIN, type Served, served } from './served.ts'

const CHOSEN = { name: 'root', password: 'nine purple trees', repeat: 'nine purple trees' }

describe('the first start', () => {
  it('leads everybody to the set-up page until the code was typed, and never again', async () => {
    await using it = await served({ administrator: undefined })
    const browser = it.browser()
    for (const path of ['/', '/resources', '/appliance/users', '/login']) {
      expect((await browser.get(path)).headers.get('location'), path).to.equal('/setup')
    }
    const { text: code, path } = it.web.setupCode ?? { text: '', path: '' }
    expect((await stat(path)).mode & 0o777).to.equal(0o600)
    expect((await readFile(path, 'utf8')).trim()).to.equal(code)
    const done = await browser.post('/setup', { ...CHOSEN, code: code.toLowerCase().replaceAll('-', ' ') })
    expect([done.status, done.headers.get('location')]).to.deep.equal([303, '/appliance/first-steps'])
    expect((await browser.get('/appliance/first-steps')).text).to.include('/appliance/users/add')
    expect(await stat(path).catch(() => 'gone')).to.equal('gone')
    expect(it.web.setupCode).to.equal(undefined)
    expect((await browser.get('/setup')).status).to.equal(404)
    expect((await it.browser().post('/setup', { ...CHOSEN, name: 'evil', code })).status).to.equal(404)
    expect(it.shell.administrators.list()).to.deep.equal([{ name: 'root', permission: 'manage' }])
  })

  it('takes no weak password, and keeps what else was typed', async () => {
    await using it = await served({ administrator: undefined })
    const code = it.web.setupCode?.text ?? ''
    for (const password of ['short', 'passwordpassword', 'rootrootroot1', '123456789012', 'aaaaaaaaaaaaaaa']) {
      const { status, text } = await it.browser().post('/setup', { name: 'root', code, password, repeat: password })
      expect(status, password).to.equal(422)
      expect(text)
        .to.include('value="root"')
        .and.not.include(password === 'short' ? 'value="short"' : password)
    }
    expect(it.shell.administrators.list()).to.deep.equal([])
  })

  it('makes guesses wait, held back and refused (set-up code guessing)', async () => {
    await using it = await served({ administrator: undefined })
    const browser = it.browser()
    const statuses: number[] = []
    for (let guess = 0; guess < 6; guess++) {
      statuses.push((await browser.post('/setup', { ...CHOSEN, code: 'AAAA-AAAA-AAAA-AAAA' })).status)
    }
    expect(statuses).to.deep.equal([422, 422, 422, 429, 429, 429])
    const right = { ...CHOSEN, code: it.web.setupCode?.text ?? '' }
    expect((await browser.post('/setup', right)).status).to.equal(429)
    it.now += 1000
    expect((await browser.post('/setup', right)).status).to.equal(303)
    expect(it.pauses).to.have.length(3)
  })

  it('lets one of two visitors in who send the right code at once (race)', async () => {
    await using it = await served({ administrator: undefined })
    const code = it.web.setupCode?.text ?? ''
    const names = ['one', 'two', 'three']
    const answers = await Promise.all(names.map((name) => it.browser().post('/setup', { ...CHOSEN, name, code })))
    expect(answers.filter(({ status }) => status === 303)).to.have.length(1)
    expect(it.shell.administrators.list()).to.have.length(1)
  })
})

describe('the pages for visitors', () => {
  it('refuse what is no short form before they read it (memory exhaustion by visitors)', async () => {
    await using it = await served()
    const announced = { 'content-type': 'application/x-www-form-urlencoded', 'content-length': '16385' }
    const files = { 'content-type': 'multipart/form-data; boundary=x', 'content-length': '2200000' }
    const json = { 'content-type': 'application/json', 'content-length': '2000000' }
    for (const path of ['/login', '/setup']) {
      expect(await begun(it, path, announced), path).to.equal(413)
      expect(await begun(it, path, files), path).to.equal(415)
      expect(await begun(it, path, json), path).to.equal(415)
      // Without an announced length it is cut off where it becomes too long.
      const chunked = { 'content-type': announced['content-type'], 'transfer-encoding': 'chunked' }
      expect(await begun(it, path, chunked, 'a'.repeat(17_000)), path).to.equal(413)
    }
    expect((await it.browser().post('/login', { ...ADMIN, next: 'x'.repeat(8000) })).status).to.equal(303)
  })
})

describe('a login', () => {
  it('leads to the page that was wanted, with a cookie that scripts and other sites do not get', async () => {
    await using it = await served()
    const browser = it.browser()
    expect((await browser.get('/appliance/users?q=a')).headers.get('location')).to.equal(
      '/login?next=%2Fappliance%2Fusers%3Fq%3Da',
    )
    const answer = await browser.post('/login', { ...ADMIN, next: '/appliance/users?q=a' })
    expect(answer.headers.get('location')).to.equal('/appliance/users?q=a')
    const cookie = answer.headers.getSetCookie().find((line) => line.startsWith('ftp-login='))
    expect(cookie).to.match(/^ftp-login=[\w-]{43}; path=\/; samesite=strict; httponly$/)
    expect((await browser.get('/')).status).to.equal(200)
  })

  it('is refused with the same words for a wrong password and an unknown name (user enumeration)', async () => {
    await using it = await served()
    const wrong = await it.browser().post('/login', { name: 'admin', password: 'x' })
    const unknown = await it.browser().post('/login', { name: 'nobody', password: 'x' })
    expect([wrong.status, unknown.status]).to.deep.equal([422, 422])
    expect(bare(wrong.text)).to.equal(bare(unknown.text))
  })

  it('takes as long for an unknown name as for a wrong password (user enumeration by time)', async () => {
    await using it = await served()
    const quickest = async (name: string) => {
      const times: number[] = []
      for (let round = 0; round < 5; round++) {
        const began = performance.now()
        await it.shell.administrators.verify(name, 'a wrong password')
        times.push(performance.now() - began)
      }
      return Math.min(...times)
    }
    const [known, unknown] = [await quickest('admin'), await quickest('nobody')]
    expect(unknown).to.be.within(known * 0.5, known * 2)
  })

  it('waits longer after each failure, from one address, many at once or one by one (password guessing)', async () => {
    await using it = await served()
    const guess = async () => (await it.browser().post('/login', { name: 'admin', password: 'guess' })).status
    const many = await Promise.all(Array.from({ length: 20 }, guess))
    expect(many.filter((status) => status === 422)).to.have.length(3)
    expect(many.filter((status) => status === 429)).to.have.length(17)
    expect((await it.browser().post('/login', ADMIN)).headers.get('retry-after')).to.equal('1')
    it.now += 1000
    expect(await guess()).to.equal(422)
    expect((await it.browser().post('/login', ADMIN)).headers.get('retry-after')).to.equal('2')
    it.now += 2000
    expect((await it.browser().post('/login', ADMIN)).status).to.equal(303)
  })

  it('is never shut out for long, whatever was guessed from elsewhere (lockout of the administrator)', () => {
    let now = 0
    const guard = new LoginGuard(() => now)
    for (let n = 0; n < 5000; n++) guard.begin(`10.0.${n >> 8}.${n & 255}`, 'admin')
    const other = guard.begin('192.168.1.5', 'admin')
    expect(other).to.be.an('object').with.property('delay', 2000)
    for (let n = 0; n < 50; n++) {
      now += 120_000
      guard.begin('10.9.9.9', 'admin')
    }
    expect(guard.begin('10.9.9.9', 'admin')).to.be.at.most(60)
  })

  it('counts an IPv6 network as one address', () => {
    const guard = new LoginGuard(() => 0)
    for (let n = 0; n < 3; n++) guard.begin(`2001:db8::${n}`, 'admin')
    expect(guard.begin('2001:db8::ffff', 'admin')).to.equal(1)
    expect(guard.begin('2001:db8:0:1::1', 'admin')).to.be.an('object')
    expect(guard.begin('::ffff:192.0.2.1', 'admin')).to.be.an('object')
  })

  it('begins a new session and ends the one before (session fixation)', async () => {
    await using it = await served()
    const browser = await it.loggedIn()
    const first = browser.cookies.get('ftp-login') ?? ''
    const planted = it.browser()
    planted.cookies.set('ftp-login', 'A'.repeat(43))
    await planted.post('/login', ADMIN)
    expect(planted.cookies.get('ftp-login')).to.not.equal('A'.repeat(43))
    await browser.post('/login', { ...ADMIN, _csrf: await visitorToken(browser) })
    expect(browser.cookies.get('ftp-login')).to.not.equal(first)
    const old = it.browser()
    old.cookies.set('ftp-login', first)
    expect((await old.get('/')).status).to.equal(302)
  })

  it('leads to pages of this device alone (open redirect)', async () => {
    await using it = await served()
    const elsewhere = [
      '//evil.example',
      '/\\evil.example',
      'https://evil.example/',
      'javascript:alert(1)',
      '/\t/evil.example',
    ]
    for (const next of [...elsewhere, '/%0d%0aSet-Cookie:x', '/login', '/logout']) {
      const answer = await it.browser().post('/login', { ...ADMIN, next })
      const location = answer.headers.get('location') ?? ''
      expect(new URL(location, 'http://here').origin, next).to.equal('http://here')
      expect(location).to.match(/^\/(?:%0d%0aSet-Cookie:x)?$/)
    }
  })

  it('never leads elsewhere, whatever the link says', () => {
    const piece = constantFrom(
      '/',
      '\\',
      '.',
      'a',
      '%2f',
      '\t',
      '\n',
      ':',
      '@',
      '?',
      '#',
      'evil.example',
      'http:',
      '//',
    )
    assert(
      property(
        oneof(
          string(),
          array(piece).map((parts) => parts.join('')),
        ),
        (text) => {
          const path = localPath(text)
          expect(path).to.match(/^\/(?![/\\])/)
          expect(new URL(path, 'http://here').host).to.equal('here')
        },
      ),
    )
  })

  it('is refused without the token of its page, and from another site (login CSRF)', async () => {
    await using it = await served()
    const browser = it.browser()
    const plain = await fetch(new URL('/login', it.web.url), {
      method: 'POST',
      body: new URLSearchParams(ADMIN),
      redirect: 'manual',
    })
    expect(plain.status).to.equal(403)
    expect(plain.headers.getSetCookie().join()).to.not.include('ftp-login')
    for (const headers of [
      { Origin: 'https://evil.example' },
      { 'Sec-Fetch-Site': 'cross-site' },
      { Origin: 'null' },
    ]) {
      expect((await browser.post('/login', ADMIN, headers)).status).to.equal(403)
    }
  })

  it('is asked for under our own names alone (DNS rebinding)', async () => {
    await using it = await served({ administrator: ADMIN, web: { names: ['router.lan'] } })
    const browser = it.browser()
    for (const host of ['127.0.0.1', 'localhost:8080', '[::1]:80', 'ROUTER.lan', 'router.lan.:80', '192.168.1.1']) {
      expect(await browser.statusAs(host), host).to.equal(200)
    }
    for (const host of ['evil.example', 'router.lan.evil.example', '127.0.0.1.nip.io', 'localhost@evil']) {
      for (const path of ['/login', '/', '/public/style.css', '/api/v1/status']) {
        expect(await browser.statusAs(host, path), host).to.be.oneOf([400, 421])
      }
    }
  })

  it('leaves no password and no typed name of strangers in the log', async () => {
    await using it = await served()
    await it.browser().post('/login', { name: 'my secret passphrase', password: 'another secret' })
    await it.browser().post('/login', { name: 'admin', password: 'another secret' })
    const texts = it.audited.map(({ text }) => text).join('\n')
    expect(texts).to.include('A login as an unknown name from 127.0.0.1 failed.').and.include('A login as "admin"')
    expect(texts).to.not.match(/secret/)
  })
})

describe('a session', () => {
  it('ends at the logout on the server, not only in the browser', async () => {
    await using it = await served()
    const browser = await it.loggedIn()
    const kept = browser.cookies.get('ftp-login') ?? ''
    expect((await browser.post('/logout', {})).headers.get('location')).to.equal('/login')
    expect(browser.cookies.has('ftp-login')).to.equal(false)
    browser.cookies.set('ftp-login', kept)
    expect((await browser.get('/')).status).to.equal(302)
  })

  it('does not end by a link or a foreign form (logout CSRF)', async () => {
    await using it = await served()
    const browser = await it.loggedIn()
    expect((await browser.get('/logout')).status).to.equal(404)
    expect((await browser.post('/logout', {}, { 'Sec-Fetch-Site': 'cross-site' })).status).to.equal(403)
    expect((await browser.get('/')).status).to.equal(200)
  })

  it('ends after 15 minutes of silence, and after 8 hours whatever happens', () => {
    let now = 0
    const ended: string[] = []
    const sessions = new Sessions(
      (key) => ended.push(key),
      () => now,
    )
    const idle = sessions.begin('anna')
    now += 14 * 60_000
    const key = sessions.find(idle, true)?.key
    now += 15 * 60_000
    expect(sessions.find(idle, true)).to.equal(undefined)
    expect(ended).to.deep.equal([key])
    const busy = sessions.begin('anna')
    for (let minutes = 0; minutes < 479; minutes++) {
      now += 60_000
      expect(sessions.find(busy, true), String(minutes)).to.not.equal(undefined)
    }
    now += 60_000
    expect(sessions.find(busy, true)).to.equal(undefined)
  })

  it('is not kept alive by a stream of a forgotten page', () => {
    let now = 0
    const sessions = new Sessions(undefined, () => now)
    const id = sessions.begin('anna')
    for (let minute = 0; minute < 15; minute++, now += 60_000) sessions.find(id, false)
    expect(sessions.find(id, false)).to.equal(undefined)
  })

  it('ends with the password it began with, but for the one in which it was changed', async () => {
    await using it = await served()
    const [here, there] = [await it.loggedIn(), await it.loggedIn()]
    const changed = { present: ADMIN.password, password: 'ten yellow boats', repeat: 'ten yellow boats' }
    expect((await here.post('/appliance/account/password', changed)).status).to.equal(303)
    expect((await here.get('/')).status).to.equal(200)
    expect((await there.get('/')).status).to.equal(302)
    expect((await it.browser().post('/login', ADMIN)).status).to.equal(422)
    expect((await it.browser().post('/login', { name: 'admin', password: 'ten yellow boats' })).status).to.equal(303)
  })

  it('needs the present password for a new one (an open browser that somebody finds)', async () => {
    await using it = await served()
    const browser = await it.loggedIn()
    const wanted = { present: 'guess', password: 'ten yellow boats', repeat: 'ten yellow boats' }
    expect((await browser.post('/appliance/account/password', wanted)).status).to.equal(422)
    expect(await it.shell.administrators.verify('admin', ADMIN.password)).to.not.equal(undefined)
  })

  it('ends when the administrator is deleted, and loses what was taken away at once', async () => {
    await using it = await served()
    await it.shell.administrators.add('bert', 'six brown mice', 'manage')
    const bert = await it.loggedIn({ name: 'bert', password: 'six brown mice' })
    expect((await bert.get('/appliance/users/add')).status).to.equal(200)
    await it.shell.administrators.setPermission('bert', 'view')
    expect((await bert.get('/appliance/users/add')).status).to.equal(403)
    await it.shell.administrators.remove('bert')
    expect((await bert.get('/appliance/users')).status).to.equal(302)
  })

  it('is known to the server by a hash alone', () => {
    const sessions = new Sessions()
    const id = sessions.begin('anna')
    expect(id).to.match(/^[\w-]{43}$/)
    expect(sessions.find(id, true)?.key).to.not.include(id)
    expect(sessions.find(sessions.find(id, true)?.key ?? '', true)).to.equal(undefined)
  })
})

describe('the rule for passwords', () => {
  it('asks for length, not for kinds of characters', () => {
    expect(passwordFault('correct horse battery', 'admin', 12)).to.equal(undefined)
    expect(passwordFault('x'.repeat(1) + 'äöüß日本語'.repeat(20), 'admin', 12)).to.equal(undefined)
    expect(passwordFault('elevenchars', 'admin', 12)).to.equal('short')
    expect(passwordFault('a b c d e f g'.repeat(100), 'admin', 12)).to.equal('long')
    expect(passwordFault('a\nb c d e f g h', 'admin', 12)).to.equal('characters')
    for (const common of ['Password2026!', 'qwertyuiop12', 'adminadmin2026', 'йцукенйцукен1']) {
      expect(passwordFault(common, 'admin', 12), common).to.equal('common')
    }
  })
})

/** The token of the login page, for who is logged in already. */
async function visitorToken(browser: { get(path: string): Promise<{ text: string }> }): Promise<string> {
  return /name="_csrf" value="([^"]+)"/.exec((await browser.get('/login')).text)?.[1] ?? ''
}

const bare = (text: string) => text.replaceAll(/value="[^"]*"/g, '')

/** The status of a request whose body is begun and never ended. */
const begun = (it: Served, path: string, headers: Readonly<Record<string, string>>, body = 'a') =>
  new Promise<number>((resolve, reject) => {
    const sent = request(new URL(path, it.web.url), { method: 'POST', headers, agent: false }, (response) => {
      resolve(response.statusCode ?? 0)
      sent.destroy()
    })
    sent.on('error', reject).write(body)
  })
