import { returned } from './conversation.ts'
import type { After, Own } from './decide.ts'
import type { Message } from './decision.ts'
import { type Engine, now } from './engine.ts'
import type { Send } from './host.ts'
import { batchOf, decisionOf, merge, tell } from './send.ts'
import type { Job, Lease, Settled } from './store.ts'
import { instant } from './time.ts'
import { forget } from './timetable.ts'

/** The promise that a message is decided again by another medium, where its purpose falls back for this reason. */
export function otherWay(
  engine: Engine,
  { key, purpose, sends }: Message,
  why: Exclude<After, 'relevance'> | 'blocked' | undefined,
): readonly Job[] {
  if (!sends || why === undefined || why === 'blocked') return []
  return engine.options.purposes[purpose]?.fallback?.includes(why) ? [againJob(engine, key, why)] : []
}

const failed: ReadonlySet<Message['state']> = new Set(['undelivered', 'rejected', 'expired', 'cancelled'])

/** An answer that did not arrive, or is left to a person, goes back to whoever gave it. */
export function backJobs(engine: Engine, { key, conversationId, state }: Message, left = false): readonly Job[] {
  if (conversationId === undefined || !(left || failed.has(state))) return []
  return [{ key: `again:${key}`, name: 'again', runAt: now(engine), payload: { key } }]
}

/** `without` are the keys of what is not to be told any more. */
export function againJob(engine: Engine, key: string, why: After, without: readonly string[] = []): Job {
  return { key: `again:${key}`, name: 'again', runAt: now(engine), payload: { key, why, without } }
}

/** Decides what is to come in the place of a message that has ended: once, under the key of its first send and `again`. */
export async function again(engine: Engine, lease: Lease): Promise<Settled> {
  const { key, why, without } = lease.job.payload as { key: string; why: After; without: readonly string[] }
  const [message, decision] = await Promise.all([engine.scope.get('message', key), decisionOf(engine, key)])
  if (message?.value.conversationId !== undefined) return returned(engine, message.value, message.value.conversationId)
  const kept = (message?.value.sends ?? []) as unknown as readonly Send[]
  const sends = kept.flatMap((send) => (without.includes(send.key) ? [] : [{ ...send, key: `${send.key} again` }]))
  const [first, ...others] = sends
  const ended = ['undelivered', 'rejected', 'cancelled'].includes(message?.value.state ?? '')
  if (!message || !first || !ended || (await decisionOf(engine, first.key))) return { outcome: { done: true } }
  const { after } = (decision?.inputs.own ?? {}) as Pick<Own, 'after'>
  const medium = engine.options.adapters[message.value.via]?.channel?.medium
  const media = [...(after?.media ?? []), ...(medium && why !== 'relevance' ? [medium] : [])]
  const [prepared] = await Promise.all([tell(engine, [first, ...others], { key, why, media }), engine.share()])
  // What takes a turn may miss it, so it is written before the job is done.
  if (prepared.some(({ turn }) => turn?.length)) {
    const [written] = await engine.scope.commit([merge(prepared.map((one) => batchOf(one, 0)))])
    forget(engine, written ? prepared.slice(1) : prepared)
    if (!written) return { outcome: { retryAt: instant(engine.now().getTime() + 1_000), error: { code: 'conflict' } } }
  }
  return {
    outcome: { done: true },
    batches: prepared.map((one) => batchOf({ ...one, turn: [] })),
    after: () => prepared.forEach((one) => void engine.emit('decided', one.decision)),
  }
}
