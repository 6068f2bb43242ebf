/* The few lines of script of the Activity pages: rows that have changed, a session's log and conversation as they grow. */
'use strict'

;(() => {
  function atEnd(box) {
    return box.scrollHeight - box.scrollTop - box.clientHeight < 40
  }

  function toEnd(box) {
    box.scrollTo({ top: box.scrollHeight })
  }

  /** Appends lines that a box does not have yet, and keeps its end in view where it was. */
  function grow(box, html) {
    if (!box || html === '') return
    const end = atEnd(box.parentElement)
    const last = Number([...box.querySelectorAll('[data-line]')].at(-1)?.dataset.line ?? 0)
    for (const line of elements(html)) if (!line.dataset.line || Number(line.dataset.line) > last) box.append(line)
    while (box.children.length > 5000) box.firstElementChild.remove()
    if (end) toEnd(box.parentElement)
  }

  /** The elements of some markup of ours. */
  function elements(html) {
    const template = document.createElement('template')
    template.innerHTML = html
    return [...template.content.children]
  }

  /** Hears what the page at an address says, while the page is looked at. */
  function hear(address, name, take) {
    const lost = document.querySelector('[data-lost]')
    let source
    let last = ''
    let doubt
    function found() {
      clearTimeout(doubt)
      doubt = undefined
      lost.hidden = true
    }
    function connect() {
      source?.close()
      const from = new URL(address(last), location.href)
      source = new EventSource(from)
      source.addEventListener(name, ({ data, lastEventId }) => {
        last = lastEventId
        found()
        if (take(JSON.parse(data)) === false) {
          source.close()
          document.removeEventListener('visibilitychange', sight)
        }
      })
      source.addEventListener('open', found)
      source.addEventListener('error', () => {
        // Every few minutes the server ends a stream, to be asked for it anew: that is no loss.
        doubt ??= setTimeout(() => (lost.hidden = false), 5000)
        // Refused: logged out meanwhile, the page itself leads to the login.
        if (source.readyState === EventSource.CLOSED) location.reload()
      })
    }
    const sight = () => (document.hidden ? source.close() : connect())
    document.addEventListener('visibilitychange', sight)
    connect()
  }

  const list = document.querySelector('[data-activity]')
  if (list) followList(list)
  const session = document.querySelector('[data-session]')
  if (session?.dataset.session) followSession(session)

  function followList(page) {
    const [body, table, empty] = [
      page.querySelector('tbody'),
      page.querySelector('.table'),
      page.querySelector('[data-empty]'),
    ]
    const ahead = Number(page.dataset.now) - Date.now()
    const texts = JSON.parse(page.dataset.texts)

    function take({ rows, cells, order, around }) {
      for (const html of rows)
        for (const row of elements(`<table>${html}</table>`)[0].querySelectorAll('tr')) place(row)
      for (const [id, changed] of Object.entries(cells)) {
        const row = document.getElementById(`session-${id}`)
        for (const [at, html] of row ? changed : []) row.cells[at].innerHTML = html
      }
      if (order) arrange(order)
      if (around !== undefined) page.querySelector('[data-around]').innerHTML = around
      table.hidden = body.rows.length === 0
      empty.hidden = !table.hidden
      tick()
    }

    /** Only cells that differ are replaced, so that a link keeps the focus. */
    function place(row) {
      const old = document.getElementById(row.id)
      if (!old) {
        body.append(row)
        return
      }
      for (const [at, cell] of [...row.cells].entries()) {
        if (old.cells[at].innerHTML !== cell.innerHTML) old.cells[at].innerHTML = cell.innerHTML
      }
    }

    function arrange(order) {
      const wanted = new Set(order.map((id) => `session-${id}`))
      for (const row of body.querySelectorAll('tr')) if (!wanted.has(row.id)) row.remove()
      const focus = document.activeElement
      for (const [at, id] of order.entries()) {
        const row = document.getElementById(`session-${id}`)
        if (row && body.rows[at] !== row) body.insertBefore(row, body.rows[at])
      }
      if (focus !== document.activeElement && body.contains(focus)) focus.focus()
    }

    function duration(seconds) {
      const [days, hours, minutes] = [
        Math.floor(seconds / 86400),
        Math.floor(seconds / 3600) % 24,
        Math.floor(seconds / 60) % 60,
      ]
      const values = { days, hours, minutes, seconds: days + hours + minutes > 0 ? seconds % 60 : seconds }
      const text = texts[days > 0 ? 3 : hours > 0 ? 2 : minutes > 0 ? 1 : 0]
      return text.replaceAll(/\{(\w+)\}/g, (_, name) => values[name])
    }

    function tick() {
      for (const each of body.querySelectorAll('[data-active]')) {
        const text = duration(Math.max(0, Math.floor((Date.now() + ahead - Number(each.dataset.active)) / 1000)))
        if (each.textContent !== text) each.textContent = text
      }
    }

    setInterval(tick, 1000)
    hear(() => page.dataset.activity, 'sessions', take)
    const show = document.getElementById('activity-show')
    show.addEventListener('change', () => show.form.requestSubmit())
  }

  function followSession(page) {
    const lines = page.querySelector('[data-lines]')
    const chat = page.querySelector('[data-chat]')
    function take(said) {
      const facts = page.querySelector('[data-facts]')
      if (facts.innerHTML !== said.facts) facts.innerHTML = said.facts
      for (const link of document.querySelectorAll('[data-while-transfer]')) link.hidden = !said.transfer
      if (said.lines !== undefined) {
        grow(lines, said.lines)
        grow(chat, said.chat)
        page.querySelector('[data-waiting]').textContent = said.waiting
      }
      if (!said.over) return true
      page.querySelector('[data-over]').hidden = false
      for (const button of document.querySelectorAll('[data-send] button, [data-send] input')) button.disabled = true
      return false
    }

    for (const box of [lines, chat]) if (box) toEnd(box.parentElement)
    hear(
      (last) => (last && lines ? page.dataset.session.replace(/\?.*/, `?after=${last}`) : page.dataset.session),
      'session',
      take,
    )

    // What is sent comes back with the stream; only where it is refused the page that says why is shown.
    const form = page.querySelector('[data-send]')
    form?.addEventListener('submit', async (event) => {
      event.preventDefault()
      const answer = await fetch(form.action, { method: 'POST', body: new URLSearchParams(new FormData(form)) })
      if (!answer.ok) {
        form.submit()
        return
      }
      const field = form.querySelector('[name=text]')
      field.value = ''
      field.focus()
    })
  }
})()
