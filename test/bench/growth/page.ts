/** An administrator of the server: logs in as a browser does, keeps a page open, and disconnects people. */
import { ADMINISTRATOR } from './server.ts'

export class Administrator {
  readonly #web: string
  readonly #cookie: string
  readonly #token: string

  private constructor(web: string, cookie: string, token: string) {
    this.#web = web
    this.#cookie = cookie
    this.#token = token
  }

  static async logIn(web: string): Promise<Administrator> {
    const form = await fetch(`${web}/login`)
    const body = new URLSearchParams({ ...ADMINISTRATOR, next: '/', _csrf: tokenIn(await form.text()) })
    const answer = await fetch(`${web}/login`, { method: 'POST', body, headers: cookiesOf(form), redirect: 'manual' })
    if (answer.status !== 303) throw new Error(`The administrator's login was answered ${answer.status}`)
    const { cookie } = cookiesOf(answer)
    const page = await fetch(`${web}/activity`, { headers: { cookie } })
    return new Administrator(web, cookie, tokenIn(await page.text()))
  }

  /** Keeps the live page open until the signal; resolves when it has begun. `heard` is told the octets of each piece. */
  async watch(signal: AbortSignal, heard: (octets: number) => void): Promise<void> {
    const headers = { cookie: this.#cookie, accept: 'text/event-stream' }
    const answer = await fetch(`${this.#web}/activity/live?sort=speed&down=1`, { headers, signal })
    if (answer.status !== 200) throw new Error(`The live page was answered ${answer.status}`)
    const read = async () => {
      for await (const chunk of answer.body ?? []) heard((chunk as Uint8Array).length)
    }
    // It ends with the signal.
    read().catch(() => undefined)
  }

  /** The ids of the sessions now. */
  async sessions(): Promise<readonly string[]> {
    const answer = await fetch(`${this.#web}/api/v1/sessions`, { headers: { cookie: this.#cookie } })
    const { sessions } = (await answer.json()) as { sessions: { id: string }[] }
    return sessions.map(({ id }) => id)
  }

  /** Ends a session, or only its transfer; the status of the answer, 404 where it has gone by itself. */
  async end(id: string, what: 'disconnect' | 'abort'): Promise<number> {
    const headers = { cookie: this.#cookie, 'x-csrf-token': this.#token, 'content-type': 'application/json' }
    const answer = await fetch(`${this.#web}/api/v1/sessions/${id}/${what}`, { method: 'POST', headers, body: '{}' })
    await answer.arrayBuffer()
    return answer.status
  }
}

function tokenIn(html: string): string {
  return /name="_csrf" value="([^"]+)"/.exec(html)?.[1] ?? ''
}

function cookiesOf(answer: Response): { cookie: string } {
  return {
    cookie: answer.headers
      .getSetCookie()
      .map((one) => one.split(';', 1)[0])
      .join('; '),
  }
}
