// In: a message that may have gone already. Out: the answer of the provider, before anything is sent again.
import { type Channel, type Instant, type Message, PrmError, type Receipt, type Settled } from '../contract/index.ts'
import { durationOf, type Engine, type Gap, inTime, type Way } from '../runtime/index.ts'
import { instant, milliseconds } from '../time/index.ts'
import { accepted } from './accepted.ts'
import { counts, noteKnown } from './restore-gap.ts'
import { heldMs, isLate, type Start } from './start.ts'

/**
 * How far a provider's clock may be from ours: who looks in the wrong minutes finds nothing, and sends a second text. What
 * we sent in those minutes is excluded, so that only an equal text to that address of which this store knows nothing (of
 * another program, of somebody erased, of a message left unknown) is mistaken for this one; whoever is reached there has
 * then read these words.
 */
const skewMs = milliseconds('15m')

/** Between the earliest and the latest of `times`: our clock may have been put back meanwhile. */
export async function look(
  { engine, signal, message, at }: Start,
  find: NonNullable<Channel['lookup']>,
  times: readonly Instant[] = [message.notBefore, at, ...message.attempts.map((attempt) => attempt.at)],
): Promise<Receipt | 'absent' | 'unsure'> {
  const { key, providerId, to, content, via } = message
  const all = times.map((time) => Date.parse(time))
  const [from, until] = [instant(Math.min(...all) - skewMs), instant(Math.max(...all) + skewMs)]
  const taken = await takenIds(engine, message, from)
  const query = { key, to, from, until, content, excludeProviderIds: taken, ...(providerId && { id: providerId }) }
  return inTime(() => find(query, engine.context(via, signal)))
}

/**
 * What may have gone without this store's knowing is looked up before it goes: what was due before a gap's end, and what was
 * decided since then, until so many of a kind in a row had not gone that enough is known.
 */
export async function goneBefore(start: Start): Promise<Settled | undefined> {
  const { engine, channel, at } = start
  const first = await lookedUpFirst(start)
  if (!channel.lookup || !first) return undefined
  const { from, until, way, patient } = first
  const later = (ms: number): Settled => ({ outcome: { release: true, runAt: instant(Date.parse(at) + ms) } })
  let found: Receipt | 'absent' | 'unsure'
  try {
    // What went since the gap's end is known here: an equal text may be of another, even of another program.
    found = await look(start, channel.lookup, [from, instant(Math.min(Date.parse(at), Date.parse(until) + askableMs))])
  } catch (error) {
    // Whoever may send, but not look, sends; a set-up that is wrong is told by the call.
    if (!patient || !PrmError.is(error) || !passing.has(error.code)) return undefined
    return later(Math.min(Math.max(error.retryAfterMs || 0, heldMs), askableMs))
  }
  if (found === 'unsure') return patient ? later(heldMs) : undefined
  if (typeof found === 'object') {
    engine.fresh.set(way, 0)
    return accepted(start, found, 'found, though it was new to this store: ')
  }
  const fresh = (engine.fresh.get(way) ?? 0) + 1
  engine.fresh.set(way, fresh)
  if (fresh === freshEnough) await noteKnown(engine, way, until)
  return undefined
}

/** From when on it may have gone, until the end of which gap; and whether who does not say is waited for: nothing waits for ever. */
export async function lookedUpFirst({
  engine,
  message,
  channel,
  at,
}: Start): Promise<
  { readonly from: Instant; readonly until: Instant; readonly way: Way; readonly patient: boolean } | undefined
> {
  const { allowlist } = engine.options
  const { via, to, notBefore, decision } = message
  if (!channel.lookup || (allowlist && !allowlist.includes(to.value))) return undefined
  const { all, known } = await engine.gaps()
  const counted = all.filter((gap) => counts(gap, channel, at))
  const after = counted.some((gap) => notBefore >= gap.at)
  const decided = after ? (await engine.scope.get('decision', decision))?.value : undefined
  const wayAt = (gap: Gap): Way =>
    notBefore < gap.at ? `${via} planned` : `${via} told ${decided?.about[0]?.source ?? ''}`
  // What was decided before a gap, and was not due in it, did not go in it.
  const may = counted.filter((gap) => {
    const way = wayAt(gap)
    const enough = gap.at <= (known[way] ?? '') || (engine.fresh.get(way) ?? 0) >= freshEnough
    return !enough && (notBefore < gap.at || !decided || decided.at > gap.from)
  })
  const [first, last] = [may[0], may.at(-1)]
  if (!first || !last) return undefined
  // From when it could be asked first: a host may be begun every few minutes.
  const since = (may.find((gap) => notBefore < gap.at) ?? last).noted
  const most = Date.parse(notBefore < last.at && notBefore > since ? notBefore : since) + askableMs
  const patient = Date.parse(at) < most && !isLate(message, Date.parse(at))
  // No further back than is remembered what went: else an equal text of then would be taken for this one.
  const from = instant(Math.max(Date.parse(first.from), Date.parse(at) - durationOf(engine.options.retention) + skewMs))
  return { from, until: last.at, way: wayAt(last), patient }
}

const freshEnough = 50

/** What may be otherwise in a while, and how long that is waited for. */
const passing: ReadonlySet<string> = new Set(['unavailable', 'rate_limited', 'unknown'])

const askableMs = milliseconds('1h')

/**
 * What the provider took from us for this address under other keys: a family gets the same text twice, rightly. What went by an
 * adapter that is none here may have gone by this one under its former name.
 */
async function takenIds(engine: Engine, message: Message, from: Instant): Promise<readonly string[]> {
  const since = instant(Date.parse(from) - milliseconds('30d'))
  const mayBeHere = (via: string): boolean => via === message.via || !engine.options.adapters[via]?.channel
  const ids: string[] = []
  for await (const other of engine.scope.find('message', { address: message.to, since }))
    if (mayBeHere(other.via) && other.key !== message.key && other.providerId) ids.push(other.providerId)
  return ids
}
