import assert from 'node:assert/strict'
import type { Adapter, Channel, Code, Content, Fault, LookupQuery, Outbound, Receipt } from '@prm/core/adapter'
import { type Check, type Rig, Skip } from './checks.ts'
import { at, midnight, minute, real } from './clock.ts'
import { pause, until, within } from './rig.ts'

const spoiled: readonly (readonly [Fault, ...Code[]])[] = [
  ['reset', 'unavailable', 'unknown'],
  ['server-error', 'unknown'],
  ['html', 'unknown', 'contract'],
  ['oversize-body', 'unknown', 'contract'],
  ['rate-limited-seconds', 'rate_limited'],
  ['rate-limited-date', 'rate_limited'],
]
const toSend = ['simulator', 'fixtures.known'] as const
const toFind = [...toSend, 'channel.find'] as const

export const channel: readonly Check[] = [
  { id: 'channel/send', needs: ['vendor', 'fixtures.known'], run: send },
  { id: 'channel/unknown-address', needs: [...toSend, 'fixtures.unknown'], run: unknownAddress },
  { id: 'channel/measure', run: measure },
  { id: 'channel/abort', needs: toSend, run: abort },
  ...(['hang-after-accept', 'reset-after-accept', 'slow-body'] as const).map((fault) => {
    return { id: `channel/${fault}`, needs: toSend, run: (rig: Rig) => lost(rig, fault) }
  }),
  ...spoiled.map(([fault, ...codes]) => {
    return { id: `channel/${fault}`, needs: toSend, run: (rig: Rig) => spoil(rig, fault, codes) }
  }),
  { id: 'channel/expired-token', needs: toSend, run: expired },
  { id: 'channel/written-once', needs: toSend, run: writtenOnce },
  { id: 'channel/find', needs: toFind, run: find },
  { id: 'channel/find-taken', needs: toFind, run: findTaken },
  { id: 'channel/find-clock-ahead', needs: toFind, run: (rig) => findByClock(rig, 10 * minute) },
  { id: 'channel/find-clock-behind', needs: toFind, run: (rig) => findByClock(rig, -10 * minute) },
  { id: 'channel/find-outage', needs: toFind, run: (rig) => findSpoiled(rig, 'server-error', 20) },
  { id: 'channel/page-moved', needs: toFind, run: (rig) => findSpoiled(rig, 'page-moved', 1) },
]

// ── one message ──────────────────────────────────────────────────────────────────────────────
const textOf = ({ fixtures }: Rig): string => fixtures.text ?? 'Your hold is ready at the desk.'

export function outbound(rig: Rig, key = 'conformance 17 2026-11-24'): Outbound {
  const { known } = rig.fixtures
  if (!known) throw new Skip('no fixtures.known')
  return { key, to: known, content: { text: textOf(rig) }, purpose: 'conformance' }
}

function channelOf({ channel }: Adapter): Channel {
  assert(channel)
  return channel
}

/** As core asks, which allows for a clock that is a quarter of an hour off. */
function sought({ key, to, content }: Outbound, more: Partial<LookupQuery> = {}, now = real().getTime()): LookupQuery {
  const [from, until] = [real(now - 16 * minute).toISOString(), real(now + 15 * minute).toISOString()]
  return { key, to, content, from, until, excludeProviderIds: [], ...more }
}

async function send(rig: Rig): Promise<void> {
  const channel = channelOf(rig.make())
  const message = outbound(rig)
  const { state, id } = await within(channel.send(message, rig.context()))
  assert(/^(accepted|sent|delivered|read)$/.test(state), `${state} is no state of what was taken`)
  assert(id === undefined ? !channel.lookup : id !== '', 'a receipt has an id')
  if (rig.live) return there(rig, channel, message, id)
  const [taken, ...more] = rig.simulator().received()
  assert(taken && more.length === 0, `the vendor took ${taken ? 'more than one' : 'none'}`)
  assert.equal(taken.text ?? message.content.text, message.content.text)
  assert.equal(taken.to?.value ?? message.to.value, message.to.value)
}

/** A vendor may take a while to know what it took. */
async function there(rig: Rig, channel: Channel, message: Outbound, id: string | undefined): Promise<void> {
  for (let n = 0; channel.lookup && n < 30; n++) {
    const found = await channel.lookup(sought(message, { ...(id !== undefined && { id }) }), rig.context())
    if (typeof found === 'object') return
    await pause(1000)
  }
  assert(!channel.lookup, 'it was taken, and find does not find it for 30 s')
}

async function unknownAddress(rig: Rig): Promise<void> {
  const { unknown: to } = rig.fixtures
  assert(to)
  const call = channelOf(rig.make()).send({ ...outbound(rig), to }, rig.context())
  await rig.refused(call, 'invalid', 'not_found', 'unsupported', 'blocked', 'undeliverable')
}

async function measure(rig: Rig): Promise<void> {
  const texts = [textOf(rig), '', '한글 😀', 'x'.repeat(100_000)]
  const [before, after] = midnight()
  for (const text of texts) {
    const content: Content = Object.freeze({ text })
    const to = rig.fixtures.known && Object.freeze({ ...rig.fixtures.known })
    const once = await at(before, async () => channelOf(rig.make()).measure(content, to))
    const again = await at(after, async () => channelOf(rig.make()).measure(content, to))
    assert.deepEqual(again, once, 'the same content measures the same')
    assert(Number.isInteger(once.units) && once.units >= 0, 'units are a whole number')
    assert(Array.isArray(once.warnings), 'warnings are a list')
    assert(Number.isInteger(once.cost?.micros ?? 0), 'a cost is whole millionths')
  }
}

async function abort(rig: Rig): Promise<void> {
  const ctx = rig.context({ signal: AbortSignal.abort() })
  await rig.refused(channelOf(rig.make()).send(outbound(rig), ctx), 'unavailable', 'unknown')
  assert.equal(rig.simulator().received().length, 0, 'nothing is sent once the signal is aborted')
}

// ── bad days ─────────────────────────────────────────────────────────────────────────────────
/** Sends, and calls off what does not come back once the vendor has taken it. */
export async function impatient(rig: Rig, adapter: Adapter, message: Outbound): Promise<Receipt> {
  const stop = new AbortController()
  const call = channelOf(adapter).send(message, rig.context({ signal: stop.signal }))
  call.catch(() => undefined) // It is awaited below.
  await until(() => rig.simulator().received().length > 0, 4_000)
  await pause(20) // for an answer, or the end of the connection
  stop.abort()
  return call
}

async function lost(rig: Rig, fault: Fault): Promise<void> {
  rig.fault(fault)
  const adapter = rig.make()
  const message = outbound(rig)
  await rig.refused(impatient(rig, adapter, message), 'unknown')
  assert.equal(rig.simulator().received().length, 1, 'it was taken once')
  if (adapter.channel?.lookup) assert.notEqual(await found(rig, adapter, sought(message)), 'unsure', 'find finds it')
}

/** `absent` of what was taken would send it again. */
async function found(rig: Rig, adapter: Adapter, query: LookupQuery): Promise<Receipt | 'unsure'> {
  const answer = await lookUp(rig, adapter, query)
  assert(answer !== 'absent', 'find says absent of what was taken')
  return answer
}
function lookUp(rig: Rig, adapter: Adapter, query: LookupQuery): Promise<Receipt | 'absent' | 'unsure'> {
  const { channel } = adapter
  assert(channel?.lookup)
  return within(channel.lookup(query, rig.context()))
}

/** Every call fails, so that one that is made again fails too: `channel/written-once` is for that. */
async function spoil(rig: Rig, fault: Fault, codes: readonly Code[]): Promise<void> {
  rig.fault(fault, 20)
  const call = channelOf(rig.make()).send(outbound(rig), rig.context())
  const { code, retryAfterMs = 0 } = await rig.refused(call, ...codes)
  // No vendor asks to wait for less than 100 ms: that would be seconds.
  if (code === 'rate_limited')
    assert(Number.isFinite(retryAfterMs) && retryAfterMs >= 100, `retryAfterMs: ${retryAfterMs}`)
}

/** A new token may have been had, and then it was sent; a fixed one cannot. */
async function expired(rig: Rig): Promise<void> {
  rig.fault('expired-token')
  const call = channelOf(rig.make()).send(outbound(rig), rig.context())
  const receipt = await within(call.catch(() => undefined))
  if (!receipt) await rig.refused(call, 'auth')
  assert.equal(rig.simulator().received().length, receipt ? 1 : 0)
}

/** A write that is made again after a lost answer is a text sent twice. */
async function writtenOnce(rig: Rig): Promise<void> {
  const channel = channelOf(rig.make())
  for (const fault of ['reset', 'server-error', 'html', 'reset-after-accept'] as const) {
    try {
      rig.fault(fault)
    } catch {
      continue // The fault's own check says that the vendor cannot do it.
    }
    const call = channel.send(outbound(rig, fault), rig.context())
    await rig.refused(call, 'unknown', 'unavailable', 'contract')
  }
  assert(rig.simulator().received().length <= 1, 'a write is not repeated')
}

// ── find ─────────────────────────────────────────────────────────────────────────────────────
async function sent(rig: Rig, adapter: Adapter, message: Outbound): Promise<string> {
  const { id } = await within(channelOf(adapter).send(message, rig.context()))
  assert(id, 'a receipt has an id')
  return id
}

async function find(rig: Rig): Promise<void> {
  const adapter = rig.make()
  const message = outbound(rig)
  const never = await lookUp(rig, adapter, sought(message))
  assert(typeof never === 'string', 'nothing was sent, and find found it')
  const id = await sent(rig, adapter, message)
  for (const query of [sought(message), sought(message, { id })]) {
    const answer = await found(rig, rig.make(), query)
    assert(typeof answer === 'object' && answer.id === id, 'find finds what was taken')
  }
}

/** A family gets the same text twice, rightly. */
async function findTaken(rig: Rig): Promise<void> {
  const adapter = rig.make()
  const [one, two] = [outbound(rig, 'first'), outbound(rig, 'second')]
  const [first, second] = [await sent(rig, adapter, one), await sent(rig, adapter, two)]
  assert.notEqual(first, second, 'two messages have two ids')
  const other = async (taken: readonly string[]) => {
    const answer = await lookUp(rig, rig.make(), sought(two, { excludeProviderIds: taken }))
    return typeof answer === 'string' ? 'none' : answer.id
  }
  assert.equal(await other([first]), second, 'what is not taken is found')
  assert.equal(await other([first, second]), 'none', 'what is taken is not found for another')
  // Who looks by our key knows that the first is not the second's; who looks by the text does not.
  assert(['none', first].includes((await other([second])) ?? ''), 'what is taken is not found for another')
}

/** A host's clock is minutes off: what counts are the minutes that it asks for, and not what it takes for now. */
async function findByClock(rig: Rig, off: number): Promise<void> {
  const channel = channelOf(rig.make())
  const now = (): Date => real(real().getTime() + off)
  const message = outbound(rig)
  const { id } = await within(channel.send(message, rig.context({ now })))
  const answer = await within(
    Promise.resolve(channel.lookup?.(sought(message, {}, now().getTime()), rig.context({ now }))),
  )
  assert(
    typeof answer === 'object' && answer.id === id,
    'find finds what was taken, though our clock is 10 minutes off',
  )
}

/** Who cannot look must not say that there is nothing. */
async function findSpoiled(rig: Rig, fault: Fault, times: number): Promise<void> {
  const adapter = rig.make()
  const message = outbound(rig)
  await sent(rig, adapter, message)
  rig.fault(fault, times)
  const call = lookUp(rig, adapter, sought(message, { excludeProviderIds: ['another'] }))
  const answer = await call.catch(() => undefined)
  if (answer === undefined) await rig.refused(call, 'unavailable', 'unknown', 'contract')
  else assert(answer !== 'absent', 'find says absent when it cannot look')
}
