import type { Bad } from './adapter.ts'
import { again } from './again.ts'
import type { Message } from './decision.ts'
import { ask, deliver, sweep, sweepJob } from './deliver.ts'
import { bulkId, type Engine, now, patronsAt, put } from './engine.ts'
import { removeThere } from './erase.ts'
import { PrmError } from './errors.ts'
import { expireDaily, expireJob } from './expire.ts'
import { runFlow } from './flow.ts'
import type { Prm } from './host.ts'
import { personOf } from './ils.ts'
import type { Actor, Address, Patron } from './interaction.ts'
import { downNow } from './outage.ts'
import { outcomeJob, outcomeNames, tellOutcomes } from './outcomes.ts'
import { noted } from './people.ts'
import { blockThere, record, reportAgain } from './record.ts'
import { closeDigest, pullNames } from './send.ts'
import type { Lease, Settled, Store } from './store.ts'
import { instant, milliseconds } from './time.ts'
import type { Instant, Json } from './words.ts'

export interface Pull {
  readonly facts: number
  readonly bad: readonly Bad[]
}
/** Who waits, in this process, for a feed that was asked. */
export type Pulls = Map<string, (pull: Pull) => void>

/** After this many tries a flow that throws is a dead letter. */
const flowTries = 8
/** When a message whose data could not be read is looked at again. */
const readAgainMs = milliseconds('30s')

/** Does one job, whatever it is. No error of one stops another. A run that has phases need not wait for the others of a digest. */
function worker(
  engine: Engine,
  pulls: Pulls,
  phases: boolean,
): (lease: Lease, signal: AbortSignal) => Promise<Settled> {
  return async (lease, signal) => {
    const { name } = lease.job
    try {
      if (name === 'deliver') return await deliver(engine, lease, signal)
      if (name === 'digest') return await closeDigest(engine, lease, !phases)
      if (name === 'again') return await again(engine, lease)
      if (name === 'sweep') return await sweep(engine)
      if (name === 'ask') return await ask(engine, lease, signal)
      if (name === 'early') return await reportAgain(engine, lease)
      if (name === 'remove') return await removeThere(engine, lease, signal)
      if (name === 'block') return await blockThere(engine, lease, signal)
      if (name === 'expire') return await expireDaily(engine, lease, signal)
      if (name.startsWith('outcomes:')) return await tellOutcomes(engine, lease, signal)
      if (name.startsWith('pull:')) return await pullFeed(engine, pulls, lease, signal)
      return await runFlow(engine, lease, signal)
    } catch (thrown) {
      if (signal.aborted) return { outcome: { release: true } }
      const error = PrmError.is(thrown)
        ? thrown
        : new PrmError('unavailable', `${name} threw ${thrown instanceof Error ? thrown.name : 'something'}.`, {
            cause: thrown,
          })
      const backoff = Math.min(2 ** lease.attempt * 1_000, milliseconds('15m'))
      // A vendor that asks to wait longer is asked again all the same.
      const asked = Math.min(error.retryAfterMs || 0, milliseconds('1d'))
      const again = instant(engine.now().getTime() + Math.max(backoff, asked))
      // It threw before its call, since `deliver` keeps what a call comes to: that was no start.
      if (name === 'deliver') {
        const after = (): void => engine.emit('failed', { job: lease.job, error, dead: false })
        return { outcome: { release: true, runAt: instant(engine.now().getTime() + readAgainMs) }, after }
      }
      // A write that may have been taken is not done again: whether it was is for a person to find out.
      const last = name.startsWith('flow:') && (lease.attempt >= flowTries || error.code === 'unknown')
      const reason = { code: error.code, message: error.message }
      return {
        outcome: last ? { dead: true, error: reason } : { retryAt: again, error: reason },
        after: () => engine.emit('failed', { job: lease.job, error, dead: last }),
      }
    }
  }
}

/** Lets dead letters wait again. A message that ended by an error is planned again first, unless it may have gone. */
export async function redrive(engine: Engine, by: Actor, keys: readonly string[]): ReturnType<Prm['redrive']> {
  const wanted = new Set(keys)
  const redriven: string[] = []
  const kept = new Map(keys.map((key) => [key, 'there is no dead letter of this key']))
  for await (const { key, name, payload, attempt } of engine.scope.jobs({ state: 'dead' })) {
    if (!wanted.has(key)) continue
    const row = name === 'deliver' ? await engine.scope.get('message', (payload as { key: string }).key) : undefined
    const why = row && mayHaveGone(row.value, attempt)
    kept.set(key, why ?? 'it changed meanwhile')
    if (why) continue
    await noted(engine, by, 'redrive', row?.value.patronId)
    const again = row && put('message', { ...row.value, state: 'planned' }, row.version)
    const [planned] = await engine.scope.commit(again ? [{ put: [again] }] : [{}])
    if (planned && (await engine.scope.redrive([key])) > 0) redriven.push(key)
  }
  for (const key of redriven) kept.delete(key)
  return { redriven, kept: [...kept].map(([key, why]) => ({ key, why })) }
}

/**
 * Cancels what waits of a bulk. The row comes first: whoever begins after it sees it, and who began before is among the jobs
 * that are listed after it, whose messages are left alone.
 */
export async function cancel(engine: Engine, by: Actor, bulk: string, why: string): ReturnType<Prm['cancel']> {
  const { scope } = engine
  await noted(engine, by, 'cancel')
  await scope.commit([{ put: [put('cursor', { id: bulkId(bulk), value: why })] }])
  const waiting = new Map<string, number>()
  for await (const { key, attempts, bulk: of } of scope.find('message', { state: 'planned' }))
    if (of === bulk) waiting.set(key, attempts.length)
  // What a kill left waiting may be taken up between two lists.
  for (const state of ['active', 'waiting', 'active'] as const)
    for await (const { payload, attempt } of scope.jobs({ state, names: ['deliver'] })) {
      const { key } = payload as { key: string }
      // It is under way, or nobody recorded what became of it.
      if (attempt > (waiting.get(key) ?? 0)) waiting.delete(key)
    }
  let cancelled = 0
  for (const key of waiting.keys()) {
    const row = await scope.get('message', key)
    if (row?.value.state !== 'planned') continue
    const attempts = [...row.value.attempts, { at: now(engine), outcome: `cancelled: stopped: ${why}` }]
    const message: Message = { ...row.value, state: 'cancelled', attempts }
    const gone = [{ key: `deliver:${key}` }, { key: `late:${key}` }]
    const [written] = await scope.commit([{ put: [put('message', message, row.version)], cancel: gone }])
    if (written) engine.emit('settled', message)
    if (written) cancelled++
  }
  return { cancelled }
}

function mayHaveGone({ state, attempts, providerId, contradictions, to }: Message, starts: number): string | undefined {
  if (state !== 'planned' && state !== 'rejected') return `it is ${state}`
  if (to.scheme === 'expired') return 'it is past its retention'
  const unknown = starts > attempts.length || attempts.some(({ outcome }) => outcome.includes('unknown'))
  return unknown || providerId || contradictions ? 'it may have gone' : undefined
}

/** Reads one feed to its end: each batch and the cursor in one commit, and the next is asked for only then. */
async function pullFeed(engine: Engine, pulls: Pulls, lease: Lease, signal: AbortSignal): Promise<Settled> {
  const { id, every } = lease.job.payload as { id: string; every?: boolean }
  const feed = engine.options.adapters[id]?.feed
  if (!feed) return { outcome: { done: true } }
  const cursor = (await engine.scope.get('cursor', id))?.value.value
  const bad: Bad[] = []
  let facts = 0
  for await (const pulled of feed.pull(cursor, engine.context(id, signal))) {
    signal.throwIfAborted()
    if (!(await lease.keep())) return { outcome: { release: true } }
    const told = await record(engine, { ...pulled, from: { adapter: id, repeats: feed.repeats ?? false } })
    facts += told.fresh.length
    for (const one of pulled.bad ?? []) engine.emit('bad', one)
    bad.push(...[...(pulled.bad ?? []), ...told.bad].slice(0, mostBad - bad.length))
  }
  pulls.get(lease.job.key)?.({ facts, bad })
  pulls.delete(lease.job.key)
  const next = instant(engine.now().getTime() + milliseconds(feed.every))
  return { outcome: { done: true }, batches: every ? [{ jobs: [pullJob(id, next)] }] : [] }
}
/** How many unreadable rows one pull hands back; all are told by `on('bad')`. */
const mostBad = 10_000

function pullJob(
  id: string,
  runAt: Instant,
): { key: string; name: string; group: string; runAt: Instant; payload: Json } {
  return { key: `pull:${id}`, name: `pull:${id}`, group: `feed ${id}`, runAt, payload: { id, every: true } }
}

/** Who has this address by a directory's own word, stored as a feed of that adapter would have told it. */
export async function lookUp(
  engine: Engine,
  by: Actor,
  adapter: string,
  address: Address,
  signal: AbortSignal = new AbortController().signal,
): Promise<readonly Patron[]> {
  const { directory } = engine.options.adapters[adapter] ?? {}
  if (!directory)
    throw new PrmError('unsupported', `The adapter "${adapter}" has no directory to look in.`, { field: 'adapter' })
  const people = (await directory.find(address, engine.context(adapter, signal))).map(personOf)
  if (people.length > 0) await record(engine, { interactions: [], people, from: { adapter } })
  const found = await Promise.all(people.map(({ at }) => patronsAt(engine, at)))
  const patrons = found.flatMap(([one]) => one ?? [])
  for (const { id } of patrons) await noted(engine, by, 'lookUp', id)
  return patrons
}

/** Asks a feed now. One process at a time reads it; another's turn is waited for. */
export async function pull(engine: Engine, store: Store, pulls: Pulls, id: string, signal: AbortSignal): Promise<Pull> {
  if (!engine.options.adapters[id]?.feed) throw new PrmError('unsupported', `The adapter "${id}" has no feed.`)
  const key = `pull:${id} now`
  const name = `pull:${id}`
  let result: Pull | undefined
  for (let waited = false; !result; waited = true) {
    signal.throwIfAborted()
    // Each round anew: somebody else in this process may wait for the same feed, and the last to ask is answered first.
    pulls.set(key, (pulled) => {
      result = pulled
    })
    await engine.scope.commit([{ jobs: [{ ...pullJob(id, now(engine)), key, payload: { id } }] }])
    let failure: PrmError | undefined
    const work = worker(engine, pulls, true)
    await store.work(
      [name],
      async (lease, stop) => {
        const settled = await work(lease, stop)
        if (lease.job.key !== key) return settled // the schedule's own job keeps its next time
        if ('retryAt' in settled.outcome)
          failure = new PrmError(
            'unavailable',
            `The feed "${id}" failed: ${(settled.outcome.error as { message?: string }).message ?? ''}`,
          )
        return failure ? { ...settled, outcome: { done: true } } : settled
      },
      { concurrency: 1, signal, once: true, libraries: [engine.options.library.id], now: () => engine.now() },
    )
    if (failure) throw failure
    if (!result) {
      if (!waited)
        engine.options.log?.(
          'info',
          'Another process reads this feed, or did when it was killed: waiting for its lease to end.',
          { feed: id },
        )
      await new Promise((resolve) => setTimeout(resolve, 250))
    }
  }
  return result
}

export interface Run {
  readonly signal?: AbortSignal
  readonly once?: boolean
  readonly deliver?: boolean
}

/** Workers and feeds: until the signal, or once until nothing is due. */
export async function run(
  engine: Engine,
  store: Store,
  pulls: Pulls,
  { signal = new AbortController().signal, once = false, deliver: delivers = true }: Run,
): Promise<{ waiting: number; next?: Instant }> {
  const flows = [...engine.flows.keys()].map((name) => `flow:${name}`)
  const feeds = pullNames(engine)
  let done = 0
  const work = worker(engine, pulls, once)
  const phase = (names: readonly string[]): Promise<void> => {
    if (names.length === 0) return Promise.resolve()
    const counted = (lease: Lease, stop: AbortSignal): Promise<Settled> => {
      done++
      return work(lease, stop)
    }
    return store.work(names, counted, {
      concurrency: engine.options.concurrency ?? 50,
      signal,
      once,
      libraries: [engine.options.library.id],
      now: () => engine.now(),
    })
  }
  const sending = delivers ? ['early', 'again', 'deliver', 'sweep', 'ask', 'remove', 'block'] : []
  // A host that sends nothing tells nobody, and throws nothing away.
  const telling = delivers ? outcomeNames(engine) : []
  const daily = delivers ? ['expire'] : []
  if (delivers) await downNow(engine)
  // Without a URL each message is asked for anyway.
  if (delivers && engine.options.url) await engine.scope.commit([{ jobs: [sweepJob(now(engine))] }])
  if (once) {
    const failures: unknown[] = []
    for (const name of feeds)
      await pull(engine, store, pulls, name.slice('pull:'.length), signal).catch((error) => failures.push(error))
    // Facts first, then the digests they belong to, then the sending; and again while one brought work for another.
    do {
      done = 0
      await phase(flows)
      await phase(['digest'])
      for (const name of sending) await phase([name])
    } while (done > 0 && !signal.aborted)
    await engine.scope.commit([
      {
        jobs: [
          ...telling.map((name) => outcomeJob(name, now(engine), true)),
          ...daily.map(() => expireJob(now(engine))),
        ],
      },
    ])
    await phase([...telling, ...daily])
    // One feed's failure stops nothing else, and is told at the end.
    if (failures.length > 0) throw failures[0]
  } else {
    const jobs = [
      ...feeds.map((name) => pullJob(name.slice('pull:'.length), now(engine))),
      ...telling.map((name) => outcomeJob(name, now(engine), false)),
      ...daily.map(() => expireJob(now(engine))),
    ]
    await engine.scope.commit([{ jobs }])
    await phase([...feeds, ...flows, 'digest', ...sending, ...telling, ...daily])
  }
  return engine.scope.backlog([...flows, 'digest', 'again', 'deliver'])
}
