import { createPrm, type Decision, type Duration, type Message, PrmError, type Send, type Store } from '@prm/core'
import { sqlite } from '@prm/store-sqlite'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { replay } from '../packages/core/src/host/replay.ts'
import type { Engine } from '../packages/core/src/runtime/engine.ts'
import { milliseconds } from '../packages/core/src/time/instants.ts'
import {
  breakable,
  Clock,
  card,
  decisionsOf,
  type FakeSms,
  fakeSms,
  library,
  member,
  messagesOf,
  morning,
  otherPhone,
  person,
  phone,
  scopeOf,
  springfield,
  tel,
} from './fake.ts'
import { mail, town } from './town.ts'

const ours = { address: tel('+12125550100') }
const service = { basis: 'service', class: 'service' } as const
const three = {
  news: { basis: 'service', class: 'promotional' },
  pickup: service,
  urgent: { ...service, quietHours: 'ignore' },
} as const
type Purposes = { readonly [name: string]: (typeof three)[keyof typeof three] & object }

interface Sent {
  readonly key: string
  readonly at: number
  readonly units: number
}

/** A library whose one number sends at a rate; its provider notes when it took what. */
function rated(given: {
  readonly perSecond?: number | undefined
  readonly perDay?: number | undefined
  readonly purposes?: Partial<Purposes>
  readonly timeZone?: string
  readonly at?: string
  readonly senders?: Parameters<typeof fakeSms>[0] extends infer O
    ? NonNullable<O & object>['senders' & keyof O]
    : never
  readonly store?: Store
  readonly clock?: Clock
  readonly sms?: FakeSms
  readonly taken?: Sent[]
  readonly more?: { readonly [id: string]: FakeSms }
  readonly quiet?: { readonly from: string; readonly to: string }
}) {
  const { perSecond, perDay, purposes = { pickup: service }, timeZone = library.timeZone, taken = [] } = given
  const { store = sqlite({ memory: true }), clock = new Clock(given.at) } = given
  const sender = { ...ours, ...(perSecond && { perSecond }), ...(perDay && { perDay }) }
  const sms = given.sms ?? fakeSms({ senders: (given.senders as never) ?? [sender] })
  sms.onTaken = ({ key, content }) => void taken.push({ key, at: clock.ms, units: sms.channel.measure(content).units })
  const prm = createPrm({
    library: { ...library, timeZone, quietHours: given.quiet ?? library.quietHours },
    adapters: { sms, ...given.more },
    store,
    purposes: purposes as { readonly [name: string]: typeof service },
    now: clock.now,
    publicUrl: 'https://library.example/prm',
  })
  const send = (key: string, more: Partial<Send> = {}, units = 1): Promise<Decision> =>
    prm.send({
      to: tel(`+1212555${String(1_000 + (Number(key.replace(/\D/g, '')) % 9_000))}`),
      purpose: 'pickup',
      content: { text: 'x'.repeat(160 * units) },
      key,
      ...more,
    } as never)
  /** Moves the clock to whatever is next until nothing waits. */
  const rest = async (atMost: Duration = '90d'): Promise<void> => {
    const end = clock.ms + milliseconds(atMost)
    for (;;) {
      const { waiting, next } = await prm.run({ once: true })
      if (waiting === 0 || next === undefined || Date.parse(next) > end) return
      clock.ms = Math.max(clock.ms + 1, Date.parse(next))
    }
  }
  return { prm, sms, store, clock, taken, send, rest, run: () => prm.run({ once: true }) }
}

/** No window had more than the rate: what came after any message waited until all before it were sent. */
function keepsTo(perSecond: number, taken: readonly Sent[], extra = 0): void {
  const sorted = [...taken].sort((a, b) => a.at - b.at)
  for (let i = 0; i < sorted.length; i++) {
    let units = 0
    for (let j = i; j < sorted.length; j++) {
      const [first, last] = [sorted[i] as Sent, sorted[j] as Sent]
      expect(units, `${last.key} came too soon after ${first.key}`).toBeLessThanOrEqual(
        (perSecond * (last.at - first.at)) / 1_000 + extra,
      )
      units += last.units
    }
  }
}

function wall(ms: number, timeZone: string): { day: string; hour: number } {
  const text = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' }).format(ms)
  return { day: text.slice(0, 10), hour: Number(text.slice(11, 13)) }
}

const keys = (count: number) => Array.from({ length: count }, (_, at) => `k${at}`)

// ── any rate, any zone, any night ────────────────────────────────────────────────────────────

const nights = [
  ['America/Chicago', '2027-03-14T02:30:00.000Z'],
  ['America/Chicago', '2026-11-01T01:50:00.000Z'],
  ['Australia/Lord_Howe', '2026-10-03T09:30:00.000Z'],
  ['Australia/Lord_Howe', '2027-04-03T09:30:00.000Z'],
  ['America/Havana', '2027-03-14T01:30:00.000Z'],
  ['Asia/Beirut', '2026-10-24T17:30:00.000Z'],
  ['Pacific/Auckland', '2028-02-29T07:30:00.000Z'],
  ['UTC', '2028-02-28T20:59:30.000Z'],
] as const
const plans = fc.record({
  night: fc.constantFrom(...nights),
  before: fc.integer({ min: 0, max: 6 * 3_600 }),
  perSecond: fc.constantFrom(undefined, 0.01, 0.2, 1, 3, 10),
  perDay: fc.constantFrom(undefined, 2, 9, 30),
  all: fc.boolean(),
  sends: fc.array(
    fc.record({
      after: fc.constantFrom(0, 0, 0, 1, 40, 900),
      units: fc.constantFrom(1, 1, 1, 2, 3),
      purpose: fc.constantFrom('news', 'pickup', 'urgent'),
      notBefore: fc.constantFrom(undefined, undefined, 3_600, 100_000),
      expireAt: fc.constantFrom(undefined, undefined, undefined, 20_000, 90_000),
    }),
    { minLength: 1, maxLength: 25 },
  ),
})

test('in any zone and night nothing goes in quiet hours, over the rate or over the day, nothing is lost, and all goes when the plan says', async () => {
  const seen = new Set<string>()
  await fc.assert(
    fc.asyncProperty(plans, async ({ night: [timeZone, at], before, perSecond, perDay, all, sends }) => {
      const host = rated({ perSecond, perDay, timeZone, at, purposes: all ? three : { pickup: service } })
      const { clock, taken, send, rest, store } = host
      clock.ms -= before * 1_000
      const decisions: Decision[] = []
      for (const [index, one] of sends.entries()) {
        if (one.after > 0) await rest(`${one.after}s`)
        const from = (seconds: number) => new Date(clock.ms + seconds * 1_000).toISOString()
        const more = {
          purpose: all ? one.purpose : 'pickup',
          ...(one.notBefore && { notBefore: from(one.notBefore) }),
          ...(one.expireAt && { expireAt: from(one.expireAt) }),
        }
        decisions.push(await send(`k${index}`, more, one.units))
      }
      await rest()
      for (const { key, outcome, reasons, purpose } of decisions) {
        const went = taken.filter((one) => one.key === key)
        for (const { rule, verdict } of reasons) seen.add(`${rule} ${verdict}`)
        if (!outcome.send) {
          expect(reasons.some(({ verdict }) => verdict === 'reject')).toBe(true)
          expect(went).toEqual([])
          continue
        }
        expect(went.map(({ at }) => new Date(at).toISOString())).toEqual([outcome.notBefore])
        if (outcome.expireAt) expect(outcome.notBefore < outcome.expireAt).toBe(true)
        const { hour } = wall(went[0]?.at ?? 0, timeZone)
        if (purpose !== 'urgent') expect(hour >= 8 && hour < 21, `${key} at ${hour}`).toBe(true)
      }
      // Each lane may have one message under way.
      if (perSecond) keepsTo(perSecond, taken, all ? 2 * 3 : 0)
      const days = Map.groupBy(taken, ({ at }) => wall(at, timeZone).day)
      for (const ofDay of days.values())
        expect(ofDay.reduce((sum, { units }) => sum + units, 0)).toBeLessThanOrEqual(perDay ?? 1_000)
      for (const decision of await decisionsOf(store))
        expect(await replay({ scope: scopeOf(store) } as Engine, decision)).toEqual({
          outcome: decision.outcome,
          reasons: decision.reasons,
        })
    }),
    { numRuns: 60 },
  )
  for (const one of ['rate defer', 'rate reject', 'quiet defer', 'deadline reject']) expect(seen).toContain(one)
}, 120_000)

// ── bad days ─────────────────────────────────────────────────────────────────────────────────

const badDays = fc.record({
  perSecond: fc.constantFrom(0.2, 1, 5),
  perDay: fc.constantFrom(undefined, 20),
  all: fc.boolean(),
  sends: fc.integer({ min: 5, max: 30 }),
  days: fc.array(
    fc.oneof(
      fc.record({ down: fc.constantFrom('2s', '90s', '1h', '13h') }),
      fc.record({ back: fc.constantFrom('5s', '1h') }),
      fc.record({
        fault: fc.constantFrom('unavailable', 'rate_limited', 'hang'),
        times: fc.integer({ min: 1, max: 6 }),
      }),
      fc.record({ work: fc.constantFrom('1s', '1m', '2h') }),
      fc.record({ restart: fc.constant(true) }),
    ),
    { maxLength: 6 },
  ),
})

test('whatever the day is like, the provider gets no more than the rate and the daily cap, and all of it once', async () => {
  await fc.assert(
    fc.asyncProperty(badDays, async ({ perSecond, perDay, all, sends, days }) => {
      const purposes = all ? three : { pickup: service }
      let host = rated({ perSecond, perDay, purposes })
      const { sms, clock, taken, store } = host
      sms.retryAfterMs = 30_000
      const names = Object.keys(purposes)
      const later = (n: number) => new Date(clock.ms + ([0, 0, 12_000, 3_600_000][n % 4] as number)).toISOString()
      await Promise.all(
        keys(sends).map((key, n) =>
          host.send(key, { purpose: names[n % names.length] as string, notBefore: later(n) }),
        ),
      )
      let back = 0
      for (const day of days) {
        if ('down' in day) clock.advance(day.down as Duration)
        if ('back' in day) clock.ms -= milliseconds(day.back as Duration)
        if ('back' in day) back++
        if ('fault' in day) sms.faults.push(...Array.from({ length: day.times }, () => day.fault as 'hang'))
        if ('work' in day) await host.rest(day.work as Duration)
        if ('restart' in day) host = rated({ perSecond, perDay, purposes, store, clock, sms, taken })
      }
      await host.rest()
      expect(taken.map(({ key }) => key).sort()).toEqual(keys(sends).sort())
      // By a clock that was put back nobody can say how long ago something was.
      if (back > 0) return
      // What is a second late is let go beside what is on time.
      keepsTo(perSecond, taken, Math.ceil(perSecond) + (all ? 2 : 0))
      const perDays = Map.groupBy(taken, ({ at }) => wall(at, library.timeZone).day)
      if (perDay) for (const ofDay of perDays.values()) expect(ofDay.length).toBeLessThanOrEqual(perDay)
      for (const { at, key } of taken)
        if (Number(key.slice(1)) % names.length !== 2)
          expect(wall(at, library.timeZone).hour >= 8 && wall(at, library.timeZone).hour < 21).toBe(true)
    }),
    { numRuns: 60 },
  )
}, 120_000)

// ── one by one ───────────────────────────────────────────────────────────────────────────────

const at = (seconds: number) => new Date(Date.parse(morning) + seconds * 1_000).toISOString()
const whens = (decisions: readonly Decision[]) =>
  decisions.map(({ outcome }) => (outcome.send ? outcome.notBefore : outcome.rule))

describe('a sender with a rate', () => {
  test('gives each message its turn, and says so', async () => {
    const { send, run, taken } = rated({ perSecond: 2 })
    const decisions = [await send('a1', {}, 3), await send('a2'), await send('a3')]
    expect(whens(decisions)).toEqual([at(0), at(1.5), at(2)])
    expect(decisions[1]?.reasons.at(-1)).toEqual({
      rule: 'rate',
      verdict: 'defer',
      detail: 'The sender is busy: it waits until Tue, Nov 24, 10:00.',
    })
    expect(await run()).toEqual({ waiting: 2, next: at(1.5) })
    expect(taken.map(({ key }) => key)).toEqual(['a1'])
  })

  test('fills the time before what waits for the morning', async () => {
    const { prm, send } = rated({ perSecond: 1 })
    const later = await send('a1', { notBefore: at(100) })
    expect(whens([later, await send('a2'), await send('a3', { notBefore: at(99.5) }, 2)])).toEqual([
      at(100),
      at(0),
      at(101),
    ])
    expect((await prm.explain('a3')).message?.slot).toEqual({ at: at(101), priority: 1, ms: 2_000 })
  })

  test('tells a plan of thousands when it will have gone, in one transaction a page', async () => {
    const store = sqlite({ memory: true })
    const { prm } = rated({ perSecond: 10, store })
    const sends = keys(2_000).map((key, n) => ({
      to: tel(`+1212555${1_000 + n}`),
      purpose: 'pickup',
      content: { text: 'Your hold is ready.' },
      key,
    }))
    const decisions: Decision[] = []
    const before = store.transactions
    for await (const decision of prm.sendAll(sends as never)) decisions.push(decision)
    expect(whens(decisions)).toEqual(sends.map((_, n) => at(n / 10)))
    expect(store.transactions - before).toBeLessThan(2 * 4 + 1)
    expect((await scopeOf(store).get('sender', 'sms tel  +12125550100'))?.value.schedule).toEqual({
      1: [[Date.parse(morning), Date.parse(at(200)), 0]],
    })
  })

  test('keeps its timetable short, whatever is promised when', async () => {
    const { send, rest, taken, store } = rated({ perSecond: 1 })
    const when = (n: number) => at(10 * n)
    const decisions = await Promise.all(keys(250).map((key, n) => send(key, { notBefore: when(n) })))
    expect(whens(decisions)).toEqual(keys(250).map((_, n) => when(n)))
    const row = (await scopeOf(store).get('sender', 'sms tel  +12125550100'))?.value
    expect(row?.schedule[1]).toHaveLength(200)
    await rest()
    expect(taken.map(({ at: ms }) => new Date(ms).toISOString())).toEqual(whens(decisions))
  })

  test('gives nothing away in a dry run', async () => {
    const { send } = rated({ perSecond: 1 })
    await send('a1', { dryRun: true })
    expect(whens([await send('a2'), await send('a3', { dryRun: true }), await send('a4')])).toEqual([
      at(0),
      at(1),
      at(1),
    ])
  })

  test('that two processes share is booked once', async () => {
    const one = rated({ perSecond: 1 })
    const { store, clock, sms, taken } = one
    const two = rated({ perSecond: 1, store, clock, sms, taken })
    const decisions = await Promise.all(keys(30).map((key, n) => (n % 2 ? one : two).send(key)))
    expect(whens(decisions).sort()).toEqual(keys(30).map((_, n) => at(n)))
    while (taken.length < 30) {
      await Promise.all([one.run(), two.run()])
      clock.ms += 1_000
    }
    keepsTo(1, taken)
  })

  test('decides against nothing because another process was quicker', async () => {
    const store = breakable()
    const one = rated({ perSecond: 1, store })
    const { clock, sms, taken } = one
    const two = rated({ perSecond: 1, store, clock, sms, taken })
    await two.send('k0')
    let first = true
    store.before = async (batches) => {
      if (!first || !batches.some(({ put }) => put?.some(({ kind }) => kind === 'sender'))) return
      first = false
      await two.send('k1')
    }
    expect(whens(await Promise.all(['k2', 'k3', 'k4'].map((key) => one.send(key)))).sort()).toEqual([2, 3, 4].map(at))
  })

  test('after an hour without a process catches up at its rate, in the order of the plan', async () => {
    const { send, clock, rest, taken } = rated({ perSecond: 1 })
    await Promise.all(keys(40).map((key) => send(key)))
    clock.advance('1h')
    await rest()
    expect(taken.map(({ at: ms }) => ms - clock.ms).sort((a, b) => a - b)).toEqual(
      keys(40).map((_, n) => (n - 39) * 1_000),
    )
    keepsTo(1, taken)
  })

  test('puts no more into a queue of ten hours than goes out of it, also after a longer outage', async () => {
    const { send, clock, rest, taken } = rated({ perSecond: 0.01, at: '2026-11-24T14:00:00.000Z' })
    await Promise.all(keys(40).map((key) => send(key)))
    await rest('30m')
    clock.advance('11h')
    await rest()
    expect(taken).toHaveLength(40)
    // The provider sends one in a hundred seconds: none waits there for another.
    keepsTo(0.01, taken)
  })

  test('fills no queue that a provider of this rate has, whatever purposes share it', async () => {
    const perSecond = 0.01
    const { send, rest, clock, taken } = rated({ perSecond, purposes: three })
    const names = Object.keys(three)
    for (const [n, key] of keys(200).entries()) await send(key, { purpose: names[n % 3] as string }, (n % 3) + 1)
    for (let hour = 0; hour < 20; hour++) await rest('1h')
    clock.advance('13h')
    await rest()
    expect(taken).toHaveLength(200)
    // What waits there, in seconds of the provider: it sends on, day and night, what it was handed.
    let [busy, most] = [0, 0]
    for (const { at: ms, units } of taken) {
      busy = Math.max(busy, ms) + (units * 1_000) / perSecond
      most = Math.max(most, busy - ms)
    }
    expect(most).toBeLessThanOrEqual((3 * 3 * 1_000) / perSecond) // one of each purpose, of three parts each
    expect(most).toBeLessThan(milliseconds('10h'))
  }, 30_000)

  test('that is higher than the provider knows, meets a full queue of ten hours: nothing is lost, late or twice', async () => {
    const { send, rest, clock, sms, taken } = rated({ perSecond: 1 })
    const [perUnit, waits] = [1_000_000, milliseconds('10h')]
    let [busy, refusals] = [clock.ms, 0]
    const sent = new Map<string, number>()
    const take = sms.channel.send
    ;(sms.channel as { send: typeof take }).send = async (message, ctx) => {
      if (Math.max(busy, clock.ms) + perUnit > clock.ms + waits) {
        refusals++
        throw new PrmError('rate_limited', 'The queue is full.')
      }
      busy = Math.max(busy, clock.ms) + perUnit
      // Twilio's ValidityPeriod: it does not send what is over by then.
      if (!(message.expireAt && Date.parse(message.expireAt) < busy)) sent.set(message.key, busy)
      return take(message, ctx)
    }
    const soon = new Date(clock.ms + milliseconds('5h')).toISOString()
    for (const [n, key] of keys(50).entries()) await send(key, n % 2 ? { expireAt: soon } : {})
    await rest()
    expect(refusals).toBeGreaterThan(0)
    expect(refusals).toBeLessThan(200) // in four hours: the whole sender waits, not each message for itself
    const even = keys(50).filter((_, n) => n % 2 === 0)
    expect(even.filter((key) => !sent.has(key))).toEqual([])
    expect(new Set(taken.map(({ key }) => key)).size).toBe(taken.length)
    for (const [key, ms] of sent) if (Number(key.slice(1)) % 2) expect(ms).toBeLessThanOrEqual(Date.parse(soon))
  }, 60_000)

  test('that is told to wait lets what stands behind wait too, and calls no more', async () => {
    const { send, sms, clock, rest, taken, run } = rated({ perSecond: 1 })
    await Promise.all(keys(5).map((key) => send(key)))
    sms.retryAfterMs = 60_000
    sms.faults.push('rate_limited')
    await run()
    clock.ms += 5_000
    await run()
    expect(sms.calls).toBe(1)
    await rest()
    expect(taken.map(({ at: ms }) => new Date(ms).toISOString())).toEqual(keys(5).map((_, n) => at(60 + n)))
    expect(sms.calls).toBe(6)
  })

  test('whose provider is down for an hour is not flooded when it is back, nor by the reports that come then', async () => {
    const { send, sms, prm, clock, rest, taken, store } = rated({ perSecond: 1 })
    await Promise.all(keys(30).map((key) => send(key)))
    sms.faults.push(...Array.from({ length: 200 }, () => 'unavailable' as const))
    await rest('1h')
    sms.faults.length = 0
    await rest()
    expect(taken).toHaveLength(30)
    keepsTo(1, taken, 1)
    const reports = [...taken, ...taken].flatMap(({ key }, n) =>
      ['delivered', 'sent', n % 7 ? 'delivered' : 'undelivered'].map((state, i) => ({
        key: `${n} ${i}`,
        type: 'message.delivery',
        source: 'sms',
        about: { source: 'prm', key },
        data: { raw: state, state },
      })),
    )
    clock.advance('1h')
    const request = new Request('https://library.example/prm/sms', {
      method: 'POST',
      headers: { signature: 'right' },
      body: JSON.stringify(reports),
    })
    expect((await prm.handle(request)).status).toBe(200)
    const messages = await messagesOf(store)
    expect(new Set(messages.map(({ state }) => state))).toEqual(new Set(['delivered']))
    expect(messages.filter(({ contradictions }) => contradictions).length).toBeGreaterThan(0)
  })

  test('gives what is tried again a free time, and moves nobody for it', async () => {
    const { send, sms, rest, taken } = rated({ perSecond: 1 })
    await Promise.all(keys(30).map((key) => send(key)))
    sms.faults.push('unavailable')
    await rest()
    const late = taken.find(({ at: ms }) => ms >= Date.parse(at(30)))
    expect(taken).toHaveLength(30)
    expect(taken.filter((one) => one !== late).map(({ at: ms }) => new Date(ms).toISOString())).toEqual(
      keys(29).map((_, n) => at(n + 1)),
    )
  })

  test('that is late pushes on what was promised after a gap, too', async () => {
    const { send, clock, rest, taken } = rated({ perSecond: 1 })
    await Promise.all(keys(5).map((key) => send(key)))
    await Promise.all(['k7', 'k8'].map((key) => send(key, { notBefore: at(7) })))
    await send('k9', { notBefore: at(100) })
    clock.advance('20s')
    await rest()
    expect(taken.map(({ at: ms }) => new Date(ms).toISOString())).toEqual([
      ...[20, 21, 22, 23, 24, 25, 26, 100].map(at),
    ])
  })

  test('loses nothing and hurries nothing when the clock is put back an hour', async () => {
    const { send, clock, rest, taken, run } = rated({ perSecond: 1 })
    await Promise.all(keys(5).map((key) => send(key)))
    await run()
    clock.ms -= 3_600_000
    expect(whens([await send('k9')])).toEqual([at(-3_600)])
    await rest()
    expect(taken).toHaveLength(6)
    keepsTo(1, taken)
  })

  test('moves to its next turn what quiet hours or a cap hold back at release', async () => {
    const { send, clock, rest, taken } = rated({ perSecond: 0.001, at: '2026-11-25T02:00:00.000Z' })
    await Promise.all(keys(9).map((key) => send(key)))
    clock.advance('1h') // 21:00
    await rest()
    keepsTo(0.001, taken)
    for (const one of taken) expect(wall(one.at, library.timeZone).hour).toBeGreaterThanOrEqual(8)
  })
})

describe('a sender with a cap for each day', () => {
  test('goes on the next morning of its zone', async () => {
    const { send } = rated({ perDay: 2 })
    expect(whens([await send('a1'), await send('a2', {}, 2), await send('a3')])).toEqual([
      at(0),
      '2026-11-25T14:00:00.000Z',
      at(0),
    ])
  })

  test('gives what was not sent on its day a turn on a day with room', async () => {
    const { send, clock, rest, taken } = rated({ perSecond: 1, perDay: 2, purposes: { urgent: three.urgent } })
    const decisions = await Promise.all(keys(4).map((key) => send(key, { purpose: 'urgent' })))
    expect(whens(decisions)).toEqual([at(0), at(1), '2026-11-25T06:00:00.000Z', '2026-11-25T06:00:01.000Z'])
    clock.ms = Date.parse('2026-11-25T06:00:00.000Z')
    await rest()
    expect(taken.map(({ at: ms }) => wall(ms, library.timeZone).day)).toEqual([
      ...['2026-11-25', '2026-11-25', '2026-11-26', '2026-11-26'],
    ])
  })

  test('decides against what no day has room for', async () => {
    const { send } = rated({ perDay: 2 })
    expect(whens([await send('a1', {}, 3)])).toEqual(['rate'])
  })

  test('decides against what would come too late, or goes by another medium', async () => {
    const { send } = rated({ perSecond: 0.001 })
    await send('a1')
    const late = await send('a2', { expireAt: at(60) })
    expect(whens([late])).toEqual(['deadline'])
    expect(late.reasons.map(({ rule }) => rule)).toContain('rate')
  })
})

describe('fair share', () => {
  test('an urgent notice and a service notice do not wait behind a plan of promotional messages, nor do both exceed the rate', async () => {
    const { send, rest, taken } = rated({ perSecond: 1, purposes: three })
    await Promise.all(keys(400).map((key) => send(key, { purpose: 'news' })))
    await Promise.all(['s1', 's2', 's3'].map((key) => send(key, { purpose: 'pickup' })))
    expect(whens([await send('s4', { purpose: 'urgent' })])).toEqual([at(0)])
    await rest()
    const when = (key: string) => (taken.find((one) => one.key === key)?.at ?? 0) - Date.parse(morning)
    expect(['s1', 's2', 's3', 's4'].map(when)).toEqual([0, 8_000, 16_000, 0])
    keepsTo(1, taken, 2)
    expect(taken).toHaveLength(404)
  })

  test('an urgent notice does not wait behind a storm of notices', async () => {
    const { send } = rated({ perSecond: 1, purposes: { pickup: service, urgent: three.urgent } })
    await Promise.all(keys(200).map((key) => send(key)))
    expect(whens([await send('s1', { purpose: 'urgent' })])).toEqual([at(0)])
  })

  test('a library of one kind of message has the whole rate, and the whole day', async () => {
    const { send } = rated({ perSecond: 1, perDay: 3 })
    expect(whens(await Promise.all(keys(3).map((key) => send(key))))).toEqual([at(0), at(1), at(2)])
  })

  test("one library's storm does not hold up another's urgent notice", async () => {
    const store = sqlite({ memory: true })
    const clock = new Clock()
    const storm = rated({ store, clock })
    const other = fakeSms()
    const prm = createPrm({
      library: { ...library, id: 'shelbyville' },
      adapters: { sms: other },
      store,
      purposes: three,
      now: clock.now,
    })
    let free: () => void = () => undefined
    const stuck = new Promise<void>((resolve) => {
      free = resolve
    })
    storm.sms.onTaken = () => stuck
    await Promise.all(keys(200).map((key) => storm.send(key)))
    const content = { text: 'The library is closed today: a burst pipe.' }
    await prm.send({ to: tel('+12125550142'), purpose: 'urgent', content, key: 'closed' })
    const running = storm.run()
    await prm.run({ once: true })
    expect(other.taken.map(({ key }) => key)).toEqual(['closed'])
    expect(storm.sms.calls).toBeLessThan(200)
    free()
    await running
    await prm.close()
  })

  test('a day full of promotional messages leaves room for notices', async () => {
    const { send } = rated({ perDay: 16, purposes: three })
    const news = await Promise.all(keys(20).map((key) => send(key, { purpose: 'news' })))
    expect(whens(news).filter((when) => when === at(0))).toHaveLength(12)
    expect(whens([await send('s1'), await send('s2'), await send('s3')])).toEqual([
      at(0),
      at(0),
      '2026-11-25T14:00:00.000Z',
    ])
  })
})

describe('several senders', () => {
  const senders = [
    { address: tel('+12125550100'), perSecond: 1 },
    { address: tel('+12125550101'), perSecond: 1 },
  ]
  const from = (decision: Decision) => (decision.outcome.send ? decision.outcome.from?.value.at(-1) : undefined)

  test('share the messages: each goes by the one that is free first', async () => {
    const { send } = rated({ senders: senders as never })
    const decisions = await Promise.all(keys(4).map((key) => send(key)))
    expect(decisions.map(from)).toEqual(['0', '1', '0', '1'])
    expect(whens(decisions)).toEqual([at(0), at(0), at(1), at(1)])
  })

  test('a patron keeps the one they know', async () => {
    const { send, rest } = rated({ senders: senders as never })
    const to = tel('+12125559999')
    await send('k1')
    expect(from(await send('k2', { to }))).toBe('1')
    await rest()
    expect(from(await send('k3', { to }))).toBe('1')
    expect(from(await send('k4', { to }))).toBe('1')
  })
})

describe('what becomes one message, or another', () => {
  const sends = (keys: readonly string[], more: Partial<Send> = {}) =>
    keys.map((key) => member(key, { to: tel(`+1212555${1_000 + Number(key.slice(1))}`), ...(more as object) }))

  test('a digest takes one turn, also beside others that close at the same moment', async () => {
    const senders = [{ ...ours, perSecond: 1 }]
    const host = springfield({ sms: fakeSms({ senders }), quietly: true })
    for (const one of [1, 2, 3])
      await Promise.all(sends(['k1', 'k2', 'k3']).map((send) => host.prm.send({ ...send, key: `${send.key} ${one}` })))
    await host.run()
    const slots = (await messagesOf(host.store)).map(({ slot }) => `${slot?.priority} ${slot?.at}`)
    expect(slots.sort()).toEqual([`0 ${at(0)}`, `0 ${at(1.334)}`, `1 ${at(0)}`])
    expect((await scopeOf(host.store).get('sender', 'sms tel  +12125550100'))?.value.schedule).toEqual({
      0: [[Date.parse(morning), Date.parse(at(2.668)), 0]],
      1: [[Date.parse(morning), Date.parse(at(8)), 0]],
    })
  })

  test('a digest too long for one is halves, each with its turn', async () => {
    const host = springfield({ sms: fakeSms({ senders: [{ ...ours, perSecond: 1 }] }), quietly: true })
    const content = (n: number) => ({ template: 'long' as const, data: { text: String(n).repeat(900) } })
    for (const n of [1, 2, 3]) await host.prm.send(member(`k${n}`, { content: content(n) }))
    await host.run()
    const messages = await messagesOf(host.store)
    expect(messages.map(({ slot, units }) => `${slot?.priority} ${slot?.at} ${units}`).sort()).toEqual([
      `0 ${at(0)} 6`,
      `0 ${at(8)} 6`,
      `1 ${at(0)} 6`,
    ])
  })

  test('what goes another way takes its turn there', async () => {
    const one = town({
      purposes: { pickup: { media: ['sms', 'email'], fallback: ['undeliverable'] } },
      senders: [{ address: mail('library@example.org'), perSecond: 0.1 }],
    })
    await one.meet(person('c1', phone, { also: [tel(phone), mail('ada@example.org')] }))
    await one.meet(person('c2', otherPhone, { also: [tel(otherPhone), mail('bob@example.org')] }))
    await one.meet(person('c3', '+12125550177', { also: [tel('+12125550177'), mail('eve@example.org')] }))
    one.sms.faults.push('undeliverable', 'undeliverable', 'undeliverable')
    for (const n of [1, 2, 3]) await one.send(`a${n}`, { to: card(`c${n}`) })
    await one.run()
    const slots = (await messagesOf(one.store)).flatMap(({ slot }) => (slot ? [`${slot.priority} ${slot.at}`] : []))
    expect(slots.sort()).toEqual([`0 ${at(0)}`, `0 ${at(13.334)}`, `1 ${at(0)}`])
    const row = await scopeOf(one.store).get('sender', 'email mailto  library@example.org')
    expect(Object.values(row?.value.schedule ?? {}).map(([span]) => (span?.[1] ?? 0) - (span?.[0] ?? 0))).toEqual([
      2 * 13_334,
      40_000,
    ])
    await one.advance('20s')
    expect(one.email.taken).toHaveLength(3)
  })
})

test('a sender without rates has no row, and nothing is read of it', async () => {
  const store = breakable()
  const kinds: string[] = []
  const counted = {
    ...store,
    scope: (id: string) => {
      const scope = store.scope(id)
      return { ...scope, get: (kind: never, key: never) => scope.get(kinds[kinds.push(kind) - 1] as never, key) }
    },
  } as typeof store
  const { send, rest, taken } = rated({ store: counted })
  await Promise.all(keys(3).map((key) => send(key)))
  await rest()
  expect(taken).toHaveLength(3)
  expect(kinds).not.toContain('sender')
  expect(await scopeOf(store).get('sender', 'sms tel  +12125550100')).toBeUndefined()
  expect((await messagesOf(store)).every((message: Message) => message.slot === undefined)).toBe(true)
})
