// In: a message that may go now. Out: one call to its provider, within a time limit.
import {
  type Interaction,
  type MessageReceived,
  messageReceived,
  type Outbound,
  PrmError,
  type Ref,
  type Settled,
} from '../contract/index.ts'
import { collect, factsOf, inTime, now } from '../runtime/index.ts'
import { moveOn } from '../send/index.ts'
import { milliseconds } from '../time/index.ts'
import { accepted } from './accepted.ts'
import { refused } from './refused.ts'
import { recheck } from './release-check.ts'
import { waitOf } from './retry.ts'
import { type Start, sendsOf } from './start.ts'
import { stillTrue } from './still-true.ts'

/** No call is started on a lease that ends before a slow provider would have answered. */
const callMs = milliseconds('20s')

export async function sendNow(given: Start, said = ''): Promise<Settled> {
  const { engine, lease, channel, signal } = given
  // A look-up may have taken its time, and so may who is asked whether it is still true: what was said meanwhile counts.
  let start = { ...given, at: now(engine) }
  const ready = await recheck(start)
  if ('outcome' in ready) return ready
  if (sendsOf(start.message).some((send) => send.recheck !== undefined)) {
    const over = await stillTrue(start, ready.patron)
    if (over) return over
    start = { ...start, at: now(engine) }
    const again = await recheck(start)
    if ('outcome' in again) return again
  }
  const { key, to, from, content, purpose, expireAt, via } = start.message
  if (lease.remainingMs() < callMs && !(await lease.renew())) return { outcome: { release: true } }
  if (signal.aborted) return { outcome: { release: true } }
  const answers = await answersOf(start)
  try {
    // A stop lets a call that has begun end by its own time-out: cut off, it would be an unknown.
    const outbound = { key, to, content, purpose, ...(from && { from }), ...answers, ...(expireAt && { expireAt }) }
    const receipt = await inTime((cut) => channel.send(outbound, engine.context(via, cut)))
    return await accepted(start, receipt, said)
  } catch (error) {
    const waits = PrmError.is(error) && error.code === 'rate_limited'
    if (waits) await moveOn(engine, start.message, Date.parse(start.at) + waitOf(error, start.message))
    return refused(start, error, said)
  }
}

/** What the patron wrote by this way that an answer in a conversation is to; of a second answer in a row, their last text. */
async function answersOf({ engine, message }: Start): Promise<Pick<Outbound, 'inReplyTo'>> {
  const { conversationId, via } = message
  if (conversationId === undefined) return {}
  const about = (await engine.scope.get('decision', message.decision))?.value.about ?? []
  const here = (fact: Ref): boolean => fact.source === via
  let facts: readonly Interaction[] = await factsOf(engine, about.filter(here))
  if (facts.length === 0) {
    const latest = await collect(engine.scope.find('interaction', { conversationId, order: 'newest', limit: 50 }))
    facts = latest.filter((fact) => fact.type === messageReceived.name && here(fact)).slice(0, 1)
  }
  const answers = facts.map(({ key, at, data }) => {
    const { subject } = (data as MessageReceived).content ?? {}
    return { key, ...(subject !== undefined && { subject }), ...(at !== undefined && { at }) }
  })
  return answers.length > 0 ? { inReplyTo: answers } : {}
}
