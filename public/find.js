/* Finds rows of a table while one types: nothing is sent, so that what was typed elsewhere on the page stays. */
'use strict'

for (const find of document.querySelectorAll('[data-find]')) {
  const table = document.getElementById(find.dataset.find)
  const nothing = document.querySelector(`[data-nothing="${find.dataset.find}"]`)
  const words = find.querySelector('input[type=search]')
  if (!table || !words) continue
  find.hidden = false
  const apply = () => {
    const wanted = words.value.toLowerCase().split(/\s+/)
    let found = false
    for (const body of table.querySelectorAll('tbody')) {
      let inBody = false
      for (const row of body.querySelectorAll('tr[id]')) {
        const text = `${row.innerText || row.textContent} ${row.dataset.text ?? ''}`.toLowerCase()
        row.hidden = !wanted.every((word) => text.includes(word))
        inBody ||= !row.hidden
      }
      body.hidden = !inBody
      found ||= inBody
    }
    table.hidden = !found
    if (nothing) nothing.hidden = found
  }
  words.addEventListener('input', apply)
  // Enter in a search box must not send the form around it.
  if (find.tagName !== 'FORM')
    words.addEventListener('keydown', (event) => event.key === 'Enter' && event.preventDefault())
}
