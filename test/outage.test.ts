import { type Adapter, createPrm, type Instant, type Library, type Prm, type Purpose, type Store } from '@prm/core'
import { sqlite } from '@prm/store-sqlite'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { localDay } from '../packages/core/src/time/zones.ts'
import {
  all,
  breakable,
  Clock,
  card,
  type FakeSms,
  fakeFeed,
  fakeSms,
  hold,
  jobsOf,
  library,
  messageOf,
  messagesOf,
  phone,
  reported,
  scopeOf,
  tel,
  texted,
  webhook,
} from './fake.ts'
import { idOf, mail } from './town.ts'

type Code = FakeSms['faults'][number]
/** A text by the other provider costs a cent. */
const cent = { micros: 10_000, currency: 'USD' }
const cents = (count: number) => ({ micros: 10_000 * count, currency: 'USD' })
const number = (n: number) => `+1212555${String(1_000 + n)}`

/** Two providers of texts, of which the first may be down; `urgent` may go around it for three cents a day. */
function two(
  given: {
    readonly failover?: Purpose['failover']
    readonly urgent?: Partial<Purpose>
    readonly library?: Partial<Library>
    readonly sms?: FakeSms
    readonly backup?: FakeSms
    readonly more?: { readonly [id: string]: Adapter }
    readonly store?: Store
    readonly clock?: Clock
    readonly at?: Instant
  } = {},
) {
  const { store = sqlite({ memory: true }), clock = new Clock(given.at) } = given
  const { sms = fakeSms(), backup = fakeSms({ price: cent, senders: [{ address: tel('+12125550111') }] }) } = given
  const service = { basis: 'service', class: 'service' } as const
  const prm = createPrm({
    library: { ...library, ...given.library },
    adapters: { sms, backup, ils: fakeFeed(), ...given.more },
    store,
    purposes: {
      urgent: { ...service, quietHours: 'ignore', failover: given.failover ?? { perDay: cents(3) }, ...given.urgent },
      pickup: service,
    },
    publicUrl: 'https://library.example/prm',
    now: clock.now,
  } as never) as unknown as Prm
  const run = () => prm.run({ once: true })
  return {
    prm,
    sms,
    backup,
    store,
    clock,
    run,
    async advance(by: Parameters<Clock['advance']>[0]) {
      clock.advance(by)
      await run()
    },
    async minutes(count: number) {
      for (let minute = 0; minute < count; minute++) await this.advance('1m')
    },
    send: (key: string, more: object = {}) =>
      prm.send({ to: tel(phone), purpose: 'urgent', content: { text: `text ${key}` }, key, ...more }),
    /** The first provider fails from now on, and is known to. */
    async down(code: Code = 'unavailable') {
      sms.faults.push(...Array.from({ length: 1_000 }, () => code))
      const from = (await messagesOf(store)).length
      for (let n = 0; n < 10; n++) await this.send(`probe ${from + n}`, { to: tel(number(n)), purpose: 'pickup' })
      await run()
    },
    up() {
      sms.faults.length = 0
    },
    told: (by: FakeSms) => by.taken.map(({ key }) => key).filter((key) => !key.startsWith('probe')),
  }
}
type Two = ReturnType<typeof two>

/** One decision, and that it comes out again. */
async function explained({ prm }: Two, key: string) {
  expect((await prm.replay(key)).same).toBe(true)
  return prm.explain(key)
}

describe('what is urgent', () => {
  test('goes by the other provider once the first has been down for five minutes; the rest waits for the first', async () => {
    const host = two()
    await host.down()
    await host.send('a')
    await host.send('b', { purpose: 'pickup' })
    await host.minutes(4)
    expect([host.told(host.sms), host.told(host.backup)]).toEqual([[], []])
    await host.minutes(2)
    expect([host.told(host.sms), host.told(host.backup)]).toEqual([[], ['a again']])
    host.up()
    await host.minutes(30)
    expect([host.told(host.sms), host.told(host.backup)]).toEqual([['b'], ['a again']])
    expect(host.sms.taken).toHaveLength(11)
  })

  test('says so at both decisions, which come out again', async () => {
    const host = two()
    await host.down()
    await host.send('a')
    await host.minutes(6)
    const [before, after] = [await explained(host, 'a'), await explained(host, 'a again')]
    expect(before.text).toContain('cancelled: outage: its provider is down; another way is tried')
    expect(before.text).toContain('Then another way: see "a again".')
    expect(after.decision).toMatchObject({
      replaces: { source: 'prm', key: 'a' },
      outcome: { send: true, via: 'backup', cost: cent, from: tel('+12125550111') },
      inputs: { own: { after: { why: 'outage', outage: { of: 'sms', down: ['sms'] } }, spent: {} } },
    })
    expect(after.decision.reasons).toContainEqual({
      rule: 'outage',
      verdict: 'pass',
      detail: 'Its provider is down and the message is urgent: trying another provider of the same medium.',
    })
  })

  test('goes to the first again as soon as that answers, and one a minute asks', async () => {
    const host = two({ failover: { after: '1m', perDay: cents(1_000) } })
    await host.down()
    const calls = host.sms.calls
    for (let minute = 0; minute < 20; minute++) {
      for (let n = 0; n < 5; n++) await host.send(`${minute} ${n}`, { to: tel(number(n)) })
      await host.advance('1m')
    }
    // The ten that are not urgent are tried as before, all at the end of a pause; of the urgent one.
    const urgent =
      host.sms.calls -
      calls -
      (await messagesOf(host.store)).reduce(
        (sum, { key, attempts }) => sum + (key.startsWith('probe') ? attempts.length - 1 : 0),
        0,
      )
    expect(urgent).toBeGreaterThan(0)
    expect(urgent).toBeLessThanOrEqual(20)
    host.up()
    await host.advance('1m')
    await host.advance('1m')
    const moved = host.backup.taken.length
    for (let n = 0; n < 5; n++) await host.send(`late ${n}`, { to: tel(number(n)) })
    await host.run()
    expect(host.backup.taken).toHaveLength(moved)
    expect(host.told(host.sms).filter((key) => key.startsWith('late'))).toHaveLength(5)
  })

  test('goes around where little is sent too, and where the credentials are refused', async () => {
    for (const code of ['unavailable', 'auth'] as const) {
      const host = two()
      host.sms.faults.push(...Array.from({ length: 100 }, () => code))
      await host.send('a')
      await host.run()
      for (let quarter = 0; quarter < 60; quarter++) await host.advance('15s')
      expect([code, host.told(host.backup)]).toEqual([code, ['a again']])
    }
  })

  test('goes around where every answer breaks its shape: nobody can say what became of what was called', async () => {
    const host = two({ failover: { perDay: cents(20) } })
    await host.down('contract')
    await host.send('a')
    await host.minutes(8)
    expect(host.told(host.backup)).toEqual(['a again'])
    expect(await host.prm.outages()).toMatchObject([{ code: 'unknown' }])
  })

  test('goes around where a provider that was down answers again, but only that it is too busy', async () => {
    const host = two({ failover: { perDay: cents(20) } })
    await host.down()
    host.sms.faults.fill('rate_limited')
    await host.minutes(6)
    await host.send('a')
    await host.minutes(8)
    expect(host.told(host.backup)).toEqual(['a again'])
    host.up()
    await host.minutes(30)
    expect(await host.prm.outages()).toMatchObject([{ until: expect.any(String) }])
  })

  test('does not count calls of other days: three in a row without an answer are no outage then', async () => {
    const host = two()
    for (let day = 0; day < 3; day++) {
      host.sms.faults.push('unavailable')
      const expireAt = new Date(host.clock.ms + 3_000).toISOString()
      await host.send(`day ${day}`, { purpose: 'pickup', expireAt })
      await host.run()
      await host.advance('24h')
    }
    expect(host.sms.calls).toBe(3)
    expect(await host.prm.outages()).toEqual([])
  })

  test('goes in its order to one person, also by two hosts; the one that asks may come after', async () => {
    const host = two({ failover: { after: '1m', perDay: cents(1_000) } })
    const other = two({ ...host, failover: { after: '1m', perDay: cents(1_000) } })
    await host.down()
    await host.minutes(3)
    const keys = Array.from({ length: 12 }, (_, n) => `a${n}`)
    for (const key of keys) await host.send(key)
    for (let minute = 0; minute < 8; minute++) {
      host.clock.advance('1m')
      await Promise.all([host.run(), other.run()])
    }
    const asked = (await messagesOf(host.store)).filter(({ attempts }) =>
      attempts.some(({ outcome }) => outcome.startsWith('unavailable')),
    )
    const rest = keys.filter((key) => !asked.some((one) => one.key === key))
    expect(rest.length).toBeGreaterThan(8)
    expect(host.told(host.backup)).toHaveLength(12)
    const told = host.told(host.backup).map((key) => key.replace(' again', ''))
    expect(told.filter((key) => rest.includes(key))).toEqual(rest)
  })

  test('asks once after a night without a call, and all wait for the answer: none is paid for that need not be', async () => {
    const host = two()
    await host.down()
    await host.minutes(10)
    host.up()
    host.clock.ms = Date.parse('2026-11-25T15:00:00.000Z')
    for (const message of await messagesOf(host.store))
      await scopeOf(host.store).commit([{ cancel: [{ key: `deliver:${message.key}` }] }])
    for (let n = 0; n < 5; n++) await host.send(`a${n}`, { to: tel(number(200 + n)) })
    await host.run()
    await host.advance('10s')
    expect([host.told(host.sms).length, host.told(host.backup).length]).toEqual([5, 0])
  })

  test('waits where an outage is short, or one call in a row is answered, with whatever', async () => {
    const host = two()
    for (let minute = 0; minute < 20; minute++) {
      host.sms.faults.push('unavailable', 'unavailable', 'invalid')
      for (let n = 0; n < 3; n++) await host.send(`${minute} ${n}`, { to: tel(number(n)) })
      await host.advance('1m')
    }
    host.sms.faults.length = 0
    await host.advance('30m')
    expect(host.backup.taken).toEqual([])
    expect(await host.prm.outages()).toEqual([])
  })
})

describe('nobody is told twice', () => {
  test('a start of which nobody knows what became stays where it was, and is looked up', async () => {
    const host = two()
    await host.down('hang')
    host.sms.findFaults.push(...Array.from({ length: 1_000 }, () => 'unavailable' as const))
    await host.send('a')
    await host.minutes(30)
    expect(host.told(host.backup)).toEqual(['a again'])
    host.up()
    host.sms.findFaults.length = 0
    await host.minutes(60)
    const texts = [...host.sms.taken, ...host.backup.taken].map(({ content }) => content.text)
    expect(texts.toSorted()).toEqual([...new Set(texts)].toSorted())
    expect(texts).toHaveLength(11)
  })

  test('an urgent one whose answer was lost does not move, however long the outage', async () => {
    const host = two()
    host.sms.faults.push('hang', ...Array.from({ length: 1_000 }, () => 'unavailable' as const))
    host.sms.findFaults.push(...Array.from({ length: 1_000 }, () => 'unavailable' as const))
    await host.send('a')
    await host.run()
    await host.down()
    await host.minutes(60)
    expect(await messageOf(host.store, 'a')).toMatchObject({ state: 'unknown' })
    expect(host.backup.taken).toEqual([])
    host.up()
    host.sms.findFaults.length = 0
    await host.minutes(60)
    expect(await messageOf(host.store, 'a')).toMatchObject({ state: 'sent' })
    expect([host.told(host.sms), host.told(host.backup)]).toEqual([['a'], []])
  })

  test('what both providers call by the same id is not taken for the other', async () => {
    const host = two()
    await host.send('a', { adapters: ['backup'] })
    await host.run()
    host.sms.faults.push('hang')
    await host.send('b')
    await host.minutes(30)
    expect([...host.backup.taken, ...host.sms.taken].map(({ id, key }) => [id, key])).toEqual([
      ['F1', 'a'],
      ['F1', 'b'],
    ])
  })

  test.each(['unavailable', 'unknown'] as const)(
    'what may have gone before this host began is not moved before it could have been looked up (%s)',
    async (code) => {
      const first = two()
      await first.down(code)
      await first.send('a')
      first.clock.advance('10m')
      const host = two({ ...first })
      host.sms.findFaults.push(...Array.from({ length: 1_000 }, () => 'unavailable' as const))
      await host.minutes(55)
      expect(host.backup.taken).toEqual([])
      await host.minutes(10)
      expect(host.told(host.backup)).toEqual(['a again'])
    },
  )

  test.each(['before', 'after'] as const)(
    'a host that dies %s the new decision is written leaves one text',
    async (when) => {
      const store = breakable()
      const host = two({ store })
      await host.down()
      await host.send('a')
      let struck = 0
      const strike: typeof store.before = (batches) => {
        const has = batches.some(({ put = [] }) =>
          put.some((one) => one.kind === 'decision' && one.value.key === 'a again'),
        )
        if (has && struck++ === 0) throw new Error('killed')
      }
      store[when] = strike
      for (let minute = 0; minute < 9 && struck === 0; minute++) await host.advance('1m')
      expect(struck).toBe(1)
      expect((await messageOf(host.store, 'a'))?.state).toBe('cancelled')
      const next = two({ ...host, store })
      await next.minutes(5)
      expect([next.told(next.sms), next.told(next.backup)]).toEqual([[], ['a again']])
      const row = await scopeOf(store).get('sender', 'failover urgent USD')
      expect(row?.value.days).toEqual({ '2026-11-24': cent.micros })
    },
  )

  test('a host that dies between is followed by one that sends it, once', async () => {
    const host = two()
    await host.down()
    await host.send('a')
    const stop = new AbortController()
    host.prm.on('message', ({ key }) => key === 'a' && stop.abort())
    await host.minutes(4)
    host.clock.advance('1m')
    await host.prm.run({ once: true, signal: stop.signal }).catch(() => undefined)
    expect((await messageOf(host.store, 'a'))?.state).toBe('cancelled')
    expect((await jobsOf(host.store)).map(({ key }) => key)).toContain('again:a')
    const next = two({ ...host })
    await next.run()
    expect(next.told(next.backup)).toEqual(['a again'])
  })

  test('what is reported as delivered after all, before another way was decided, is not told again', async () => {
    const host = two()
    await host.down()
    await host.send('a')
    const stop = new AbortController()
    host.prm.on('message', ({ key }) => key === 'a' && stop.abort())
    await host.minutes(4)
    host.clock.advance('1m')
    await host.prm.run({ once: true, signal: stop.signal }).catch(() => undefined)
    expect((await messageOf(host.store, 'a'))?.state).toBe('cancelled')
    await host.prm.handle(webhook([reported('r1', 'a', { state: 'delivered', raw: 'delivered' })]))
    const next = two({ ...host })
    await next.minutes(10)
    expect(await messageOf(host.store, 'a')).toMatchObject({ contradictions: [{ state: 'delivered' }] })
    expect(next.told(next.backup)).toEqual([])
  })

  test('whatever fails when, on two hosts: each text at most once, none lost, and no day costs more than it may', async () => {
    const days = fc.array(
      fc.record({
        sms: fc.constantFrom(undefined, 'unavailable', 'unknown', 'hang', 'auth', 'rate_limited'),
        backup: fc.constantFrom(undefined, undefined, 'unavailable', 'hang'),
        sends: fc.nat(3),
        minutes: fc.constantFrom(1, 3, 8),
      } as const),
      { minLength: 3, maxLength: 7 },
    )
    await fc.assert(
      fc.asyncProperty(days, async (phases) => {
        const one = two({ failover: { after: '2m', perDay: cents(4) } })
        const other = two({ ...one, failover: { after: '2m', perDay: cents(4) } })
        const keys: string[] = []
        const pass = async (minutes: number) => {
          for (let minute = 0; minute < minutes; minute++) {
            one.clock.advance('1m')
            // Both at once takes its time, since each waits for what the other has in hand.
            if (minute % 4 === 0) await Promise.all([one.run(), other.run()])
            else for (const { run } of [one, other]) await run()
          }
        }
        for (const { sms, backup, sends, minutes } of phases) {
          const fail = (by: FakeSms, code: Code | undefined) => {
            by.faults.length = 0
            if (code) by.faults.push(...Array.from({ length: 500 }, () => code))
          }
          fail(one.sms, sms)
          fail(one.backup, backup)
          for (let n = 0; n < sends; n++) {
            const key = `k${keys.length}`
            keys.push(key)
            await one.send(key, { to: tel(number(n)) })
          }
          await pass(minutes)
        }
        one.up()
        one.backup.faults.length = 0
        // A wait may have doubled to hours.
        for (let hour = 0; hour < 12; hour++) {
          one.clock.advance('2h')
          await pass(1)
        }
        const texts = [...one.sms.taken, ...one.backup.taken].map(({ content }) => content.text)
        expect(texts.toSorted()).toEqual(keys.map((key) => `text ${key}`).toSorted())
        const decisions = await all(scopeOf(one.store).find('decision', {}))
        const spent = new Map<string, number>()
        for (const { outcome, replaces } of decisions)
          if (outcome.send && replaces && outcome.via === 'backup') {
            const day = localDay(Date.parse(outcome.notBefore), library.timeZone)
            spent.set(day, (spent.get(day) ?? 0) + (outcome.cost?.micros ?? 0))
          }
        for (const micros of spent.values()) expect(micros).toBeLessThanOrEqual(cents(4).micros)
      }),
      { numRuns: 3, endOnFailure: true },
    )
  }, 120_000)
})

describe('the money of a day', () => {
  const six = async (host: Two) => {
    await host.down()
    for (let n = 0; n < 6; n++) await host.send(`a${n}`, { to: tel(number(100 + n)) })
    await host.minutes(6)
    await host.minutes(5)
  }

  test('is not exceeded; what is more waits and says so once, and goes the next day, by the library', async () => {
    const host = two()
    await six(host)
    expect(host.told(host.backup)).toHaveLength(3)
    const waits = (await messagesOf(host.store)).filter(({ key, state }) => key.startsWith('a') && state === 'planned')
    expect(waits).toHaveLength(3)
    const why = "outage: The day's budget for other providers is used up."
    for (const { attempts } of waits) expect(attempts.filter(({ outcome }) => outcome === why)).toHaveLength(1)
    expect((await explained(host, waits[0]?.key ?? '')).text).toContain(why)
    // Ten in the evening of the same day in Chicago, which in UTC is the next.
    host.clock.ms = Date.parse('2026-11-25T04:00:00.000Z')
    await host.run()
    expect(host.told(host.backup)).toHaveLength(3)
    host.clock.ms = Date.parse('2026-11-25T06:01:00.000Z')
    await host.minutes(20)
    expect(host.told(host.backup)).toHaveLength(6)
  })

  test('goes to the first when that is back, where it was spent', async () => {
    const host = two()
    await six(host)
    host.up()
    await host.minutes(30)
    expect([host.told(host.sms).length, host.told(host.backup).length]).toEqual([3, 3])
  })

  test('holds for several hosts at once, and after a restart', async () => {
    const host = two({ failover: { perDay: cents(7) } })
    const others = [
      host,
      two({ ...host, failover: { perDay: cents(7) } }),
      two({ ...host, failover: { perDay: cents(7) } }),
    ]
    await host.down()
    for (let n = 0; n < 40; n++) await host.send(`a${n}`, { to: tel(number(100 + n)) })
    for (let minute = 0; minute < 12; minute++) {
      host.clock.advance('1m')
      await Promise.all(others.map(({ run }) => run()))
    }
    expect(host.told(host.backup)).toHaveLength(7)
    const next = two({ ...host, failover: { perDay: cents(9) } })
    await next.minutes(5)
    expect(host.told(host.backup)).toHaveLength(9)
  })

  test('that another host spends at the same moment is not spent twice', async () => {
    const store = breakable()
    const host = two({ store, failover: { perDay: cents(1) } })
    await host.down()
    await host.send('a')
    let spent = 0
    store.before = async (batches) => {
      const books = batches.some(({ put = [] }) => put.some(({ kind }) => kind === 'sender'))
      if (!books || spent++ > 0) return
      const value = { id: 'failover urgent USD', schedule: {}, days: { '2026-11-24': cent.micros } }
      store.before = () => undefined
      await scopeOf(store).commit([{ put: [{ kind: 'sender', value }] }])
    }
    await host.minutes(20)
    expect(spent).toBe(1)
    expect(host.told(host.backup)).toEqual([])
    expect((await explained(host, 'a again')).decision.outcome).toMatchObject({ send: true, via: 'sms' })
    host.up()
    await host.minutes(20)
    expect(host.told(host.sms)).toEqual(['a again'])
  })

  test.each([
    [
      'what has no known price',
      fakeSms(),
      'outage: No price is configured for the other provider, so no budget can hold.',
    ],
    [
      'what costs another currency',
      fakeSms({ price: { micros: 1, currency: 'EUR' } }),
      'outage: The other provider charges EUR, and the budget is in USD.',
    ],
  ])('%s waits, and says so', async (_, backup, why) => {
    const host = two({ backup })
    await six(host)
    expect(backup.taken).toEqual([])
    expect((await messageOf(host.store, 'a0'))?.attempts.map(({ outcome }) => outcome)).toContain(why)
  })

  test('is none of what costs nothing', async () => {
    const host = two({ backup: fakeSms({ price: { micros: 0, currency: 'USD' } }), failover: { perDay: cents(0) } })
    await six(host)
    expect(host.told(host.backup)).toHaveLength(6)
  })

  test.each([
    ['after', { after: 'soon', perDay: cents(1) }],
    ['perDay', { perDay: { micros: -1, currency: 'USD' } }],
    ['perDay', { perDay: { micros: 1, currency: 'dollars' } }],
  ])('is refused at start where %s makes no sense', (field, failover) => {
    expect(() => two({ failover: failover as never })).toThrow(`purposes.urgent.failover.${field}`)
  })
})

describe('what else is asked of a decision is asked of this one', () => {
  const moved = async (host: Two, more: object = {}) => {
    await host.down()
    await host.send('a', more)
    await host.minutes(8)
    return host.told(host.backup)
  }

  test('only by an adapter that the send, and its branch, allow', async () => {
    expect(await moved(two(), { adapters: ['sms'] })).toEqual([])
    expect(await moved(two(), { adapters: ['sms', 'backup'] })).toEqual(['a again'])
    const branches = [{ id: 'East', name: 'East', adapters: ['sms'] }]
    const host = two({ library: { branches } })
    await host.prm.record([hold(1, 'c1', { branch: 'East' })])
    expect(await moved(host, { about: [{ source: 'ils', key: 'hold-ready 1 2026-12-24' }] })).toEqual([])
  })

  test('only by the same medium, and by one that is not down too', async () => {
    const other = (medium: string) => two({ backup: fakeSms({ medium, price: cent }) })
    expect(await moved(other('voice'))).toEqual([])
    const host = two({ more: { third: fakeSms({ price: cent }) } })
    host.backup.faults.push(...Array.from({ length: 1_000 }, () => 'auth' as const))
    await host.send('known', { adapters: ['backup'], purpose: 'pickup' })
    expect(await moved(host)).toEqual([])
    expect(await messageOf(host.store, 'a again')).toMatchObject({ via: 'third', state: 'accepted' })
  })

  test('only by the same medium, also where another is preferred and an address for it has come', async () => {
    const host = two({ more: { email: fakeSms({ medium: 'email', schemes: ['mailto'], price: cent }) } })
    const ada = { at: card('c1'), preferences: { '*': ['email', 'sms'] } }
    await host.prm.record([], [{ ...ada, also: [tel(phone)] }])
    await host.down()
    await host.send('a', { to: card('c1') })
    await host.prm.record([], [{ ...ada, also: [tel(phone), mail('ada@example.org')] }])
    await host.minutes(8)
    expect(await messageOf(host.store, 'a again')).toMatchObject({ via: 'backup', state: 'accepted' })
  })

  test('not in quiet hours, where its purpose keeps them: by the morning its own may be back', async () => {
    const host = two({ at: '2026-11-25T02:50:00.000Z', urgent: { quietHours: 'defer' } })
    await host.down('unknown')
    await host.minutes(9)
    await host.advance('50s')
    await host.send('a')
    await host.advance('20s') // over nine in the evening
    await host.minutes(8)
    expect(await messageOf(host.store, 'a again')).toBeUndefined()
    expect(await messageOf(host.store, 'a')).toMatchObject({ state: 'planned', attempts: [] })
  })

  test('at the rate of its sender', async () => {
    const senders = [{ address: tel('+12125550111'), perSecond: 1 / 60 }]
    const host = two({ backup: fakeSms({ price: cent, senders }) })
    await host.down()
    for (let n = 0; n < 3; n++) await host.send(`a${n}`, { to: tel(number(100 + n)) })
    await host.minutes(5)
    expect(host.told(host.backup)).toHaveLength(2)
    await host.minutes(8)
    expect(host.told(host.backup)).toHaveLength(3)
  })

  test('what is worthless before that goes by another medium, where its purpose falls back', async () => {
    for (const code of ['unavailable', 'unknown'] as const) {
      const email = fakeSms({ medium: 'email', schemes: ['mailto'] })
      const host = two({ more: { email }, urgent: { media: ['sms', 'email'], fallback: ['deadline'] } })
      await host.prm.record([], [{ at: card('c1'), also: [tel(phone), mail('ada@example.org')] }])
      await host.down(code)
      await host.send('a', { to: card('c1'), expireAt: '2026-11-24T16:04:00.000Z' })
      await host.minutes(6)
      expect([code, host.told(email)]).toEqual([code, ['a again']])
    }
  })

  test('a STOP that one provider heard holds at the other', async () => {
    for (const path of ['/prm/sms', '/prm/backup']) {
      const host = two()
      await host.down()
      await host.send('a')
      await host.prm.handle(webhook([texted('m1', 'STOP', phone, { confirmed: true })], { path }))
      await host.minutes(8)
      expect(host.told(host.backup)).toEqual([])
      host.up()
      await host.minutes(30)
      expect(host.told(host.sms)).toEqual([])
      expect((await messageOf(host.store, 'a'))?.state).toBe('cancelled')
    }
  })

  test('a STOP that comes between the two decisions holds', async () => {
    const host = two()
    await host.down()
    await host.send('a')
    host.prm.on('message', ({ key }) => {
      if (key === 'a') return host.prm.handle(webhook([texted('m1', 'STOP', phone, { confirmed: true })]))
      return undefined
    })
    await host.minutes(6)
    await host.minutes(6)
    expect(host.told(host.backup)).toEqual([])
  })

  test('an answer in a conversation stays with the number that the patron wrote to', async () => {
    const host = two()
    await host.prm.handle(webhook([texted('m1', 'When do you close?')]))
    await host.down()
    const [conversation] = await all(host.prm.conversations({ state: 'open' }))
    await host.prm.reply(conversation?.id ?? '', { text: 'At six.' }, { key: 'r', purpose: 'urgent' })
    await host.minutes(20)
    expect(host.backup.taken).toEqual([])
  })

  test('what the patron answers to the other number is of the same notice', async () => {
    const host = two()
    await host.prm.record([hold(1, 'c1')], [{ at: card('c1'), also: [tel(phone)] }])
    await host.down()
    await host.send('a', { to: card('c1'), about: [{ source: 'ils', key: 'hold-ready 1 2026-12-24' }] })
    await host.minutes(6)
    expect(host.told(host.backup)).toEqual(['a again'])
    const answer = { ...texted('m1', 'Can I come on Monday?'), to: tel('+12125550111') }
    await host.prm.handle(webhook([answer], { path: '/prm/backup' }))
    const [conversation] = await all(host.prm.conversations({ state: 'open' }))
    expect(conversation).toMatchObject({
      source: 'backup',
      patronId: idOf('c1'),
      context: { notice: { source: 'ils', key: 'hold-ready 1 2026-12-24' }, kind: 'hold-ready' },
    })
    const { decision } = await host.prm.reply(conversation?.id ?? '', { text: 'Yes.' }, { key: 'r', purpose: 'urgent' })
    expect(decision.outcome).toMatchObject({ send: true, via: 'backup', from: tel('+12125550111') })
  })
})

describe('the report', () => {
  /** An outage of an hour: one patron late, two moved, one whose notice was worthless by then. */
  async function hour() {
    const host = two({ failover: { perDay: cents(2) } })
    const people = [1, 2, 3, 4].map((n) => ({ at: card(`c${n}`), also: [tel(number(100 + n))] }))
    await host.prm.record([], people)
    await host.down()
    await host.send('u1', { to: card('c1') })
    await host.send('u2', { to: card('c2') })
    await host.send('w', { to: card('c3'), purpose: 'pickup' })
    await host.send('x', { to: card('c4'), purpose: 'pickup', expireAt: '2026-11-24T16:30:00.000Z' })
    await host.minutes(60)
    return host
  }

  test('says while it lasts who was moved, who waits, and what it cost', async () => {
    const host = await hour()
    const [outage, ...more] = await host.prm.outages()
    expect(more).toEqual([])
    expect(outage).toMatchObject({
      adapter: 'sms',
      since: '2026-11-24T16:00:00.000Z',
      code: 'unavailable',
      cost: [cents(2)],
    })
    expect(outage).not.toHaveProperty('until')
    expect(outage?.affected.filter(({ key }) => !key.startsWith('probe'))).toEqual([
      { key: 'u1', patronId: idOf('c1'), result: 'rerouted' },
      { key: 'u2', patronId: idOf('c2'), result: 'rerouted' },
      { key: 'w', patronId: idOf('c3'), result: 'waiting' },
      { key: 'x', patronId: idOf('c4'), result: 'expired' },
    ])
  })

  test('says the next day when it ended, and who was late', async () => {
    const host = await hour()
    host.up()
    await host.minutes(30)
    await host.send('after', { to: card('c1') })
    await host.advance('20h')
    const [outage] = await host.prm.outages()
    expect(outage?.until?.slice(0, 13)).toBe('2026-11-24T17')
    const became = (key: string) => outage?.affected.find((one) => one.key === key)?.result
    expect(['u1', 'u2', 'w', 'x', 'after', 'u1 again'].map(became)).toEqual([
      'rerouted',
      'rerouted',
      'delayed',
      'expired',
      undefined,
      undefined,
    ])
    expect(outage?.text).toMatch(
      /^sms: down from .*10:00.* to .*11:.* \(unavailable\)\. Late: 11\. Another way: 2 for \$0\.02\. Worthless before it could go: 1\. Still waiting: 0\. Patrons: 4\.$/,
    )
    expect(await host.prm.outages({ since: '2026-11-24T19:00:00.000Z' })).toEqual([])
    host.clock.advance('8d')
    expect(await host.prm.outages()).toEqual([])
    expect(await host.prm.outages({ since: '2026-11-01T00:00:00.000Z' })).toHaveLength(1)
  })

  test('leaves behind who looked', async () => {
    const host = await hour()
    await host.prm.as({ kind: 'staff', id: 'ann' }).outages()
    expect(await all(host.prm.audit())).toMatchObject([{ action: 'outages', by: { kind: 'staff', id: 'ann' } }])
  })

  test('knows nobody who was erased, and after 90 days nobody at all; the figures stay', async () => {
    const host = await hour()
    await host.prm.erase(idOf('c1'))
    const [outage] = await host.prm.outages()
    expect(outage?.affected.map(({ key }) => key)).not.toContain('u1')
    expect(JSON.stringify(outage)).not.toContain(idOf('c1'))
    host.up()
    await host.minutes(30)
    await host.advance('120d')
    const [later] = await host.prm.outages({ since: '2026-11-01T00:00:00.000Z' })
    expect(later?.affected.filter(({ patronId }) => patronId)).toEqual([])
    expect(later?.cost).toEqual([cent])
  })

  test('and what was spent come out again with an export', async () => {
    const host = await hour()
    const copy = two({ clock: host.clock, failover: { perDay: cents(2) } })
    await copy.prm.import(host.prm.export())
    expect(await copy.prm.outages()).toEqual(await host.prm.outages())
    expect(await scopeOf(copy.store).get('sender', 'failover urgent USD')).toMatchObject({
      value: { days: { '2026-11-24': 20_000 } },
    })
  })

  test('is of one outage where a provider comes and goes', async () => {
    const host = two({ failover: { perDay: cents(0) } })
    for (let round = 0; round < 4; round++) {
      await host.down()
      await host.advance('2m')
      host.up()
      await host.minutes(6)
      for (let n = 0; n < 10; n++) await host.send(`r${round} ${n}`, { to: tel(number(n)) })
      await host.run()
    }
    expect(await host.prm.outages()).toMatchObject([{ since: '2026-11-24T16:00:00.000Z', until: expect.any(String) }])
    await host.advance('1h')
    host.sms.faults.push(...Array.from({ length: 1_000 }, () => 'unavailable' as const))
    for (let n = 0; n < 10; n++) await host.send(`z${n}`, { to: tel(number(n)) })
    await host.run()
    expect((await host.prm.outages()).map(({ until }) => until !== undefined)).toEqual([true, false])
  })

  test('goes on where answers break their shape: they may be the page of whoever stands in', async () => {
    const host = two()
    await host.down()
    host.sms.faults.fill('contract')
    await host.minutes(10)
    expect(host.sms.faults.length).toBeLessThan(1_000)
    expect((await host.prm.outages()).map(({ until }) => until)).toEqual([undefined])
  })

  test('says so where calls are not refused any more, but get no answer: then nothing urgent is tried there', async () => {
    const host = two({ failover: { perDay: cents(20) } })
    await host.down()
    await host.minutes(5)
    host.sms.faults.fill('hang')
    host.sms.findFaults.push(...Array.from({ length: 1_000 }, () => 'unavailable' as const))
    await host.minutes(2)
    expect(await host.prm.outages()).toMatchObject([{ since: '2026-11-24T16:00:00.000Z', code: 'unknown' }])
    for (let n = 0; n < 5; n++) await host.send(`a${n}`, { to: tel(number(200 + n)) })
    await host.minutes(3)
    expect([host.told(host.sms).length, host.told(host.backup).length]).toEqual([0, 5])
  })

  test('does not end before it began, where a call from before it is answered late', async () => {
    const host = two()
    let slow = true
    host.sms.onTaken = async () => {
      if (!slow) return
      slow = false
      host.clock.advance('10s')
      host.sms.faults.push(...Array.from({ length: 10 }, () => 'unavailable' as const))
      for (let n = 0; n < 10; n++) await host.send(`probe ${n}`, { to: tel(number(n)), purpose: 'pickup' })
      while ((await host.prm.outages()).length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    }
    await host.send('slow')
    await host.run()
    const [outage] = await host.prm.outages()
    expect(outage).toMatchObject({ since: '2026-11-24T16:00:10.000Z' })
    expect((outage?.until ?? '~') >= (outage?.since ?? '')).toBe(true)
  })

  test('ends an outage that another host, now gone, had noted', async () => {
    const gone = two()
    await gone.down()
    gone.up()
    const host = two({ ...gone })
    await host.minutes(20)
    expect(await host.prm.outages()).toMatchObject([{ until: expect.any(String) }])
  })

  test.each(['unavailable', 'hang'] as const)(
    'does without a note that could not be written (%s), and no call is forgotten',
    async (code) => {
      const store = breakable()
      const host = two({ store })
      store.breaks = (batches) =>
        batches.some(({ put = [] }) => put.some(({ value }) => (value as { id?: string }).id === 'adapter outages'))
      await host.down(code)
      await host.send('a')
      await host.minutes(10)
      host.up()
      await host.minutes(30)
      expect(host.told(host.sms)).toEqual(['a'])
      expect(host.sms.taken).toHaveLength(11)
    },
  )
})
