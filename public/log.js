/* The log's few lines: new rows while the end is in view, arrow keys in the calendar. Without script the page is read anew. */
'use strict'

;(() => {
  /** Rows that stay in the table while it is followed, and rows that wait while it is paused. */
  const ROWS = 500
  const WAITING = 500
  let following

  /** Follows the table that is on the page now, if it is one to follow. */
  function begin() {
    const table = document.querySelector('[data-follow]')
    if (following?.table === table) return
    following?.stop()
    following = table ? follow(table) : undefined
  }

  function follow(table) {
    const body = table.querySelector('tbody')
    const bar = table.parentElement.querySelector('.log-follow')
    const [pause, newest] = [bar.querySelector('[data-pause]'), bar.querySelector('[data-newest]')]
    let [paused, waiting, source] = [false, [], undefined]
    const scroller = () => (table.scrollHeight > table.clientHeight + 1 ? table : document.scrollingElement)
    // The page itself scrolls on small screens: there the end of the table counts.
    const atEnd = () =>
      scroller() === table
        ? table.scrollHeight - table.scrollTop - table.clientHeight < 40
        : table.getBoundingClientRect().bottom < innerHeight + 80
    const toEnd = () =>
      scroller() === table ? table.scrollTo({ top: table.scrollHeight }) : bar.scrollIntoView({ block: 'end' })

    function take(html) {
      const template = document.createElement('template')
      template.innerHTML = html
      waiting.push(...template.content.querySelectorAll('tr'))
      if (waiting.length > WAITING) waiting = waiting.slice(-WAITING)
      const end = atEnd()
      if (!paused && end) show()
      describe()
    }

    function show() {
      if (waiting.length === 0) return
      table.querySelector('[data-until-first]')?.remove()
      body.append(...waiting.splice(0))
      while (body.rows.length > ROWS) body.rows[0].remove()
      globalThis.htmx?.process(body)
      toEnd()
    }

    function describe() {
      pause.textContent = paused ? pause.dataset.textPaused : pause.dataset.textLive
      pause.setAttribute('aria-pressed', String(paused))
      newest.hidden = waiting.length === 0
      newest.textContent = `${newest.dataset.text} (${waiting.length})`
    }

    function connect() {
      source?.close()
      const address = new URL(table.dataset.follow, location.href)
      const last = body.rows[body.rows.length - 1]?.id.replace('entry-', '')
      const held = waiting.at(-1)?.id.replace('entry-', '')
      if (held ?? last) address.searchParams.set('after', held ?? last)
      source = new EventSource(address)
      source.addEventListener('message', ({ data }) => take(data))
      source.addEventListener('day', () => {
        source.close()
        if (!paused) location.assign(table.dataset.nextDay)
      })
      source.addEventListener('error', () => (pause.textContent = pause.dataset.textLost))
      source.addEventListener('open', describe)
    }

    function resume() {
      paused = false
      show()
      toEnd()
      describe()
    }

    const sight = () => (document.hidden ? source.close() : connect())
    const scrolled = () => {
      if (!paused && waiting.length > 0 && atEnd()) resume()
    }
    pause.addEventListener('click', () => {
      if (paused) return resume()
      paused = true
      describe()
    })
    newest.addEventListener('click', resume)
    document.addEventListener('visibilitychange', sight)
    table.addEventListener('scroll', scrolled)
    addEventListener('scroll', scrolled)
    bar.hidden = false
    // Opened to read the newest; on a small screen the page begins at its top.
    if (scroller() === table) toEnd()
    connect()
    return {
      table,
      stop() {
        source.close()
        document.removeEventListener('visibilitychange', sight)
        removeEventListener('scroll', scrolled)
      },
    }
  }

  /** Arrow keys walk over the days that have entries: sideways by one, up and down by the week. */
  function walk(event) {
    const link = event.target.closest?.('a.log-day')
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 }[event.key]
    if (!link || step === undefined) return
    event.preventDefault()
    const cells = [...link.closest('tbody').querySelectorAll('td')]
    for (let at = cells.indexOf(link.closest('td')) + step; cells[at]; at += step) {
      const day = cells[at].querySelector('a')
      if (day) return day.focus()
    }
  }

  document.addEventListener('keydown', walk)
  document.addEventListener('htmx:after:swap', () => {
    // The calendar came anew.
    if (narrow.matches) document.getElementById('log-calendar')?.removeAttribute('open')
    begin()
  })
  const narrow = matchMedia('(max-width: 63.9rem)')
  const fold = () => {
    for (const part of document.querySelectorAll('[data-closed-when-narrow]')) part.open = !narrow.matches
  }
  narrow.addEventListener('change', fold)
  fold()
  begin()
})()
