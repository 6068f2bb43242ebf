/* The few lines of script: dialogs, pickers, unsaved changes. Everything works without them, on pages of its own. */
'use strict'

// A link with data-dialog opens its page in the dialog; without script it is simply followed.
document.addEventListener('click', async (event) => {
  const link = event.target.closest?.('a[data-dialog]')
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return
  event.preventDefault()
  await openDialog(link.href, link)
})

async function openDialog(href, opener) {
  const dialog = document.getElementById('dialog')
  const answer = await fetch(href, { headers: { 'X-Dialog': '1' } })
  if (!answer.ok || answer.redirected) {
    location.assign(href)
    return
  }
  dialog.innerHTML = await answer.text()
  if (opener?.dataset.target) dialog.dataset.target = opener.dataset.target
  globalThis.htmx?.process(dialog)
  if (!dialog.open) dialog.showModal()
  focusIn(dialog, 'input:not([type=hidden]), button.primary')
}

// What is wrong, or what the page names, comes before whatever is first.
function focusIn(dialog, otherwise) {
  ;(dialog.querySelector('[autofocus]') ?? dialog.querySelector(otherwise))?.focus()
}

// A picker's choice goes into the field that the link named with data-target.
document.addEventListener('click', (event) => {
  const choice = event.target.closest?.('#dialog [data-pick]')
  if (!choice) return
  event.preventDefault()
  const dialog = document.getElementById('dialog')
  const field = document.getElementById(dialog.dataset.target ?? '')
  if (field) {
    field.value = choice.dataset.pick
    field.dispatchEvent(new Event('input', { bubbles: true }))
    field.dispatchEvent(new Event('change', { bubbles: true }))
  }
  // Closing gives the focus back to the link that opened the dialog: what was chosen stands in the field.
  dialog.close()
  field?.focus()
})

// A choice that goes into several fields names them: {"id": "value"}.
document.addEventListener('click', (event) => {
  const choice = event.target.closest?.('#dialog [data-picks], #dialog [data-close]')
  if (!choice) return
  event.preventDefault()
  const picks = Object.entries(JSON.parse(choice.dataset.picks ?? '{}'))
  for (const [id, value] of picks) {
    const field = document.getElementById(id)
    if (!field) continue
    field.value = value
    field.dispatchEvent(new Event('input', { bubbles: true }))
    field.dispatchEvent(new Event('change', { bubbles: true }))
  }
  document.getElementById('dialog').close()
})

// Links inside the dialog that lead on inside it: folders of a picker.
document.addEventListener('submit', async (event) => {
  const form = event.target.closest?.('#dialog form[data-stay]')
  if (!form) return
  event.preventDefault()
  await postToDialog(form, event.submitter)
})

// A button with data-dialog sends its form, as it is now, to a page that opens in the dialog.
document.addEventListener('submit', async (event) => {
  const button = event.submitter
  if (!button?.matches('button[data-dialog]')) return
  event.preventDefault()
  await postToDialog(event.target, button)
})

async function postToDialog(form, button) {
  const dialog = document.getElementById('dialog')
  const answer = await fetch(button?.hasAttribute('formaction') ? button.formAction : form.action, {
    method: 'POST',
    headers: { 'X-Dialog': '1' },
    body: new URLSearchParams(new FormData(form, button)),
  })
  dialog.innerHTML = await answer.text()
  globalThis.htmx?.process(dialog)
  if (!dialog.open) dialog.showModal()
  focusIn(dialog, 'input:not([type=hidden])')
}

// A form with data-unsaved warns before what was typed is lost.
let unsaved = document.querySelector('form[data-unsaved].changed') !== null
document.addEventListener('input', (event) => {
  const form = event.target.closest?.('form[data-unsaved]')
  if (!form) return
  unsaved = true
  form.classList.add('changed')
})
document.addEventListener('submit', (event) => {
  if (event.target.matches('form[data-unsaved]')) unsaved = false
})
addEventListener('beforeunload', (event) => {
  if (unsaved) event.preventDefault()
})

// A button in a row of a list leads back to the list: there it has the focus again, in the same row, if nothing else is to be read.
document.addEventListener('submit', ({ target, submitter }) => {
  const row = target.closest?.('main tbody tr:not([data-at])')
  if (!row || !submitter) return
  const [number, control] = [rowsOf(document).indexOf(row), controlsOf(row).indexOf(submitter)]
  sessionStorage.setItem('row', JSON.stringify({ path: location.pathname, number, control, name: nameOf(row) }))
})
{
  const left = JSON.parse(sessionStorage.getItem('row') ?? 'null')
  sessionStorage.removeItem('row')
  const row = left?.path === location.pathname && rowsOf(document)[left.number]
  const toRead = document.querySelector('main > .notice.warning, main > .notice.bad, main [data-trial]')
  if (row && nameOf(row) === left.name && !toRead) controlsOf(row)[left.control]?.focus()
}
function rowsOf(page) {
  return [...page.querySelectorAll('main tbody tr')]
}
function controlsOf(row) {
  return [...row.querySelectorAll('a, button')]
}
function nameOf(row) {
  return row.cells[0]?.textContent
}

// Exact rights: the disclosure becomes a window; its boxes and the level beside it follow each other.
document.addEventListener('click', (event) => {
  const summary = event.target.closest?.('details.exact > summary')
  if (summary) {
    event.preventDefault()
    const details = summary.parentElement
    const dialog = details.querySelector('dialog')
    for (const hidden of dialog.querySelectorAll('.with-script')) hidden.hidden = false
    details.open = true
    dialog.addEventListener('close', () => (details.open = false), { once: true })
    dialog.showModal()
  }
  event.target.closest?.('[data-done]')?.closest('dialog').close()
})
const READ = ['download', 'list']
document.addEventListener('change', (event) => {
  const row = event.target.closest?.('tr')
  const level = row?.querySelector('select[data-level]')
  if (!level) return
  if (event.target.type === 'checkbox') {
    level.value = 'custom'
  } else if (event.target === level && level.value !== 'custom') {
    for (const box of row.querySelectorAll('.exact input[type=checkbox]')) {
      box.checked = level.value === 'readWrite' || (level.value === 'read' && READ.includes(box.value))
    }
  }
})

// Rules on trial: the seconds that are left to confirm them.
for (const trial of document.querySelectorAll('[data-trial]')) {
  const end = performance.now() + Number(trial.dataset.trial) * 1000
  const tick = setInterval(() => {
    const left = Math.max(0, Math.ceil((end - performance.now()) / 1000))
    trial.querySelector('[data-count]').textContent = String(left)
    if (left > 0) return
    clearInterval(tick)
    trial.querySelector('[data-over]').hidden = false
    for (const part of trial.querySelectorAll('.actions, .trial-left')) part.hidden = true
  }, 250)
}
