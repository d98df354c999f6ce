import type { Instant, Library, Message, Patron } from '@prm/core'
import { sqlite } from '@prm/store-sqlite'
import { describe, expect, test } from 'vitest'
import { reachable } from '../packages/core/src/runtime/lookup.ts'
import {
  Clock,
  hold,
  keyOf,
  messageOf,
  otherPhone,
  person,
  phone,
  plain,
  scopeOf,
  springfield,
  storeFile,
  tel,
} from './fake.ts'

const night = '2026-11-25T05:30:00.000Z' // 23:30 in Springfield
const at8 = '2026-11-25T14:00:00.000Z'
const at = (moment: Instant) => new Clock(moment)

/** A patron whom no source can describe so. */
async function patron(host: ReturnType<typeof springfield>, more: Partial<Patron>): Promise<void> {
  const identities = [{ ...tel(phone), seenBy: 'desk', seenAt: host.clock.now().toISOString() }]
  await scopeOf(host.store).commit([{ put: [{ kind: 'patron', value: { id: 'p1', identities, ...more } }] }])
}

describe('quiet hours', () => {
  test('move a message to their end, and it goes then and not before', async () => {
    const { prm, sms, run, advance } = springfield({ clock: at(night) })
    const { outcome, reasons } = await prm.send(plain('a'))
    expect(outcome).toMatchObject({ send: true, notBefore: at8 })
    expect(reasons).toContainEqual({
      rule: 'quiet',
      verdict: 'defer',
      detail: 'Quiet hours: it waits until Wed, Nov 25, 08:00.',
    })
    expect(await run()).toEqual({ waiting: 1, next: at8 })
    await advance('8h')
    expect(sms.taken).toEqual([])
    await advance('30m')
    expect(sms.taken).toHaveLength(1)
  })

  test('do not hold what comes by day', async () => {
    const { prm, sms, run } = springfield()
    expect((await prm.send(plain('a'))).outcome).toMatchObject({ notBefore: '2026-11-24T16:00:00.000Z' })
    await run()
    expect(sms.taken).toHaveLength(1)
  })

  test('count from the time before which it may not go anyway', async () => {
    const { prm } = springfield()
    expect((await prm.send(plain('a', { notBefore: night }))).outcome).toMatchObject({ notBefore: at8 })
    expect((await prm.send(plain('b', { notBefore: '2026-11-25T18:00:00.000Z' }))).outcome).toMatchObject({
      notBefore: '2026-11-25T18:00:00.000Z',
    })
    expect((await prm.send(plain('c', { notBefore: '2026-11-01T18:00:00.000Z' }))).outcome).toMatchObject({
      notBefore: '2026-11-24T16:00:00.000Z',
    })
  })

  test('are ignored by a purpose that says so, at decision and at release', async () => {
    const { prm, sms, run } = springfield({ clock: at(night) })
    expect((await prm.send(plain('a', { purpose: 'urgent' }))).outcome).toMatchObject({ notBefore: night })
    await run()
    expect(sms.taken).toHaveLength(1)
  })

  test('that are empty hold nothing', async () => {
    const { prm, sms, run } = springfield({ clock: at(night), library: { quietHours: { from: '21:00', to: '21:00' } } })
    await prm.send(plain('a'))
    await run()
    expect(sms.taken).toHaveLength(1)
  })

  test.each([
    ['America/Chicago', '2027-03-14T05:00:00.000Z', '2027-03-14T13:00:00.000Z'],
    ['America/Chicago', '2026-11-01T04:00:00.000Z', '2026-11-01T14:00:00.000Z'],
    ['Australia/Lord_Howe', '2026-10-03T14:00:00.000Z', '2026-10-03T21:00:00.000Z'],
    ['Australia/Lord_Howe', '2027-04-03T14:00:00.000Z', '2027-04-03T21:30:00.000Z'],
    ['America/Havana', '2027-03-14T04:00:00.000Z', '2027-03-14T12:00:00.000Z'],
    ['Asia/Beirut', '2026-10-24T20:30:00.000Z', '2026-10-25T06:00:00.000Z'],
  ])(
    'DST night: in %s they end at eight by the wall clock in the night that begins before %s',
    async (timeZone, now, notBefore) => {
      const { prm, sms, run, clock } = springfield({ clock: at(now), library: { timeZone } })
      expect((await prm.send(plain('a'))).outcome).toMatchObject({ notBefore })
      clock.ms = Date.parse(notBefore) - 1
      await run()
      expect(sms.taken).toEqual([])
      clock.ms++
      await run()
      expect(sms.taken).toHaveLength(1)
    },
  )

  test('that leave nothing open are a decision against, not a crash', async () => {
    const branches = [{ id: 'East', name: 'East', quietHours: { from: '08:00', to: '21:00' } }]
    const { prm, run, ils } = springfield({ library: { branches } })
    ils.batches = [{ interactions: [hold(1, 'c1', { branch: 'East' })], people: [person('c1', phone)] }]
    await run()
    expect((await prm.explain(keyOf(hold(1, 'c1')))).decision.outcome).toEqual({ send: false, rule: 'quiet' })
  })

  test('that come to leave nothing open while a message waits cancel it, and it is reported', async () => {
    const store = sqlite({ memory: true })
    const clock = at(night)
    const before = springfield({ store, clock })
    await before.prm.send(plain('a'))
    const host = springfield({ store, clock })
    await patron(host, { quietHours: { from: '08:00', to: '21:00' } })
    await scopeOf(store).commit([
      { put: [{ kind: 'message', value: { ...((await messageOf(store, 'a')) as Message), patronId: 'p1' } }] },
    ])
    await host.advance('12h')
    expect(host.settled.map(({ state }) => state)).toEqual(['cancelled'])
    expect(host.failed).toEqual([])
  })
})

describe('whose quiet hours', () => {
  const zones = {
    branches: [
      { id: 'West', name: 'West', timeZone: 'America/Los_Angeles', quietHours: { from: '20:00', to: '09:00' } },
    ],
  } satisfies Partial<Library>

  test("are the branch's where the notice is of a branch, in its zone", async () => {
    const { prm, run, ils } = springfield({ clock: at(night), library: zones })
    ils.batches = [
      {
        interactions: [hold(1, 'c1', { branch: 'West' }), hold(2, 'c2')],
        people: [person('c1', phone), person('c2', otherPhone)],
      },
    ]
    await run()
    expect((await prm.explain(keyOf(hold(1, 'c1')))).decision.outcome).toMatchObject({
      notBefore: '2026-11-25T17:00:00.000Z',
    })
    expect((await prm.explain(keyOf(hold(2, 'c2')))).decision.outcome).toMatchObject({ notBefore: at8 })
  })

  test("are the library's in the branch's zone where the branch has none of its own", async () => {
    const branches = [{ id: 'West', name: 'West', timeZone: 'America/Los_Angeles' }]
    const { prm, run, ils } = springfield({ clock: at(night), library: { branches } })
    ils.batches = [{ interactions: [hold(1, 'c1', { branch: 'West' })], people: [person('c1', phone)] }]
    await run()
    const { outcome } = (await prm.explain(keyOf(hold(1, 'c1')))).decision
    expect(outcome).toMatchObject({ notBefore: '2026-11-25T16:00:00.000Z' })
  })

  test("are the home branch's where the notice is of none", async () => {
    const { prm, run, ils } = springfield({ clock: at(night), library: zones })
    ils.batches = [{ interactions: [hold(1, 'c1')], people: [person('c1', phone, { branch: 'West' })] }]
    await run()
    expect((await prm.explain(keyOf(hold(1, 'c1')))).decision.outcome).toMatchObject({
      notBefore: '2026-11-25T17:00:00.000Z',
    })
  })

  test("are the library's in the patron's own zone, and the patron's own beside them", async () => {
    const host = springfield({ clock: at(night) })
    await patron(host, { timeZone: 'America/New_York' })
    expect((await host.prm.send(plain('a'))).outcome).toMatchObject({ notBefore: '2026-11-25T13:00:00.000Z' })
    await patron(host, { timeZone: 'America/New_York', quietHours: { from: '06:00', to: '12:00' } })
    expect((await host.prm.send(plain('b'))).outcome).toMatchObject({ notBefore: '2026-11-25T17:00:00.000Z' })
  })
})

describe('a process that was down', () => {
  test('and wakes in quiet hours waits for their end, and sends then', async () => {
    const path = storeFile()
    const clock = at('2026-11-24T23:00:00.000Z') // 17:00
    const before = springfield({ store: sqlite({ file: path }), clock })
    await before.prm.send(plain('a'))
    await before.prm.close()
    clock.ms = Date.parse(night)
    const after = springfield({ store: sqlite({ file: path }), clock })
    expect(await after.run()).toEqual({ waiting: 1, next: at8 })
    expect(after.sms.taken).toEqual([])
    clock.ms = Date.parse(at8)
    await after.run()
    expect(after.sms.taken).toHaveLength(1)
    expect((await messageOf(after.store, 'a'))?.attempts.map(({ outcome }) => outcome)).toEqual(['accepted'])
    await after.prm.close()
  })

  test('and wakes after the deadline cancels and says so, and never sends late', async () => {
    const { prm, sms, clock, run, settled, store } = springfield()
    await prm.send(plain('a', { expireAt: '2026-11-26' }))
    clock.ms = Date.parse('2026-11-27T16:00:00.000Z')
    await run()
    expect(sms.calls).toBe(0)
    expect(settled.map(({ key, state }) => [key, state])).toEqual([['a', 'expired']])
    expect((await messageOf(store, 'a'))?.state).toBe('expired')
    expect((await prm.explain('a')).text).toContain('expired: it was worthless before it could go')
  })

  test('and wakes in quiet hours that outlast the deadline cancels at once', async () => {
    const { prm, sms, clock, run, settled } = springfield()
    await prm.send(plain('a', { expireAt: '2026-11-25T12:00:00.000Z' }))
    clock.ms = Date.parse(night)
    await run()
    expect(sms.calls).toBe(0)
    expect(settled.map(({ state }) => state)).toEqual(['expired'])
  })
})

describe('a deadline', () => {
  test('that is a day lasts until local midnight: the last moment is sent, the next is not', async () => {
    for (const [ms, sent] of [
      [-1, 1],
      [0, 0],
    ] as const) {
      const { prm, sms, clock, run, settled } = springfield({ library: { quietHours: { from: '00:00', to: '00:00' } } })
      expect((await prm.send(plain('a', { expireAt: '2026-11-24' }))).outcome).toMatchObject({
        expireAt: '2026-11-25T06:00:00.000Z',
      })
      clock.ms = Date.parse('2026-11-25T06:00:00.000Z') + ms
      await run()
      expect(sms.taken).toHaveLength(sent)
      expect(settled.map(({ state }) => state)).toEqual([sent ? 'accepted' : 'expired'])
    }
  })

  test("that is a day is one of the patron's zone", async () => {
    const host = springfield()
    await patron(host, { timeZone: 'Pacific/Honolulu' })
    expect((await host.prm.send(plain('a', { expireAt: '2026-11-24' }))).outcome).toMatchObject({
      expireAt: '2026-11-25T10:00:00.000Z',
    })
  })

  test('that cannot be met is a decision against, with the two times', async () => {
    const { prm, sms, run } = springfield({ clock: at(night) })
    const { outcome, reasons } = await prm.send(plain('a', { expireAt: '2026-11-25T12:00:00.000Z' }))
    expect(outcome).toEqual({ send: false, rule: 'deadline' })
    expect(reasons.at(-1)?.detail).toBe(
      'Expires Wed, Nov 25, 05:59, before the earliest send time (Wed, Nov 25, 08:00).',
    )
    await run()
    expect(sms.calls).toBe(0)
  })

  test('that is over is a decision against', async () => {
    const { prm } = springfield()
    expect((await prm.send(plain('a', { expireAt: '2026-11-23' }))).outcome).toEqual({ send: false, rule: 'deadline' })
    expect((await prm.send(plain('b', { expireAt: '2026-11-24T16:00:00.000Z' }))).outcome).toEqual({
      send: false,
      rule: 'deadline',
    })
  })

  test('is told to the provider too', async () => {
    const { prm, sms, run } = springfield()
    await prm.send(plain('a', { expireAt: '2026-11-24' }))
    await run()
    expect(sms.taken[0]?.expireAt).toBe('2026-11-25T06:00:00.000Z')
  })

  test('ends the retries of a provider that is down', async () => {
    const { prm, sms, run, settled, advance } = springfield()
    sms.faults.push(...Array.from({ length: 100 }, () => 'unavailable' as const))
    await prm.send(plain('a', { expireAt: '2026-11-24T17:00:00.000Z' }))
    await run()
    for (let minute = 0; minute < 90; minute++) await advance('1m')
    expect(settled.map(({ state }) => state)).toEqual(['expired'])
  })

  test('ends what waits for an adapter that the host has no more', async () => {
    const before = springfield({ voice: true })
    await before.prm.send(
      plain('a', { adapters: ['phone' as 'sms'], notBefore: at8, expireAt: '2026-11-25T17:00:00.000Z' }),
    )
    const { store, clock } = before
    const { settled, advance, prm } = springfield({ store, clock })
    await advance('24h')
    expect(settled).toEqual([])
    await advance('1h')
    expect(settled.map(({ key, state }) => [key, state])).toEqual([['a', 'expired']])
    expect((await prm.explain('a')).text).toContain('expired: it was worthless before it could go')
  })
})

describe('what may not be written to in a first try', () => {
  test('is kept, and sent when it may be', async () => {
    const store = sqlite({ memory: true })
    const clock = at('2026-11-24T16:00:00.000Z')
    const free = springfield({ store, clock })
    await free.prm.send(plain('a'))
    const narrow = springfield({ store, clock, allowlist: [otherPhone] })
    await narrow.advance('1d')
    expect(narrow.sms.calls).toBe(0)
    expect((await narrow.prm.send(plain('b'))).outcome).toEqual({ send: false, rule: 'only' })
    expect((await narrow.prm.send(plain('c', { to: tel(otherPhone) }))).outcome.send).toBe(true)
    await free.advance('1d')
    expect(free.sms.taken.map(({ key }) => key).sort()).toEqual(['a', 'c'])
    expect((await free.prm.send(plain('b'))).outcome.send).toBe(true)
  })
})

test('a patron is reached where the source that spoke last says, not where the first one did', () => {
  const seen = (value: string, seenBy: string, seenAt: string) => ({ ...tel(value), seenBy, seenAt })
  const patron = {
    id: 'p',
    identities: [seen(phone, 'old', '2026-01-01T00:00:00.000Z'), seen(otherPhone, 'new', '2026-11-01T00:00:00.000Z')],
  }
  expect(reachable(patron).map(({ value }) => value)).toEqual([otherPhone, phone])
})
