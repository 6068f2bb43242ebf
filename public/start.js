/* The start page's few lines: the chart of the throughput, and the copying of addresses. The parts are replaced by htmx. */
'use strict'

;(() => {
  /** Seconds that the chart shows. */
  const SHOWN = 600

  const page = document.querySelector('.start')
  const box = page.querySelector('[data-samples]')
  const colour = (name) => getComputedStyle(box).getPropertyValue(name).trim()
  let points = JSON.parse(box.dataset.samples)

  const language = document.documentElement.lang
  const number = new Intl.NumberFormat(language, { maximumSignificantDigits: 3 })
  const clock = new Intl.DateTimeFormat(language, {
    timeZone: box.dataset.zone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
  const units = box.dataset.units.split(' ')

  function speed(value) {
    const power = value < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(value) / 3))
    const amount = `${number.format(value / 1000 ** power)} ${units[power]}`
    return box.dataset.perSecond.replace('{amount}', amount)
  }

  const axis = {
    stroke: () => colour('--muted'),
    grid: { stroke: () => colour('--line'), width: 1 },
    ticks: { show: false },
    font: '12px system-ui, sans-serif',
  }
  const series = (label, name, dash) => ({
    label,
    stroke: () => colour(name),
    width: 2,
    points: { show: false },
    ...(dash ? { dash } : {}),
  })
  const size = () => ({ width: Math.max(200, box.clientWidth), height: 190 })

  // Shown first: hidden it has no width.
  box.hidden = false
  const chart = new uPlot(
    {
      ...size(),
      legend: { show: false },
      cursor: { show: false },
      scales: {
        x: { range: () => [Date.now() / 1000 - SHOWN, Date.now() / 1000] },
        y: { range: (_chart, _low, high) => [0, Math.max(1000, high * 1.1)] },
      },
      axes: [
        { ...axis, size: 30, space: 80, values: (_chart, times) => times.map((time) => clock.format(time * 1000)) },
        { ...axis, size: 76, space: 40, values: (_chart, values) => values.map(speed) },
      ],
      series: [{}, series(box.dataset.download, '--accent'), series(box.dataset.upload, '--second', [6, 4])],
    },
    columns(),
    box,
  )

  function columns() {
    return [0, 1, 2].map((column) => points.map((point) => point[column]))
  }

  function draw() {
    points = points.filter(([at]) => at > Date.now() / 1000 - SHOWN - 10)
    chart.setData(columns())
  }

  /** Milliseconds without a sample, of which there is one every two seconds, after which what is shown is old. */
  const SILENT = 10_000
  const lost = document.querySelector('[data-lost]')
  let heard = performance.now()
  const hear = () => {
    heard = performance.now()
    lost.hidden = true
  }
  setInterval(() => (lost.hidden = document.hidden || performance.now() - heard < SILENT), 1000)
  document.addEventListener('visibilitychange', hear)

  page.addEventListener('samples', ({ detail }) => {
    hear()
    points = JSON.parse(detail.data)
    draw()
  })
  page.addEventListener('sample', ({ detail }) => {
    hear()
    points.push(...JSON.parse(detail.data))
    draw()
  })
  new ResizeObserver(() => chart.setSize(size())).observe(box)
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => chart.redraw())

  // Logged out meanwhile: the page itself leads to the login.
  page.addEventListener('htmx:sse:error', ({ detail }) => {
    if (detail.status === 401) location.reload()
  })

  document.documentElement.classList.add('script')
  page.addEventListener('click', async (event) => {
    const button = event.target.closest('[data-copy]')
    if (!button) return
    await copy(button.dataset.copy)
    const before = button.textContent
    button.textContent = button.dataset.copied
    setTimeout(() => (button.textContent = before), 2000)
  })

  /** The clipboard is there only over HTTPS; the old way works everywhere. */
  async function copy(text) {
    if (navigator.clipboard) return navigator.clipboard.writeText(text)
    const field = document.createElement('textarea')
    field.value = text
    document.body.append(field)
    field.select()
    document.execCommand('copy')
    field.remove()
  }
})()
