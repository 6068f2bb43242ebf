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
  dialog.querySelector('[autofocus], input:not([type=hidden]), button.primary')?.focus()
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
    field.focus()
  }
  dialog.close()
})

// Links inside the dialog that lead on inside it: folders of a picker.
document.addEventListener('submit', async (event) => {
  const form = event.target.closest?.('#dialog form[data-stay]')
  if (!form) return
  event.preventDefault()
  const dialog = document.getElementById('dialog')
  const answer = await fetch(form.action, {
    method: 'POST',
    headers: { 'X-Dialog': '1' },
    body: new URLSearchParams(new FormData(form)),
  })
  dialog.innerHTML = await answer.text()
  dialog.querySelector('[autofocus], input:not([type=hidden])')?.focus()
})

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
