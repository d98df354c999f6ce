// In: a host. Out: its workers and feeds at work, until a signal or until nothing is due.
import { type Instant, type Lease, PrmError, type Settled, type Store } from '../contract/index.ts'
import { downNow } from '../deliver/index.ts'
import type { Pull, Pulls } from '../ingest/index.ts'
import {
  type Engine,
  expireJob,
  now,
  outcomeJob,
  outcomeNames,
  pullJob,
  pullNames,
  sweepJob,
} from '../runtime/index.ts'
import { worker } from './worker.ts'

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
  if (delivers && engine.options.publicUrl) await engine.scope.commit([{ jobs: [sweepJob(now(engine))] }])
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
