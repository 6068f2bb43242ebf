/** Server-sent events: a page that is open hears what changes, for as long as it is open (WHATWG HTML, section 9.2). */
import { Readable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import type { WebContext } from './context.ts'

export interface LiveMessage {
  /** The name that the page listens for; absent = `message`. No line ends. */
  readonly event?: string
  /** What a browser sends back as `Last-Event-ID` when it has to connect again. No line ends. */
  readonly id?: string
  readonly data: string
}

/** Milliseconds between signs of life, so that proxies keep the connection. */
const HEARTBEAT = 15_000
/** Milliseconds after which a browser has to come back: who was logged out must not go on listening. */
const LIFETIME = 5 * 60_000
/** Milliseconds that a browser waits before it connects again. */
const RETRY = 2000
/** Streams of one login at once: browsers open no more than six connections to a host, and pages need some as well. */
const STREAMS = 4

/** What each login has open, by its session id, oldest first. */
const open = new Map<string, AbortController[]>()

/**
 * Answers with the messages of a source. The source is read only as fast as the browser reads, and its signal is aborted when the
 * browser is gone; a page that is kept open asks again every few minutes, with the id of the last message.
 */
export function live(ctx: WebContext, source: (signal: AbortSignal) => AsyncIterable<LiveMessage>): void {
  const { sessionId } = ctx.state.identity
  const left = opened(sessionId)
  ctx.res.once('close', () => {
    left.abort()
    closed(sessionId, left)
  })
  ctx.set('Cache-Control', 'no-cache, no-transform')
  // Some proxies collect what they pass on.
  ctx.set('X-Accel-Buffering', 'no')
  ctx.type = 'text/event-stream'
  ctx.status = 200
  ctx.body = Readable.from(frames(source, AbortSignal.any([left.signal, AbortSignal.timeout(LIFETIME)])), {
    objectMode: false,
  })
}

/** Ends what a login has open: it was logged out. */
export function endStreams(sessionId: string): void {
  for (const stream of open.get(sessionId) ?? []) stream.abort()
}

/** A place for one stream more; the oldest makes room. */
function opened(sessionId: string): AbortController {
  const stream = new AbortController()
  const streams = [...(open.get(sessionId) ?? []), stream]
  for (const oldest of streams.splice(0, streams.length - STREAMS)) oldest.abort()
  open.set(sessionId, streams)
  return stream
}

function closed(sessionId: string, stream: AbortController): void {
  const left = (open.get(sessionId) ?? []).filter((one) => one !== stream)
  if (left.length > 0) open.set(sessionId, left)
  else open.delete(sessionId)
}

/** The id of the last message that this browser has seen; empty at the first time. */
export function lastEventId(ctx: WebContext): string {
  return ctx.get('Last-Event-ID')
}

async function* frames(
  source: (signal: AbortSignal) => AsyncIterable<LiveMessage>,
  signal: AbortSignal,
): AsyncGenerator<string, void, undefined> {
  const messages = source(signal)[Symbol.asyncIterator]()
  try {
    yield `retry: ${RETRY}\n\n`
    let next = messages.next()
    while (!signal.aborted) {
      const result = await Promise.race([next, silence(signal)])
      if (result === undefined) {
        yield ':\n\n'
        continue
      }
      if (result.done === true) return
      yield frame(result.value)
      next = messages.next()
    }
  } finally {
    await messages.return?.()
  }
}

/** Resolves with nothing after a while, at once when the browser is gone. */
function silence(signal: AbortSignal): Promise<undefined> {
  return pause(HEARTBEAT, undefined, { signal, ref: false }).catch(() => undefined)
}

function frame({ event, id, data }: LiveMessage): string {
  const lines = [
    ...(event === undefined ? [] : [`event: ${event}`]),
    ...(id === undefined ? [] : [`id: ${id}`]),
    ...data.split(/\r\n|\r|\n/).map((line) => `data: ${line}`),
  ]
  return `${lines.join('\n')}\n\n`
}
