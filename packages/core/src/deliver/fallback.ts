// In: a message that cannot go, or is no longer true. Out: the decision that replaces it.
import type { After, Before, Lease, Message, Own, Send, Settled } from '../contract/index.ts'
import { returned } from '../ingest/index.ts'
import { decisionOf, type Engine, knows, leftToOthers } from '../runtime/index.ts'
import { batchOf, forget, merge, type Prepared, prepare, tell } from '../send/index.ts'
import { instant } from '../time/index.ts'
import { downNow } from './outage.ts'

const arrives: ReadonlySet<Message['state']> = new Set(['accepted', 'sent', 'delivered', 'read'])

/** What is told in the place of this message, and of which it is known that it was tried. */
async function anew(
  engine: Engine,
  { key, via, sends: kept = [] }: Message,
  why: After,
  without: readonly string[] = [],
): Promise<{ readonly sends: readonly [Send, ...Send[]]; readonly before: Before } | undefined> {
  const sends = (kept as unknown as readonly Send[]).filter((send) => !without.includes(send.key))
  const [first, ...others] = sends.map((send) => ({ ...send, key: `${send.key} again` }))
  if (!first) return undefined
  const { after } = ((await decisionOf(engine, key))?.inputs.own ?? {}) as Pick<Own, 'after'>
  const medium = engine.options.adapters[via]?.channel?.medium
  const tried = medium && why !== 'relevance' && why !== 'outage' ? [medium] : []
  const outage = why === 'outage' && { outage: { of: via, down: [...(await downNow(engine)).keys()] } }
  return { sends: [first, ...others], before: { key, why, media: [...(after?.media ?? []), ...tried], ...outage } }
}

/** What would be decided in the place of a message whose adapter is down; nothing is stored or booked. */
export async function wayAround(engine: Engine, message: Message): Promise<Prepared['decision'] | undefined> {
  const next = await anew(engine, message, 'outage')
  return next && (await prepare(engine, next.sends, next.before, false)).decision
}

/** Decides what is to come in the place of a message that has ended: once, under the key of its first send and `again`. */
export async function again(engine: Engine, lease: Lease): Promise<Settled> {
  const { key, why, without } = lease.job.payload as { key: string; why: After; without: readonly string[] }
  const message = await engine.scope.get('message', key)
  if (message?.value.conversationId !== undefined) return returned(engine, message.value, message.value.conversationId)
  const ended = ['undelivered', 'rejected', 'cancelled'].includes(message?.value.state ?? '')
  // The provider may have taken what it seemed to refuse, and have said so meanwhile.
  const went = message?.value.contradictions?.some(({ state }) => arrives.has(state))
  const next = message && ended && !went ? await anew(engine, message.value, why, without) : undefined
  if (!message || !next || (await decisionOf(engine, next.sends[0].key))) return { outcome: { done: true } }
  const { attempts, notBefore } = message.value
  const left = !knows(engine, next.sends) && leftToOthers(engine, attempts.at(-1)?.at ?? notBefore)
  if (left) return left
  const [prepared] = await Promise.all([tell(engine, next.sends, next.before), engine.share()])
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
