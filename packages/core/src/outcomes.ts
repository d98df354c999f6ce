import type { Result } from './adapter.ts'
import { collect, type Engine, now, put } from './engine.ts'
import type { Interaction } from './interaction.ts'
import type { Job, Kinds, Lease, Put, Settled } from './store.ts'
import { instant, milliseconds } from './time.ts'
import type { Instant } from './words.ts'

/** How often a source is told. */
const everyMs = milliseconds('5m')
/** A message of which no more is heard than that it was handed over: then that is what its source is told. */
const heardMs = milliseconds('24h')
/** A fact that nothing was decided about: no flow is concerned with it. */
const undecidedMs = milliseconds('24h')

/** The promise that the source of this fact hears what became of it. Written with the fact. */
export function awaited(engine: Engine, { source, key, origin }: Interaction): Put {
  const about = { source, key }
  return put('outcome', { id: `${source} ${key}`, about, ...(origin !== undefined && { origin }), at: now(engine) })
}

export function outcomeNames(engine: Engine): readonly string[] {
  return Object.entries(engine.options.adapters).flatMap(([id, { outcomes }]) => (outcomes ? [`outcomes:${id}`] : []))
}

/** One at a time tells a source; `once` ends with the run that asked for it. */
export function outcomeJob(name: string, runAt: Instant, once: boolean): Job {
  return { key: once ? `${name} now` : name, name, group: name, runAt, payload: { once } }
}

/** Tells one source all that has come to an end, and forgets it in the settlement: cut off between, it is told again. */
export async function tellOutcomes(engine: Engine, lease: Lease, signal: AbortSignal): Promise<Settled> {
  const { name, payload } = lease.job
  const id = name.slice('outcomes:'.length)
  const waiting = (await collect(engine.scope.find('outcome', {}))).filter(({ about }) => about.source === id)
  const results = (await Promise.all(waiting.map((row) => resultOf(engine, row)))).filter((one) => one !== undefined)
  if (results.length > 0) await engine.options.adapters[id]?.outcomes?.report(results, engine.context(id, signal))
  const drop = results.map(({ about }) => ({ kind: 'outcome' as const, id: `${about.source} ${about.key}` }))
  const next = outcomeJob(name, instant(engine.now().getTime() + everyMs), false)
  const { once } = payload as { once: boolean }
  return once
    ? { outcome: { done: true }, batches: [{ drop }] }
    : { outcome: { release: true, runAt: next.runAt }, batches: [{ drop }] }
}

/** What became of one fact, or nothing as long as more may come. */
async function resultOf(engine: Engine, { about, origin, at: since }: Kinds['outcome']): Promise<Result | undefined> {
  const told = { about, ...(origin !== undefined && { origin }) }
  const decisions = await collect(engine.scope.find('decision', { about, order: 'newest' }))
  const sent = decisions.find(({ outcome }) => outcome.send)
  const at = engine.now().getTime()
  if (!sent) {
    const [against] = decisions
    if (against && !against.outcome.send)
      return { ...told, state: 'not-sent', why: against.outcome.why, at: against.at }
    return at >= Date.parse(since) + undecidedMs
      ? { ...told, state: 'not-sent', why: 'purpose', at: instant(at) }
      : undefined
  }
  const message = (await engine.scope.get('message', sent.key))?.value
  const last = message?.attempts.at(-1)
  if (!message || !last) return undefined
  const { state } = message
  if (state === 'expired' || state === 'cancelled') return { ...told, state: 'not-sent', why: state, at: last.at }
  if (state === 'planned' || state === 'unknown') return undefined
  const early = (state === 'accepted' || state === 'sent') && at < Date.parse(last.at) + heardMs
  return early ? undefined : { ...told, state, at: last.at }
}
