/* A login that ends takes nothing with it that somebody has typed: typing keeps it alive, and a form is sent only while it holds. */
'use strict'
;(() => {
  const { loginAsked, loginOver, loginLink, loginThen, loginLost } = document.currentScript.dataset
  /** Milliseconds for which the answer of the server holds, and after which typing asks it again. */
  const FRESH = 60_000
  const KEEP = 5 * 60_000
  let heard = performance.now()
  let asking = false

  // Before the listeners of forms: what is held back here, nobody else hears of.
  addEventListener(
    'submit',
    (event) => {
      const form = event.target
      if (form.method !== 'post' || !form.closest('main, dialog') || performance.now() - heard < FRESH) return
      event.preventDefault()
      event.stopImmediatePropagation()
      void whenAllowed(form, event.submitter, () => form.requestSubmit(event.submitter))
    },
    true,
  )

  document.addEventListener('input', (event) => {
    const form = event.target.closest?.('form')
    if (form?.method === 'post' && performance.now() - heard >= KEEP) void whenAllowed(form, undefined, () => undefined)
  })

  async function whenAllowed(form, button, go) {
    if (asking) return
    asking = true
    const answer = await ask().catch(() => 'lost')
    asking = false
    document.getElementById('session-note')?.remove()
    if (answer === 'lost') return button && tell(form, button, [loginLost])
    heard = performance.now()
    if (answer === undefined) return go()
    heard = -Infinity
    const link = document.createElement('a')
    Object.assign(link, { href: answer, target: '_blank', textContent: loginLink })
    tell(form, button, [loginOver, ' ', link, '. ', loginThen])
  }

  /** Where to log in when the login has ended. What forms prove themselves with changes with the login. */
  async function ask() {
    const answer = await fetch(loginAsked, { headers: { Accept: 'application/json', 'HX-Request': 'true' } })
    if (answer.status === 401) return answer.headers.get('HX-Redirect') ?? ''
    if (!answer.ok) return undefined
    const { token } = await answer.json()
    for (const field of document.querySelectorAll('input[name=_csrf]')) field.value = token
    return undefined
  }

  function tell(form, button, text) {
    const note = document.createElement('p')
    note.id = 'session-note'
    note.className = 'notice warning'
    note.setAttribute('role', 'alert')
    note.append(...text)
    const place = (button ?? form.querySelector('button.primary'))?.closest('.form-actions, .actions')
    if (place && form.contains(place)) place.before(note)
    else form.append(note)
    note.scrollIntoView({ block: 'center' })
    // Whoever types goes on typing.
    if (button) note.querySelector('a')?.focus()
  }
})()
