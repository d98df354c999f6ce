import type { Interaction, RejectedRecord } from '@prm/core/adapter'
import { fits, postRecord } from './api.ts'
import { type News, type State, told } from './cursor.ts'
import { addressOf, type Event, eventOf } from './events.ts'
import { addressed, goneOf, idOf, matches, type Reader } from './interactions.ts'
import { uriOf } from './uri.ts'

const where = 'jetstream'
const hour = 60 * 60 * 1000
/** It keeps 36 hours; v1 begins there without a word where it is asked for more. */
const keptMs = 36 * hour
/** Events come roughly in order. What comes twice is one fact. */
const overlapUs = 5_000_000
/** Of what is found between two yields; after that the line is dropped and taken up again. */
const mostWaiting = 1_000
/** The cursor moves at least that often. */
const tickMs = 10_000
const waits = [1_000, 5_000, 15_000, 60_000]

/** Posts that match or name us, and the end of told ones, as they come, until the look is over. */
export async function* jetstream(reader: Reader, last: State): AsyncGenerator<News> {
  const { stream } = reader.options
  const { ctx } = reader
  if (!stream || ctx.signal.aborted) return
  let state = last
  const over = new AbortController()
  const end = (): void => over.abort()
  const timer = setTimeout(end, millisecondsOf(stream.hold))
  ctx.signal.addEventListener('abort', end)
  const bad = (why: string): News => ({ interactions: [], bad: [{ source: where, reason: why }], state })
  try {
    // A minute, until it is asked.
    const floor = (ctx.now().getTime() - keptMs + 60_000) * 1000
    if (state.streamed !== undefined && state.streamed < floor) {
      const why = gap(state.streamed, floor)
      state = { ...state, streamed: floor }
      yield bad(why)
    }
    for (let failures = 0; !over.signal.aborted; failures++) {
      const line = lineOf(stream.url, reader, state, over.signal)
      try {
        for await (const { events, us, infos } of line.batches()) {
          if (ctx.signal.aborted) return
          failures = 0
          const news = newsOf(reader, events, { ...state, streamed: us })
          state = news.state
          yield { ...news, bad: [...news.bad, ...infos.map((info) => ({ source: where, reason: `it says ${info}` }))] }
        }
      } finally {
        line.close()
      }
      if (over.signal.aborted) return
      yield bad(line.why())
      await pause(waits[failures] ?? 60_000, over.signal)
    }
  } finally {
    clearTimeout(timer)
    ctx.signal.removeEventListener('abort', end)
  }
}

const gap = (from: number, until: number): string =>
  `it goes back 36 hours: from ${dateOf(from)} to ${dateOf(until)} only what search finds is told`
const dateOf = (us: number): string => new Date(us / 1000).toISOString()

function newsOf(reader: Reader, events: readonly Event[], state: State): News {
  const interactions: Interaction[] = []
  const bad: RejectedRecord[] = []
  for (const event of events) {
    if (event.kind === 'post') {
      const seenAt = dateOf(event.us)
      const news = told(reader, [{ uri: uriOf(event.did, event.rkey), record: event.record, seenAt }], where, state)
      interactions.push(...news.interactions)
      bad.push(...news.bad)
      state = news.state
    } else if (event.kind !== 'other') {
      const ends = ([id]: readonly [string, string]): boolean =>
        event.kind === 'deleted' ? id === idOf(event) : id.startsWith(`${event.did}/`)
      interactions.push(...state.told.filter(ends).map(([id]) => goneOf(reader.ctx, id)))
      state = { ...state, told: state.told.filter((one) => !ends(one)) }
    }
  }
  return { interactions, bad, state }
}

interface Batch {
  readonly events: readonly Event[]
  readonly infos: readonly string[]
  /** All up to here was read. */
  readonly us: number | undefined
}

/** One connection. What does not concern us is dropped as it comes, so that only what does is waiting. */
function lineOf(url: string, reader: Reader, state: State, signal: AbortSignal) {
  const known = new Set(state.told.flatMap(([id]) => [id, id.slice(0, id.indexOf('/'))]))
  const from = state.streamed === undefined ? undefined : state.streamed - overlapUs
  const socket = new WebSocket(addressOf(url, from))
  const events: Event[] = []
  const infos: string[] = []
  let us = state.streamed
  let why: string | undefined
  let wake = (): void => {}
  const stop = (said: string): void => {
    why ??= said
    socket.close()
    wake()
  }
  const called = (): void => stop('it was called off')
  const ticks = setInterval(() => wake(), tickMs)
  signal.addEventListener('abort', called)
  socket.onclose = ({ code, reason }) =>
    stop(`it was closed (${[code, reason.slice(0, 60)].filter(Boolean).join(', ')})`)
  socket.onmessage = ({ data }) => {
    const event = why === undefined ? eventOf(data) : undefined
    if (!event) return
    if ('error' in event) return stop(`it ended with ${event.error}`)
    if ('info' in event) return void infos.push(event.info)
    // The latest, and not the greatest: one date far ahead would skip all until then.
    us = event.us
    if (!concerns(reader, event, known)) return
    events.push(event)
    if (events.length >= mostWaiting) stop('more was found than could be stored in time')
    wake()
  }
  return {
    why: () => `${why}; it goes on from where it was`,
    close() {
      clearInterval(ticks)
      signal.removeEventListener('abort', called)
      socket.close()
    },
    async *batches(): AsyncGenerator<Batch> {
      for (let before = us; ; ) {
        if (events.length === 0 && why === undefined)
          await new Promise<void>((done) => {
            wake = done
          })
        if (events.length > 0 || us !== before) {
          before = us
          yield { events: events.splice(0), infos: infos.splice(0), us }
        } else if (why !== undefined) return
      }
    },
  }
}

function concerns({ options, did }: Reader, event: Event, known: Set<string>): boolean {
  if (event.kind === 'other') return false
  if (event.kind === 'account') return known.has(event.did)
  if (event.kind === 'deleted') return known.has(idOf(event))
  const post = event.did === did ? undefined : fits(postRecord, event.record)
  if (!post || !(addressed(post, did) || options.queries.some((query) => matches(query, post)))) return false
  known.add(idOf(event)).add(event.did)
  return true
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) return done()
    const timer = setTimeout(end, ms)
    function end(): void {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      done()
    }
    signal.addEventListener('abort', end)
  })
}

const units = { s: 1_000, m: 60_000, h: hour }
/** A timer takes 24 days at the most. */
const millisecondsOf = (duration: string): number =>
  Math.min(Number(duration.slice(0, -1)) * units[duration.slice(-1) as keyof typeof units], 2 ** 31 - 1)
