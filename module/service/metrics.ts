/** Numbers for Prometheus: an observer of the engine that counts, and gauges that are read when somebody asks. */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { Counter, Gauge, Registry } from 'prom-client'
import type { FtpEvent, Observer, TransferStart } from '../ftp/events.ts'
import type { QueueState } from '../journal/queue.ts'
import type { FtpService } from '../service.ts'
import type { ServiceState } from '../shell.ts'

/** Rules that are counted by name; names of rules are ours and far fewer, so this only bounds a mistake. */
const RULES = 200
/** Milliseconds between two looks at how late the event loop is: seldom, for slow processors. */
const RESOLUTION = 100

export interface MetricsParts {
  readonly state: () => ServiceState
  readonly sessions: () => number
  readonly log: () => QueueState
  /** Addresses that are banned now. */
  readonly bans: () => number
}

/** Gauges of a service, read from it when somebody asks. */
export function metricsOf(service: Pick<FtpService, 'status' | 'sessions' | 'journal' | 'access'>): Metrics {
  return new Metrics({
    state: () => service.status().state,
    sessions: () => service.sessions().length,
    log: () => service.journal.state(),
    bans: () => service.access.bans.count,
  })
}

export class Metrics {
  readonly #registry = new Registry()
  readonly #delay: ReturnType<typeof monitorEventLoopDelay>
  readonly #rules = new Set<string>()
  /** Bytes counted so far of each running transfer, by its id. */
  readonly #moved = new Map<number, { readonly direction: Direction; bytes: number }>()
  /** Counted here, because a label costs more than the rest of counting; told when somebody asks. */
  readonly #sums = { download: newSums(), upload: newSums(), listing: newSums() }
  readonly #connections = this.#counter('ftp_connections_total', 'Control connections.', ['result'])
  readonly #logins = this.#counter('ftp_logins_total', 'Logins.', ['result'])
  readonly #refusals = this.#counter('ftp_refusals_total', 'What was refused, by the rule that decided.', ['rule'])
  readonly #faults = this.#counter('ftp_faults_total', 'Failures that nobody planned.', [])

  constructor({ state, sessions, log, bans }: MetricsParts) {
    this.#delay = monitorEventLoopDelay({ resolution: RESOLUTION })
    this.#delay.enable()
    this.#gauge('ftp_up', 'Whether the service runs.', () => Number(state() === 'on'))
    this.#gauge('ftp_sessions', 'Sessions now.', sessions)
    this.#gauge('ftp_transfers', 'Transfers now.', () => this.#moved.size)
    this.#gauge('ftp_banned_addresses', 'Addresses that are banned now.', bans)
    this.#gauge('ftp_log_waiting_entries', 'Entries of the log that are not stored yet.', () => log().waiting)
    this.#gauge('ftp_log_dropped_entries', 'Entries of the log that were lost since the start.', () => log().dropped)
    this.#gauge('ftp_memory_bytes', 'Memory of the process.', () => process.memoryUsage.rss())
    this.#delayGauge()
    this.#transferCounters()
  }

  /** Give this to the engine. */
  readonly observer: Observer = (event) => this.#observe(event)

  /** The numbers in the text format of Prometheus, version 0.0.4. */
  text(): Promise<string> {
    return this.#registry.metrics()
  }

  /** The media type of {@link text}. */
  get type(): string {
    return this.#registry.contentType
  }

  close(): void {
    this.#delay.disable()
    this.#registry.clear()
  }

  #observe(event: FtpEvent): void {
    switch (event.kind) {
      case 'session-opened':
        return this.#connections.inc({ result: 'admitted' })
      case 'connection-refused':
        this.#connections.inc({ result: 'refused' })
        return this.#refused(event.verdict.rule)
      case 'login':
        return this.#logins.inc({ result: event.guest ? 'guest' : 'user' })
      case 'login-failed':
        this.#logins.inc({ result: 'failed' })
        return this.#refused(event.verdict.rule)
      case 'refused':
      case 'expelled':
        return this.#refused(event.verdict.rule)
      case 'fault':
        return this.#faults.inc()
      default:
        this.#observeTransfer(event)
    }
  }

  #observeTransfer(event: FtpEvent): void {
    if (event.kind === 'transfer-started') {
      const { id, direction } = event.transfer
      this.#moved.set(id, { direction, bytes: 0 })
    } else if (event.kind === 'transfer-progress') {
      this.#count(event.id, event.bytes)
    } else if (event.kind === 'transfer-ended') {
      const { id, direction, bytes, result } = event.transfer
      this.#count(id, bytes)
      this.#moved.delete(id)
      this.#sums[direction].ended[result] += 1
    }
  }

  #count(id: number, bytes: number): void {
    const transfer = this.#moved.get(id)
    if (!transfer || bytes <= transfer.bytes) return
    this.#sums[transfer.direction].bytes += bytes - transfer.bytes
    transfer.bytes = bytes
  }

  #refused(rule: string): void {
    if (this.#rules.size < RULES) this.#rules.add(rule)
    this.#refusals.inc({ rule: this.#rules.has(rule) ? rule : 'other' })
  }

  #counter<Label extends string>(name: string, help: string, labelNames: readonly Label[]): Counter<Label> {
    return new Counter({ name, help, labelNames: [...labelNames], registers: [this.#registry] })
  }

  #transferCounters(): void {
    const count = (name: string, help: string, labelNames: string[], tell: (counter: Counter) => void) => {
      const collect = () => {
        counter.reset()
        tell(counter)
      }
      const counter: Counter = new Counter({ name, help, labelNames, registers: [this.#registry], collect })
    }
    count('ftp_transfers_total', 'Ended transfers.', ['direction', 'result'], (counter) => {
      for (const [direction, { ended }] of Object.entries(this.#sums)) {
        for (const [result, number] of Object.entries(ended)) if (number > 0) counter.inc({ direction, result }, number)
      }
    })
    count('ftp_transferred_bytes_total', 'Octets of files and listings.', ['direction'], (counter) => {
      for (const [direction, { bytes }] of Object.entries(this.#sums)) if (bytes > 0) counter.inc({ direction }, bytes)
    })
  }

  #gauge(name: string, help: string, read: () => number): void {
    const gauge: Gauge = new Gauge({ name, help, registers: [this.#registry], collect: () => gauge.set(read()) })
  }

  /** Delays since the last time somebody asked, seconds. */
  #delayGauge(): void {
    const gauge: Gauge<'quantile'> = new Gauge({
      name: 'ftp_event_loop_delay_seconds',
      help: 'How late the event loop was since the last reading.',
      labelNames: ['quantile'],
      registers: [this.#registry],
      collect: () => {
        for (const [quantile, percent] of QUANTILES) {
          // The timer itself is RESOLUTION late by design.
          const late = this.#delay.percentile(percent) / 1e6 - RESOLUTION
          gauge.set({ quantile }, Math.max(0, late) / 1000)
        }
        this.#delay.reset()
      },
    })
  }
}

type Direction = TransferStart['direction']

/** What transfers of one direction came to. */
const newSums = () => ({ bytes: 0, ended: { complete: 0, aborted: 0, failed: 0 } })

const QUANTILES = [
  ['0.5', 50],
  ['0.99', 99],
  ['1', 100],
] as const
