// In: messages of which no report came. Out: their states, as the provider answers them.
import { type Job, type Lease, type Outcome, PrmError, type Settled } from '../contract/index.ts'
import { refusalBy } from '../ingest/index.ts'
import { askJob, backJobs, type Engine, inTime, now, otherWay, put, reportMs } from '../runtime/index.ts'
import { instant, milliseconds } from '../time/index.ts'

/** How long after it was handed over a message is asked for: many routes never say more than `sent`. */
const asks: readonly number[] = ['30s', '2m', '10m', '1h', '6h'].map((wait) => milliseconds(wait as '30s'))

const sweepMs = milliseconds('1h')

/** How long after its decision a message is asked for of which no final report came; then it is left as it is. */
const ages: readonly number[] = [reportMs, ...['2d', '7d', '30d'].map((age) => milliseconds(age as '2d'))]

/** And what was handed over long after. */
const lateAsks = ages.slice(1).map((age, at) => age - (ages[at] as number))

/** Looks by state, once an hour, for what has come to such an age since it looked last: handing over pays nothing for it. */
export async function sweep(engine: Engine): Promise<Settled> {
  const to = engine.now().getTime()
  const last = (await engine.scope.get('cursor', 'sweep'))?.value.value
  const from = typeof last === 'string' ? Date.parse(last) : to
  const jobs: Job[] = []
  for (const age of from < to ? ages : [])
    for (const state of ['accepted', 'sent']) {
      const window = { since: instant(from - age), until: instant(to - age) }
      for await (const { key } of engine.scope.find('message', { state, ...window }))
        jobs.push({ ...askJob(key, instant(to)), payload: { key, once: true } })
    }
  const cursor = put('cursor', { id: 'sweep', value: instant(to) })
  return { outcome: { release: true, runAt: instant(to + sweepMs) }, batches: [{ put: [cursor], jobs }] }
}

/** Asks the provider what became of a message, where no report can reach us, or none came. */
export async function ask(engine: Engine, lease: Lease, signal: AbortSignal): Promise<Settled> {
  const { key, once, late } = lease.job.payload as { key: string; once?: true; late?: true }
  const message = (await engine.scope.get('message', key))?.value
  const channel = message && engine.options.adapters[message.via]?.channel
  if (late && (message?.state === 'planned' || message?.state === 'unknown'))
    return { outcome: { release: true, runAt: instant(engine.now().getTime() + reportMs) } }
  if (!message?.providerId || !channel?.lookup || (message.state !== 'accepted' && message.state !== 'sent'))
    return { outcome: { done: true } }
  const rest = engine.paused.get(message.via) ?? 0
  if (rest > engine.now().getTime()) return { outcome: { release: true, runAt: instant(rest) } }
  const wait = once ? undefined : (late ? lateAsks : asks)[lease.attempt - 1]
  const later: Outcome =
    wait === undefined
      ? { done: true }
      : { retryAt: instant(engine.now().getTime() + wait), error: { code: 'unknown' } }
  const { providerId, to, content, notBefore } = message
  const ctx = engine.context(message.via, signal)
  const query = { key, id: providerId, to, from: notBefore, until: now(engine), content, excludeProviderIds: [] }
  const { lookup } = channel
  const found = await inTime(() => lookup(query, ctx)).catch((error: unknown) => {
    ctx.log('warn', 'What became of a message could not be asked.', {
      code: PrmError.is(error) ? error.code : 'unknown',
    })
    return undefined
  })
  if (typeof found !== 'object') return { outcome: later }
  const puts = [
    put('message', { ...message, state: found.state }),
    ...(found.addressStatus
      ? [put('consent', await refusalBy(engine, to, found.addressStatus, message.via, { source: 'prm', key }))]
      : []),
  ]
  const last = found.state !== 'accepted' && found.state !== 'sent'
  return {
    outcome: last ? { done: true } : later,
    batches: [
      {
        put: puts,
        jobs: [
          ...otherWay(engine, message, found.addressStatus),
          ...backJobs(engine, { ...message, state: found.state }),
        ],
      },
    ],
    after: () => engine.emit('reported', { ...message, state: found.state }),
  }
}
