// In: the pages of a feed. Out: interactions, each stored once, and the cursor behind them.
import type { Lease, RejectedRecord, Settled } from '../contract/index.ts'
import { type Engine, pullJob } from '../runtime/index.ts'
import { instant, milliseconds } from '../time/index.ts'
import { record } from './record.ts'

export interface Pull {
  readonly interactions: number
  readonly rejected: readonly RejectedRecord[]
}

/** Who waits, in this process, for a feed that was asked. */
export type Pulls = Map<string, (pull: Pull) => void>

/** Reads one feed to its end: each batch and the cursor in one commit, and the next is asked for only then. */
export async function pullFeed(engine: Engine, pulls: Pulls, lease: Lease, signal: AbortSignal): Promise<Settled> {
  const { id, every } = lease.job.payload as { id: string; every?: boolean }
  const feed = engine.options.adapters[id]?.feed
  if (!feed) return { outcome: { done: true } }
  const cursor = (await engine.scope.get('cursor', id))?.value.value
  const bad: RejectedRecord[] = []
  let facts = 0
  for await (const pulled of feed.pull(cursor, engine.context(id, signal))) {
    signal.throwIfAborted()
    if (!(await lease.renew())) return { outcome: { release: true } }
    const told = await record(engine, { ...pulled, from: { adapter: id, repeats: feed.repeats ?? false } })
    facts += told.fresh.length
    for (const one of pulled.rejected ?? []) engine.emit('rejected', one)
    bad.push(...[...(pulled.rejected ?? []), ...told.bad].slice(0, mostBad - bad.length))
  }
  pulls.get(lease.job.key)?.({ interactions: facts, rejected: bad })
  pulls.delete(lease.job.key)
  const next = instant(engine.now().getTime() + milliseconds(feed.every))
  return { outcome: { done: true }, batches: every ? [{ jobs: [pullJob(id, next)] }] : [] }
}

/** How many unreadable rows one pull returns; the event `rejected` reports all of them. */
const mostBad = 10_000
