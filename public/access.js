/* Rules change their places by dragging and by the keyboard, and bans count down; without script the pages do without. */
'use strict'

// Bans: the time that is left.
for (const table of document.querySelectorAll('table[data-left-units]')) {
  const texts = JSON.parse(table.dataset.leftUnits)
  const cells = [...table.querySelectorAll('[data-left]')]
  const start = performance.now()
  const fill = (text, values) => text.replaceAll(/\{(\w+)\}/g, (_, name) => String(values[name]))
  setInterval(() => {
    for (const cell of cells) {
      const left = Math.max(0, Math.round(Number(cell.dataset.left) - (performance.now() - start) / 1000))
      const days = Math.floor(left / 86_400)
      const hours = Math.floor(left / 3600) % 24
      const minutes = Math.floor(left / 60) % 60
      const kind = days > 0 ? 'daysHours' : hours > 0 ? 'hoursMinutes' : minutes > 0 ? 'minutesSeconds' : 'seconds'
      const seconds = kind === 'seconds' ? left : left % 60
      const text = fill(texts[kind], { days, hours, minutes, seconds })
      if (cell.textContent !== text) cell.textContent = text
      cell.closest('tr').classList.toggle('over', left === 0)
    }
  }, 1000)
}

;(() => {
  const table = document.querySelector('table[data-move]')
  if (!table) return
  const body = table.tBodies[0]
  const rows = () => [...body.querySelectorAll('tr[data-at]')]
  let dragged

  for (const row of rows()) {
    row.draggable = true
    row.tabIndex = 0
    row.setAttribute('aria-keyshortcuts', 'Alt+ArrowUp Alt+ArrowDown')
  }

  body.addEventListener('dragstart', (event) => {
    dragged = event.target.closest?.('tr[data-at]')
    if (!dragged) return
    event.dataTransfer.effectAllowed = 'move'
    event.dataTransfer.setData('text/plain', dragged.dataset.at)
    dragged.classList.add('dragged')
  })
  body.addEventListener('dragover', (event) => {
    const over = event.target.closest?.('tr[data-at]')
    if (!dragged || !over) return
    event.preventDefault()
    mark(over, below(event, over))
  })
  body.addEventListener('dragend', () => {
    dragged?.classList.remove('dragged')
    dragged = undefined
    mark()
  })
  body.addEventListener('drop', (event) => {
    const over = event.target.closest?.('tr[data-at]')
    if (!dragged || !over) return
    event.preventDefault()
    const from = Number(dragged.dataset.at)
    const place = Number(over.dataset.at) + (below(event, over) ? 1 : 0)
    const to = place > from ? place - 1 : place
    if (to !== from) move(dragged, to)
  })

  body.addEventListener('keydown', (event) => {
    const row = event.target.closest?.('tr[data-at]')
    if (!row || !event.altKey || !['ArrowUp', 'ArrowDown'].includes(event.key)) return
    event.preventDefault()
    const button = row.querySelector(`button[value=${event.key === 'ArrowUp' ? 'up' : 'down'}]`)
    if (!button || button.disabled) return
    remember(Number(row.dataset.at) + (event.key === 'ArrowUp' ? -1 : 1))
    button.click()
  })

  body.addEventListener('submit', ({ target, submitter }) => {
    if (submitter?.name !== 'to' || document.activeElement !== submitter) return
    remember(Number(target.closest('tr').dataset.at) + (submitter.value === 'up' ? -1 : 1), submitter.value)
  })

  // The rule that was moved keeps the focus on the page that comes back, at the button that was pressed.
  const [moved, pressed] = JSON.parse(sessionStorage.getItem('access-moved') ?? '[]')
  sessionStorage.removeItem('access-moved')
  if (moved !== undefined) {
    const row = body.querySelector(`tr[data-at="${CSS.escape(moved)}"]`)
    ;(row?.querySelector(`button[value="${CSS.escape(pressed ?? '')}"]:enabled`) ?? row)?.focus()
  }

  function below(event, row) {
    const box = row.getBoundingClientRect()
    return event.clientY > box.top + box.height / 2
  }

  function mark(over, after) {
    for (const row of rows()) row.classList.remove('drop-before', 'drop-after')
    over?.classList.add(after ? 'drop-after' : 'drop-before')
  }

  /** Sends the row's own form, which carries the token and the state of the list, with another place. */
  function move(row, to) {
    const form = row.querySelector('form[action$="/move"]')
    const place = document.createElement('input')
    place.type = 'hidden'
    place.name = 'to'
    place.value = String(to)
    form.append(place)
    remember(to)
    form.submit()
  }

  function remember(at, pressed) {
    sessionStorage.setItem('access-moved', JSON.stringify([String(at), pressed]))
  }
})()
