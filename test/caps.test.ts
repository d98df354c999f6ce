import type { Interaction, Library, Purpose } from '@prm/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Told } from '../packages/core/src/contract/decision-inputs.ts'
import { earliestAllowed } from '../packages/core/src/schedule/allowed-time.ts'
import { instant } from '../packages/core/src/time/instants.ts'
import { breakable, Clock, card, library, morning, otherPhone, person, phone, tel } from './fake.ts'
import { mail, type Town, town } from './town.ts'

const later = (ms: number) => instant(Date.parse(morning) + ms)
const hour = 3_600_000
const allDay = { quietHours: { from: '00:00', to: '00:00' } }

async function decided(host: Town, key: string, more: object = {}) {
  const decision = await host.send(key, more)
  expect(await host.replayed(decision)).toEqual({ outcome: decision.outcome, reasons: decision.reasons })
  return decision
}
const when = async (host: Town, key: string, more: object = {}) => {
  const { outcome } = await decided(host, key, more)
  return outcome.send ? outcome.notBefore : outcome.rule
}

describe('a cap', () => {
  test('of a purpose moves what is more than it to the moment when it has room again, and says so', async () => {
    const host = town({ library: allDay, purposes: { pickup: { frequencyCap: { max: 2, per: '1d' } } } })
    expect(await when(host, 'a')).toBe(morning)
    host.clock.advance('1h')
    expect(await when(host, 'b')).toBe(later(hour))
    await host.run()
    host.clock.advance('1h')
    const { outcome, reasons } = await decided(host, 'c')
    expect(outcome).toMatchObject({ notBefore: later(25 * hour) }) // 'a' went out with the run, an hour late
    expect(reasons.at(-1)).toEqual({
      rule: 'cap',
      verdict: 'defer',
      detail: 'Frequency cap: it waits until Wed, Nov 25, 11:00.',
    })
    expect(await when(host, 'd', { purpose: 'news' })).toBe(later(2 * hour))
    expect(await when(host, 'e', { to: tel(otherPhone) })).toBe(later(2 * hour))
    await host.advance('22h')
    expect(host.told()).toHaveLength(4)
    await host.advance('1h')
    expect(host.told()).toHaveLength(5)
  })

  test('over all purposes counts them all, and what is planned with them', async () => {
    const host = town({ library: { ...allDay, frequencyCap: { max: 2, per: '1d' } } })
    expect(await when(host, 'a')).toBe(morning)
    expect(await when(host, 'b', { purpose: 'news' })).toBe(morning)
    expect(await when(host, 'c')).toBe(later(24 * hour))
    expect(await when(host, 'd', { purpose: 'news' })).toBe(later(24 * hour))
    expect(await when(host, 'e')).toBe(later(48 * hour))
  })

  test('does not count what was cancelled, expired, rejected or could not be delivered', async () => {
    const host = town({ library: { ...allDay, frequencyCap: { max: 1, per: '1d' } } })
    await host.meet(person('c1', phone, { also: [tel(phone), tel(otherPhone)] }))
    for (const fault of ['invalid', 'undeliverable'] as const) {
      host.sms.faults.push(fault)
      expect(await when(host, fault, { to: card('c1') })).toBe(morning)
      await host.run()
    }
    expect(await when(host, 'a', { to: card('c1'), expireAt: later(hour), notBefore: later(1) })).toBe(later(1))
    host.clock.advance('2h')
    await host.run()
    expect((await host.message('a'))?.state).toBe('expired')
    expect(await when(host, 'b', { to: card('c1') })).toBe(later(2 * hour))
  })

  test('counts a digest once', async () => {
    const host = town({ library: { ...allDay, frequencyCap: { max: 1, per: '1d' } } })
    await host.meet(person('c1', phone))
    const digest = { to: card('c1'), content: { template: 'pickup', data: { pickup: 'Main' } }, digest: 'd' }
    for (const key of ['1', '2', '3']) await host.send(key, digest)
    await host.run()
    expect(host.sms.taken.map(({ content }) => content.text)).toEqual(['3 to collect at Main.'])
  })

  test('counts what a guardian was told of each child', async () => {
    const host = town({
      library: { ...allDay, frequencyCap: { max: 1, per: '1d' } },
      purposes: { pickup: { minor: 'guardian' } },
    })
    const relations = [{ kind: 'guardian', at: card('mother') }] as const
    const child = (name: string) => person(name, phone, { birthDate: '2015-01-01', relations })
    await host.meet(child('ann'), child('bob'), person('mother', otherPhone))
    expect(await when(host, 'a', { to: card('ann') })).toBe(morning)
    expect(await when(host, 'b', { to: card('bob') })).toBe(later(24 * hour))
    expect(await when(host, 'c', { to: card('mother') })).toBe(later(48 * hour))
  })

  test('past the deadline is a decision against', async () => {
    const host = town({ library: { ...allDay, frequencyCap: { max: 1, per: '1d' } } })
    await host.send('a')
    const { outcome, reasons } = await decided(host, 'b', { expireAt: '2026-11-24' })
    expect(outcome).toEqual({ send: false, rule: 'deadline' })
    expect(reasons.some(({ rule, verdict }) => rule === 'cap' && verdict === 'defer')).toBe(true)
  })

  test('and quiet hours leave the first moment that both leave', async () => {
    const host = town({ library: { frequencyCap: { max: 1, per: '12h' } } })
    await host.send('a')
    expect(await when(host, 'b')).toBe('2026-11-25T14:00:00.000Z')
    expect(await when(host, 'c')).toBe('2026-11-26T02:00:00.000Z')
  })

  test.each([['one address'], ['two addresses']])(
    'holds for decisions of the same moment by %s: the rest wait at release, and none is dropped',
    async (ways) => {
      const host = town({ library: { ...allDay, frequencyCap: { max: 1, per: '1d' } } })
      await host.meet(person('c1', phone, { also: [tel(phone), mail('a@example.org')] }))
      const keys = ['a', 'b', 'c', 'd']
      const via = (index: number) => (ways === 'one address' ? 'sms' : index % 2 ? 'sms' : 'email')
      const sends = keys.map((key, index) => ({
        key,
        to: card('c1'),
        purpose: 'pickup',
        content: { text: 'x' },
        via: [via(index)],
      }))
      for await (const { outcome } of host.prm.sendAll(sends)) expect(outcome).toMatchObject({ notBefore: morning })
      const days: number[] = []
      for (let hours = 0; hours <= 96; hours += 6) {
        const before = host.told().length
        await host.run()
        if (host.told().length > before) days.push(hours)
        expect(host.told().length - before).toBeLessThanOrEqual(1)
        host.clock.advance('6h')
      }
      expect(days).toEqual([0, 24, 48, 72])
      expect(host.settled.map(({ state }) => state)).toEqual(Array(4).fill('accepted'))
    },
  )

  test('keeps with a decision what it counted, and no more', async () => {
    const host = town({ library: { ...allDay, frequencyCap: { max: 1, per: '1d' } } })
    await host.send('a')
    await host.run()
    const kept = async (key: string) => ((await decided(host, key)).inputs.own as { told?: unknown }).told
    expect(await kept('b')).toEqual([{ at: morning, purpose: 'pickup' }])
    host.clock.advance('3d')
    await host.run()
    host.clock.advance('3d')
    expect(await kept('c')).toEqual([])
  })

  test('reads nothing where none is', async () => {
    for (const [cap, reads] of [
      [undefined, 0],
      [{ max: 5, per: '1d' }, 4],
    ] as const) {
      const store = breakable()
      let found = 0
      const counted = { ...store, scope: (id: string) => count(store.scope(id), () => found++) }
      const host = town({ store: counted, clock: new Clock(), library: { ...(cap && { frequencyCap: cap }) } })
      await host.meet(person('c1', phone))
      await host.send('a', { to: card('c1') })
      await host.run()
      expect(found).toBe(reads)
    }
  })
})

function count<S extends { find(kind: never, query: never): AsyncIterable<Interaction> }>(scope: S, on: () => void): S {
  return {
    ...scope,
    find(kind: string, query: never) {
      if (kind === 'message') on()
      return scope.find(kind as never, query)
    },
  }
}

test('the moment that caps leave is the first before which each has room', () => {
  const purposes = ['a', 'b'] as const
  const minute = 60_000
  const told = fc.array(fc.record({ purpose: fc.constantFrom(...purposes), at: fc.integer({ min: -300, max: 120 }) }), {
    maxLength: 12,
  })
  const cap = fc.record({ max: fc.integer({ min: 1, max: 3 }), minutes: fc.integer({ min: 1, max: 180 }) })
  fc.assert(
    fc.property(told, fc.option(cap), fc.option(cap), (some, own, all) => {
      const given = ({ max, minutes }: { max: number; minutes: number }) => ({ max, per: `${minutes}m` as const })
      const place = { ...library, ...allDay, ...(all && { frequencyCap: given(all) }) } as Library
      const purpose = { basis: 'service', class: 'service', ...(own && { frequencyCap: given(own) }) } as Purpose
      const heard: Told[] = some.map(({ purpose, at }) => ({ purpose, at: later(at * minute) }))
      const { at } = earliestAllowed(
        { library: place, purposes: { a: purpose } },
        { purpose: 'a', told: heard },
        {},
        'sms',
        Date.parse(morning),
      )
      const room = (now: number) =>
        [own && { ...own, of: 'a' }, all && { ...all, of: undefined }].every((one) => {
          if (!one) return true
          const within = some.filter(
            (word) => (!one.of || word.purpose === one.of) && word.at <= now && word.at > now - one.minutes,
          )
          return within.length < one.max
        })
      let now = 0
      while (!room(now)) now++
      expect(at).toBe(Date.parse(morning) + now * minute)
    }),
    { numRuns: 500 },
  )
})

test('a cap counts what was planned long ahead', async () => {
  const host = town({ purposes: { pickup: { frequencyCap: { max: 1, per: '7d' } } } })
  await host.meet(person('7', phone))
  await host.send('far', { to: card('7'), notBefore: '2027-01-20T16:00:00.000Z' })
  host.clock.ms = Date.parse('2027-01-20T16:00:00.000Z')
  await host.run()
  expect(host.told()).toHaveLength(1)
  host.clock.ms += 60_000
  const { outcome } = await host.send('second', { to: card('7') })
  expect(outcome).toMatchObject({ send: true, notBefore: '2027-01-27T16:00:00.000Z' })
})
