// In: what somebody said about an address. Out: a consent in the store.
import {
  type Actor,
  type Address,
  type Consent,
  dialable,
  type Instant,
  type Lease,
  type MessageDelivery,
  type Prm,
  PrmError,
  type Ref,
  refId,
  type Settled,
  written,
} from '../contract/index.ts'
import { addressId, consentsAt, type Engine, hash, inTime, listJobs, now, put, short } from '../runtime/index.ts'
import { instant, latest, utc } from '../time/index.ts'

/** What is said now is later than all that was said, whatever the clock did meanwhile. */
export function after(words: readonly Consent[], at: Instant): Instant {
  const last = Date.parse(latest(words)?.at ?? '')
  return last >= Date.parse(at) ? instant(last + 1) : at
}

/** What a host says of an address: a form, a desk, a list that was taken over. */
export async function consent(engine: Engine, by: Actor, asked: Parameters<Prm['recordConsent']>[0]): Promise<void> {
  const said = { ...asked, address: written(asked.address) }
  if (!dialable(said.address))
    throw new PrmError('invalid', 'consent: address.value must be a number in E.164, such as +12125550123.', {
      field: 'address.value',
    })
  const words = await consentsAt(engine, said.address)
  const at = said.at === undefined ? after(words, now(engine)) : utc(said.at)
  if (at === undefined)
    throw new PrmError('invalid', 'consent: at must be an instant such as 2026-11-24T10:00:00.000Z.', { field: 'at' })
  const known = [...Object.keys(engine.options.purposes), '*', 'class:promotional']
  if (!known.includes(said.purpose))
    throw new PrmError('invalid', `consent: purpose must be one of ${known.join(', ')}.`, { field: 'purpose' })
  const id = said.id ?? `said ${hash(addressId(said.address), said.purpose, said.state, at)}`
  const word: Consent = { ...said, id, at, by: by.id }
  await engine.scope.commit([{ put: [put('consent', word)], jobs: listJobs(engine, word, words) }])
}

/** What may be otherwise by itself; the rest is a dead letter, since the provider has no such list, or not for this address. */
const passing: ReadonlySet<string> = new Set(['unavailable', 'rate_limited', 'unknown', 'auth'])

/** Tells a provider's block list the latest word of this address. */
export async function blockThere(engine: Engine, lease: Lease, signal: AbortSignal): Promise<Settled> {
  const { via, id } = lease.job.payload as { via: string; id: string }
  const address = (await engine.scope.get('consent', id))?.value.address
  const words = address ? await consentsAt(engine, address) : []
  const last = latest(words.filter(({ purpose, basis }) => purpose === '*' && basis !== 'bounce'))
  if (!address || !last) return { outcome: { done: true } }
  const said = { id: last.id, address, optedOut: last.state === 'denied', at: last.at }
  try {
    await inTime(async () => engine.options.adapters[via]?.channel?.setOptOut?.(said, engine.context(via, signal)))
    return { outcome: { done: true } }
  } catch (error) {
    if (!PrmError.is(error) || passing.has(error.code)) throw error
    const after = (): void => engine.emit('jobFailed', { job: lease.job, error, dead: true })
    return { outcome: { dead: true, error: { code: error.code, message: error.message } }, after }
  }
}

type Means = NonNullable<MessageDelivery['addressStatus']>

const bases = { undeliverable: 'bounce', blocked: 'stop', complaint: 'complaint' } as const

/** What a provider's refusal says of an address: it cannot be reached, or its owner blocked us or complained. */
export async function refusalBy(
  engine: Engine,
  address: Address,
  means: Means,
  by: string,
  fact: Ref,
  purpose = '*',
): Promise<Consent> {
  return {
    id: short(`${means} ${refId(fact)}`),
    address: { scheme: address.scheme, value: address.value },
    purpose,
    state: 'denied',
    basis: bases[means],
    at: after(await consentsAt(engine, address), now(engine)),
    by,
    evidence: { fact },
  }
}
