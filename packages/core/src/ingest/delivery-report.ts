// In: a provider's report about a message. Out: its new state. Promise: a state only moves forward.
import {
  type Batch,
  type Interaction,
  isReport,
  type Lease,
  type Message,
  type Put,
  type Report,
  refId,
  type Settled,
} from '../contract/index.ts'
import { backJobs, collect, type Engine, erasedRow, otherWay, put } from '../runtime/index.ts'
import { instant, milliseconds } from '../time/index.ts'
import { refusalBy } from './consent.ts'
import { wakeJobs } from './wake.ts'

/** A delivery report moves its message forward; the store keeps it from going back. Nothing where no message is known. */
export async function reported(engine: Engine, fact: Report): Promise<Batch | undefined> {
  const { data } = fact
  const message = await reportedOn(engine, fact)
  if (!message) return lateRefusal(engine, fact)
  const { state, units, providerId = message.providerId } = data
  const puts: Put[] = [
    put('message', { ...message, ...(state && { state }), ...(units && { units }), ...(providerId && { providerId }) }),
  ]
  const ref = { source: fact.source, key: fact.key }
  // Of what was delivered, mostly; and of its purpose alone.
  if (data.addressStatus === 'complaint')
    puts.push(
      put('consent', await refusalBy(engine, message.to, data.addressStatus, fact.source, ref, message.purpose)),
    )
  // A report that comes late and says otherwise is kept beside the state; a number that had its text is no bad number, but
  // its owner may block us for it.
  const had = message.state === 'delivered' || message.state === 'read'
  const back = had ? [] : backJobs(engine, { ...message, ...(state && { state }) })
  if (!data.addressStatus || data.addressStatus === 'complaint' || (had && data.addressStatus !== 'blocked'))
    return { put: puts, jobs: back }
  const word = await refusalBy(engine, message.to, data.addressStatus, fact.source, ref)
  return { put: [...puts, put('consent', word)], jobs: [...otherWay(engine, message, data.addressStatus), ...back] }
}

/** Who was written to is erased: that they do not want it counts all the same, under what stays of the address. */
async function lateRefusal(engine: Engine, { source, key, about, data }: Report): Promise<Batch | undefined> {
  const { addressStatus, providerId } = data
  const secret = addressStatus === 'blocked' || addressStatus === 'complaint' ? await engine.sealed() : undefined
  if (secret === undefined || !addressStatus) return undefined
  const named = [...(about ? [about] : []), ...(providerId === undefined ? [] : [{ source, key: providerId }])]
  for (const ref of named) {
    const went = (await engine.scope.get('shared', erasedRow(secret, refId(ref))))?.value.value
    if (typeof went !== 'string') continue
    const [value = '', ...of] = went.split(' ')
    const purpose = addressStatus === 'complaint' ? of.join(' ') : '*'
    const word = await refusalBy(engine, { scheme: 'erased', value }, addressStatus, source, { source, key }, purpose)
    return { put: [put('consent', word)] }
  }
  return undefined
}

/** The report with the message that it names by its provider's id alone, where that is known: whoever asks, asks by our key. */
export async function named<F extends Interaction>(engine: Engine, fact: F): Promise<F> {
  const message = isReport(fact) && !fact.about ? await reportedOn(engine, fact) : undefined
  return message ? { ...fact, about: { source: 'prm', key: message.key } } : fact
}

/** By our own key, or by the provider's id where that is all it gives. */
async function reportedOn({ scope }: Engine, { about, source, data }: Report): Promise<Message | undefined> {
  const { providerId } = data
  const named = about || providerId === undefined ? [] : await collect(scope.find('message', { providerId }))
  const ref = about?.source === 'prm' ? about : named.find(({ via }) => via === source)
  return ref && (await scope.get('message', ref.key))?.value
}

const againMs = (['1m', '10m', '1h', '6h', '1d'] as const).map((wait) => milliseconds(wait))

/** Looks again for the message of a report that came before its id was known. */
export async function reportAgain(engine: Engine, lease: Lease): Promise<Settled> {
  const kept = (await engine.scope.get('interaction', String(lease.job.payload)))?.value
  const fact = kept && (await named(engine, kept))
  const batch = fact && isReport(fact) ? await reported(engine, fact) : {}
  const wait = againMs[lease.attempt - 1]
  const found = fact?.about ? [{ put: [put('interaction', fact)], jobs: await wakeJobs(engine, fact) }] : []
  if (batch || wait === undefined) return { outcome: { done: true }, batches: [...(batch ? [batch] : []), ...found] }
  return { outcome: { retryAt: instant(engine.now().getTime() + wait), error: { code: 'not_found' } } }
}
