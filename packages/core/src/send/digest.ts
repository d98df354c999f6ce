// In: sends that share a digest. Out: one message for all, once nothing else is due that could join.
import type { Batch, Before, Claim, Decision, Instant, Json, Lease, Settled } from '../contract/index.ts'
import {
  addressId,
  decisionOf,
  type Engine,
  hash,
  knows,
  leftToOthers,
  mac,
  now,
  pullNames,
  put,
} from '../runtime/index.ts'
import { milliseconds } from '../time/index.ts'
import { batchOf, merge } from './batch.ts'
import { type Prepared, prepare } from './prepare.ts'
import { recipientOf } from './recipient.ts'
import type { Asked } from './request.ts'
import { forget } from './sender-schedule.ts'

/** Adds this send to the open digest of its recipient, purpose and word, and promises that somebody closes it. */
export async function join(engine: Engine, send: Asked): Promise<Decision> {
  const to = typeof send.to === 'string' ? send.to : addressId(send.to)
  await recipientOf(engine, send.to)
  // Keyed, since its row stays: it must not tell who is behind it.
  const words = 'template' in send.content ? send.content.template : ''
  const word = hash(to, send.purpose, send.digest ?? '', words, ...(send.campaign === undefined ? [] : [send.campaign]))
  const id = mac(await engine.secret(), word)
  const at = now(engine)
  for (;;) {
    const open = await engine.scope.get('digest', id)
    const { version = 0, value: { sends } = { sends: [] as readonly Json[] } } = open ?? {}
    const others = sends.filter((one) => (one as unknown as Asked).key !== send.key)
    const digest = { id, sends: [...others, send as unknown as Json] }
    // Who comes first promises the closing, under a key of its own: that of the last closing may not be over yet.
    const job = {
      key: `digest:${id} ${version}`,
      name: 'digest',
      group: `digest ${id}`,
      runAt: at,
      payload: { id, at },
    }
    const jobs = sends.length === 0 ? [job] : []
    const [written] = await engine.scope.commit([{ put: [put('digest', digest, version)], jobs }])
    if (written) break
  }
  const reasons = [
    { rule: 'digest', verdict: 'defer', detail: 'It waits for the others of this run, to be told in one message.' },
  ] as const
  return {
    key: send.key,
    keys: [send.key],
    at,
    about: send.about ?? [],
    purpose: send.purpose,
    outcome: { send: false, rule: 'digest' },
    reasons,
    inputs: { shared: engine.sharedId, own: null },
  }
}

/** How long a digest waits, while facts still come in, before it asks again whether they are all there. */
const gatherMs = milliseconds('1s')

/** One slow flow, or one long file, does not hold up what others wait to be told. */
const patienceMs = milliseconds('30s')

/**
 * Decides a digest once nothing else is due that could add to it. Members that alone would be decided against are decided
 * against alone; the rest become one message, or several where one would be too long.
 */
export async function closeDigest(engine: Engine, lease: Lease, waits: boolean): Promise<Settled> {
  const { id, at } = lease.job.payload as { id: string; at: Instant }
  const patient = engine.now().getTime() < Date.parse(at) + patienceMs
  if (waits && patient && (await gathering(engine)))
    return { outcome: { release: true, runAt: new Date(engine.now().getTime() + gatherMs).toISOString() } }
  const open = await engine.scope.get('digest', id)
  const sends = (open?.value.sends ?? []) as unknown as readonly Asked[]
  const others = knows(engine, sends) ? undefined : leftToOthers(engine, at)
  if (others) return others
  const fresh: Asked[] = []
  const versions = new Map<string, number>()
  for (const send of sends) {
    versions.set(send.key, (await engine.scope.get('decision', send.key))?.version ?? 0)
    if (!(await decisionOf(engine, send.key))?.outcome.send) fresh.push(send)
  }
  const [prepared] = await Promise.all([decideDigest(engine, fresh), engine.share()])
  // The closing counts only if nobody joined meanwhile, and no member was told alone: either makes it start over.
  const close: Batch = { put: [put('digest', { id, sends: [] }, open?.version ?? 0)] }
  const whole = merge([close, ...prepared.map((one) => batchOf(one, versions.get(one.decision.key)))])
  const [written] = await engine.scope.commit([whole])
  forget(engine, written ? prepared.slice(1) : prepared)
  if (!written) return { outcome: { release: true } }
  for (const { decision } of prepared) engine.emit('decided', decision)
  return { outcome: { done: true } }
}

async function decideDigest(engine: Engine, sends: readonly Asked[]): Promise<readonly Prepared[]> {
  const only = sends.length === 1
  const claimed = new Map<string, Claim>()
  const alone = await Promise.all(
    sends.map(async (send) => ({ send, prepared: await prepare(engine, [send], undefined, only, claimed) })),
  )
  const against = alone.filter(({ prepared }) => !prepared.message).map(({ prepared }) => prepared)
  // Who is to be called is not texted with the others.
  const ways = Map.groupBy(
    alone.filter(({ prepared }) => prepared.message),
    ({ prepared: { message } }) => `${message?.via} ${message && addressId(message.to)}`,
  )
  const told = [...ways.values()].map((way) =>
    way.length === 1 && (only || !way[0]?.prepared.message?.slot)
      ? way.map(({ prepared }) => prepared)
      : tell(engine, way.map(({ send }) => send) as [Asked, ...Asked[]]),
  )
  return [...against, ...(await Promise.all(told)).flat()]
}

/** One message for all, or halves until each fits. */
export async function tell(
  engine: Engine,
  sends: readonly [Asked, ...Asked[]],
  after?: Before,
): Promise<readonly Prepared[]> {
  const prepared = await prepare(engine, sends, after)
  if (prepared.message || sends.length === 1) return [prepared]
  const middle = Math.ceil(sends.length / 2)
  const halves = [sends.slice(0, middle), sends.slice(middle)] as unknown as readonly (readonly [Asked, ...Asked[]])[]
  return (await Promise.all(halves.map((half) => tell(engine, half, after)))).flat()
}

/** Facts are still being read, or wait for their flows: what they send may belong to an open digest. */
async function gathering(engine: Engine): Promise<boolean> {
  const names = [...[...engine.flows.keys()].map((name) => `flow:${name}`), ...pullNames(engine)]
  for await (const _ of engine.scope.jobs({ state: 'active', names, limit: 1 })) return true
  for await (const job of engine.scope.jobs({ state: 'waiting', names, limit: 1 })) return job.runAt <= now(engine)
  return false
}
