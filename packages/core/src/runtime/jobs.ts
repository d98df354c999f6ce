// Every job of the engine: its name, its key, its payload and when it is due. Rooms promise each other work by these.
import {
  type Address,
  type After,
  type Consent,
  type FlowRun,
  type Instant,
  type Interaction,
  type Job,
  type Json,
  type Message,
  type Purpose,
  type Ref,
  type Report,
  refId,
} from '../contract/index.ts'
import { instant, milliseconds } from '../time/index.ts'
import { type Engine, now } from './engine.ts'
import { addressId, short } from './names.ts'

/** The promise that a message is decided again by another medium, where its purpose falls back for this reason. */
export function otherWay(
  engine: Engine,
  { key, purpose, sends }: Message,
  why: NonNullable<Purpose['fallback']>[number] | 'blocked' | undefined,
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

export function askJob(key: string, runAt: Instant): Job {
  return { key: `ask:${key}`, name: 'ask', runAt, payload: { key } }
}

export function sweepJob(runAt: Instant): Job {
  return { key: 'sweep', name: 'sweep', group: 'sweep', runAt, payload: null }
}

/** The work that sends a message. One address, one group: its messages go one after the other. */
export function deliverJob(key: string, to: Address, runAt: Instant): Job {
  return { key: `deliver:${key}`, name: 'deliver', group: short(`to ${addressId(to)}`), runAt, payload: { key } }
}

/** How long after it was decided, or handed over, a message is asked for of which no final report came: longer than a queue. */
export const reportMs: number = milliseconds('12h')

/** The promise to ask for a message that goes long after this: the sweep looks for those that were decided long ago. */
export function lateJobs(key: string, since: Instant, goes: Instant): readonly Job[] {
  const ms = Date.parse(goes)
  if (ms - Date.parse(since) <= reportMs) return []
  return [{ key: `late:${key}`, name: 'ask', runAt: instant(ms + reportMs), payload: { key, late: true } }]
}

/** The promise that each matching flow looks at this fact, in the order of one person's facts. */
export function flowJobs(engine: Engine, fact: Interaction): readonly Job[] {
  const payload = { source: fact.source, key: fact.key }
  return [...engine.flows]
    .filter(([, flow]) => flow.on === fact.type && !flow.retired)
    .map(([name]) => ({
      key: short(`flow:${name} ${refId(fact)}`),
      name: `flow:${name}`,
      group: flowGroup(fact),
      runAt: now(engine),
      payload,
    }))
}

/** One person's facts go through their flows one after the other; so does one fact through one flow, whatever wakes it. */
export function flowGroup(fact: Ref & Pick<Interaction, 'who'>): string {
  return short(fact.who ? `who ${addressId(fact.who)}` : `fact ${refId(fact)}`)
}

export function expireJob(runAt: Instant): Job {
  return { key: 'expire', name: 'expire', group: 'expire', runAt, payload: null }
}

export function resumeJob({ flow, event, who }: FlowRun, key: string, runAt: Instant, woke?: Ref): Job {
  const by = woke && { woke: { source: woke.source, key: woke.key } }
  const payload = { source: event.source, key: event.key, resume: true, ...by }
  return { key, name: `flow:${flow}`, group: flowGroup({ ...event, ...(who && { who }) }), runAt, payload }
}

/** How the last outcome ends of a message in whose place another is decided. */
export const goesOn = 'another way is tried'

export function outcomeNames(engine: Engine): readonly string[] {
  return Object.entries(engine.options.adapters).flatMap(([id, { writeBack }]) => (writeBack ? [`outcomes:${id}`] : []))
}

/** One at a time tells a source; `once` ends with the run that asked for it. */
export function outcomeJob(name: string, runAt: Instant, once: boolean): Job {
  return { key: once ? `${name} now` : name, name, group: name, runAt, payload: { once } }
}

/** The confirmation of a STOP goes before the provider lets nothing more through to that number. */
const listMs = milliseconds('10m')

/** The promise that each provider with a block list of its own hears of this word on all purposes, but for who told it to us. */
export function listJobs(
  engine: Engine,
  { id, address, purpose, state }: Consent,
  before: readonly Consent[],
  but?: string,
): readonly Job[] {
  const isNews = state === 'denied' || before.some((word) => word.purpose === '*' && word.state === 'denied')
  if (purpose !== '*' || !isNews) return []
  const runAt = instant(engine.now().getTime() + listMs)
  return Object.entries(engine.options.adapters).flatMap(([via, { channel }]) =>
    channel?.setOptOut && via !== but && channel.schemes.includes(address.scheme)
      ? [{ key: short(`block:${via} ${id}`), name: 'block', group: `block ${via}`, runAt, payload: { via, id } }]
      : [],
  )
}

/** A report may name an id that no message has before our own settle, or a look-up after a kill; or it is of another program. */
const earlyMs = milliseconds('5s')

export function earlyJobs(engine: Engine, fact: Report): readonly Job[] {
  if (fact.about || fact.data.providerId === undefined) return []
  const runAt = instant(engine.now().getTime() + earlyMs)
  return [{ key: short(`early:${refId(fact)}`), name: 'early', runAt, payload: refId(fact) }]
}

export function pullNames(engine: Engine): readonly string[] {
  return Object.entries(engine.options.adapters).flatMap(([id, adapter]) => (adapter.feed ? [`pull:${id}`] : []))
}

export function pullJob(
  id: string,
  runAt: Instant,
): { key: string; name: string; group: string; runAt: Instant; payload: Json } {
  return { key: `pull:${id}`, name: `pull:${id}`, group: `feed ${id}`, runAt, payload: { id, every: true } }
}
