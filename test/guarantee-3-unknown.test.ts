import { type Context, createPrm, type Duration, type Instant, type Message, PrmError, type Store } from '@prm/core'
import { sqlite } from '@prm/store-sqlite'
import { describe, expect, test } from 'vitest'
import { put } from '../packages/core/src/runtime/lookup.ts'
import { instant } from '../packages/core/src/time/instants.ts'
import {
  breakable,
  Clock,
  consentsOf,
  factsOf,
  fakeFeed,
  fakeSms,
  hold,
  jobsOf,
  keyOf,
  library,
  messageOf,
  messagesOf,
  morning,
  otherPhone,
  person,
  phone,
  plain,
  purposes,
  reported,
  type Springfield,
  scopeOf,
  springfield,
  storeFile,
  tel,
  texted,
  webhook,
} from './fake.ts'

/** The provider knows when it took what, by its own clock, and looks in the minutes it is asked for alone. */
function dated(clock: Clock) {
  const sms = fakeSms()
  const provider = new Clock()
  const times = new Map<string, Instant>()
  sms.onTaken = ({ id }) => void times.set(id, instant(provider.ms))
  const { lookup } = sms.channel
  Object.assign(sms.channel, {
    lookup: async (...asked: Parameters<NonNullable<typeof lookup>>) => {
      const found = await lookup?.(...asked)
      const time = typeof found === 'object' ? (times.get(found.id ?? '') ?? '') : undefined
      return time !== undefined && !(time >= asked[0].from && time <= asked[0].until) ? 'absent' : found
    },
  })
  const host = springfield({ sms, clock, quietly: true })
  const advance = async (by: Duration, steps = 1) => {
    for (let step = 0; step < steps; step++) {
      provider.advance(by)
      await host.advance(by)
    }
  }
  return { ...host, sms, advance }
}
const off = (minutes: number): Clock => new Clock(instant(Date.parse(morning) + minutes * 60_000))

describe('provider timeout after accept', () => {
  test('is an unknown, is looked up, and is bound to what the provider has; it is never sent again', async () => {
    const { prm, sms, run, store, advance, settled } = springfield()
    sms.faults.push('hang')
    await prm.send(plain('a'))
    await run()
    expect(await messageOf(store, 'a')).toMatchObject({ state: 'unknown' })
    expect(settled).toEqual([])
    await advance('1m')
    await advance('1d')
    expect(await messageOf(store, 'a')).toMatchObject({ state: 'sent', providerId: 'F1' })
    expect(sms.calls).toBe(1)
    expect(settled.map(({ key, state }) => [key, state])).toEqual([['a', 'sent']])
  })

  test('of two cards on one phone with the same text binds each to its own, and each goes exactly once', async () => {
    const { prm, sms, run, store, advance, ils } = springfield()
    sms.faults.push('hang', 'hang')
    ils.batches = [{ interactions: [hold(1, 'c1'), hold(2, 'c2')], people: [person('c1', phone), person('c2', phone)] }]
    await run()
    await advance('1m')
    await advance('1d')
    const [one, other] = await Promise.all([hold(1, 'c1'), hold(2, 'c2')].map((fact) => messageOf(store, keyOf(fact))))
    expect(one?.content).toEqual(other?.content)
    expect([one?.state, other?.state]).toEqual(['sent', 'sent'])
    expect([one?.providerId, other?.providerId].sort()).toEqual(['F1', 'F2'])
    expect(sms.calls).toBe(2)
    expect(prm.adapters.sms.taken.map(({ to }) => to.value)).toEqual([phone, phone])
  })

  test('of one, beside another with the same text that never went, sends only that other', async () => {
    const { sms, run, store, advance, ils } = springfield()
    sms.faults.push('hang', 'unknown')
    ils.batches = [{ interactions: [hold(1, 'c1'), hold(2, 'c2')], people: [person('c1', phone), person('c2', phone)] }]
    await run()
    for (let minute = 0; minute < 10; minute++) await advance('1m')
    const states = await Promise.all(
      [hold(1, 'c1'), hold(2, 'c2')].map(async (fact) => (await messageOf(store, keyOf(fact)))?.providerId),
    )
    expect(states.sort()).toEqual(['F1', 'F2'])
    expect(sms.taken).toHaveLength(2)
  })

  test('waits as long as the provider is unsure', async () => {
    const { prm, sms, run, store, advance } = springfield()
    sms.faults.push('unknown')
    sms.unsure = 5
    await prm.send(plain('a'))
    await run()
    for (let hour = 0; hour < 5; hour++) await advance('1h')
    expect(sms.sought).toHaveLength(5)
    expect(sms.calls).toBe(1)
    expect(await messageOf(store, 'a')).toMatchObject({ state: 'unknown' })
    await advance('1h')
    expect(sms.taken).toHaveLength(1)
  })

  test('is left to a person when the provider stays unsure for days', async () => {
    const { prm, sms, run, store, advance, failed } = springfield()
    sms.faults.push('hang')
    sms.unsure = 1_000
    await prm.send(plain('a'))
    await run()
    for (let quarter = 0; quarter < 200; quarter++) await advance('15m')
    expect(failed).toMatchObject([{ job: { key: 'deliver:a' }, error: { code: 'unknown' } }])
    expect(sms.calls).toBe(1)
    sms.unsure = 0
    expect(await scopeOf(store).redrive(['deliver:a'])).toBe(1)
    await run()
    expect((await messageOf(store, 'a'))?.state).toBe('sent')
  })

  test('waits while the provider cannot be asked', async () => {
    const { prm, sms, run, store, advance } = springfield()
    sms.faults.push('hang')
    sms.findFaults.push('unavailable', 'rate_limited')
    await prm.send(plain('a'))
    await run()
    for (let hour = 0; hour < 3; hour++) await advance('1h')
    expect(sms.calls).toBe(1)
    expect(await messageOf(store, 'a')).toMatchObject({ state: 'sent', providerId: 'F1' })
  })
})

describe('a message that the provider does not have', () => {
  test('is not sent again before the settling time, and once after it', async () => {
    const { prm, sms, run, store, advance } = springfield()
    sms.faults.push('unknown')
    await prm.send(plain('a'))
    await run()
    for (let second = 0; second < 59; second++) await advance('1s')
    expect(sms.sought.length).toBeGreaterThan(0)
    expect(sms.calls).toBe(1)
    await advance('1s')
    expect(sms.calls).toBe(2)
    await advance('1d')
    expect(sms.calls).toBe(2)
    expect(await messageOf(store, 'a')).toMatchObject({ state: 'sent', providerId: 'F1' })
  })

  test('waits for the settling time that the channel names', async () => {
    const sms = fakeSms({ limits: { visibleAfter: '10m' } })
    const { prm, run, advance } = springfield({ sms })
    sms.faults.push('unknown')
    await prm.send(plain('a'))
    await run()
    await advance('9m')
    expect(sms.calls).toBe(1)
    await advance('1m')
    expect(sms.calls).toBe(2)
  })

  test('is sent at once with the same key where the provider refuses a second of one key', async () => {
    const sms = fakeSms({ limits: { idempotent: true } })
    const { prm, run, advance } = springfield({ sms })
    sms.faults.push('unknown')
    await prm.send(plain('a'))
    await run()
    await advance('1m')
    expect(sms.calls).toBe(2)
    expect(sms.sought).toEqual([])
    expect((await prm.explain('a')).text).toContain('sent again with the same key')
  })

  test('is not sent again to somebody who asked to stop meanwhile, nor when it is worthless', async () => {
    const { prm, sms, run, store, advance } = springfield()
    sms.faults.push('unknown', 'unknown')
    await prm.send(plain('a'))
    await prm.send(plain('b', { to: tel(otherPhone), expireAt: '2026-11-24T16:00:30.000Z' }))
    await run()
    await prm.record([
      {
        key: 'm1',
        type: 'message.received',
        source: 'host',
        who: tel(phone),
        data: { content: { text: 'STOP' }, optOut: 'stop', confirmed: true },
      },
    ])
    await advance('5m')
    expect(sms.taken).toEqual([])
    expect((await messageOf(store, 'a'))?.state).toBe('cancelled')
    expect((await messageOf(store, 'b'))?.state).toBe('expired')
  })
})

describe('where the provider cannot say', () => {
  test('the message is left to a person: a dead letter that is told, and never sent again', async () => {
    const sms = fakeSms({ find: false })
    const { prm, run, store, advance, failed } = springfield({ sms })
    sms.faults.push('hang')
    await prm.send(plain('a'))
    await run()
    await advance('1m')
    await advance('30d')
    expect(sms.calls).toBe(1)
    expect((await jobsOf(store, 'dead')).map(({ key, error }) => [key, error])).toEqual([
      ['deliver:a', { code: 'unknown', message: expect.any(String) }],
    ])
    expect(failed).toMatchObject([{ job: { key: 'deliver:a' }, error: { code: 'unknown' } }])
    expect((await prm.explain('a')).text).toContain('left to a person')
    expect((await messageOf(store, 'a'))?.state).toBe('unknown')
    await scopeOf(store).redrive(['deliver:a'])
    await advance('1d')
    expect(sms.calls).toBe(1)
  })

  test('and the purpose says so, it is sent again, and explain shows it', async () => {
    const sms = fakeSms({ find: false })
    const { prm, run, store, advance } = springfield({ sms })
    sms.faults.push('hang')
    await prm.send(plain('a', { purpose: 'urgent' }))
    await run()
    await advance('1m')
    await advance('1d')
    expect(sms.calls).toBe(2)
    expect((await prm.explain('a')).text).toContain('sent again, since nobody can say whether it went')
    expect((await messageOf(store, 'a'))?.state).toBe('accepted')
  })

  test('and never says, it is sent again ever later, a few times, and then left to a person', async () => {
    const sms = fakeSms({ find: false })
    const { prm, run, store, advance, failed } = springfield({ sms })
    sms.faults.push(...Array.from({ length: 1_000 }, () => 'hang' as const))
    await prm.send(plain('a', { purpose: 'urgent' }))
    await run()
    for (let half = 0; half < 20; half++) await advance('30s')
    expect(sms.calls).toBeLessThan(7)
    for (let hour = 0; hour < 24; hour++) await advance('1h')
    expect(sms.calls).toBe(10)
    expect((await messageOf(store, 'a'))?.state).toBe('unknown')
    expect(failed).toMatchObject([{ job: { key: 'deliver:a' }, error: { code: 'unknown' } }])
  })

  test('but has none of them whatever it took, it is sent again ever later, and then left to a person', async () => {
    const sms = fakeSms()
    Object.assign(sms.channel, { lookup: async () => 'absent' })
    const { prm, run, advance, failed } = springfield({ sms })
    sms.faults.push(...Array.from({ length: 1_000 }, () => 'hang' as const))
    await prm.send(plain('a'))
    await run()
    for (let minute = 0; minute < 60; minute++) await advance('1m')
    expect(sms.calls).toBeLessThan(7)
    for (let hour = 0; hour < 48; hour++) await advance('1h')
    expect(sms.calls).toBe(10)
    expect(failed).toMatchObject([{ job: { key: 'deliver:a' }, error: { code: 'unknown' } }])
  })

  test.for(['stop', 'expired'])('and it is not sent again (%s), it stays unknown: it may have gone', async (why) => {
    const sms = fakeSms({ find: false })
    const { prm, run, store, advance, clock } = springfield({ sms })
    sms.faults.push('hang')
    const expireAt = instant(clock.ms + 10_000)
    await prm.send(plain('a', { purpose: 'urgent', ...(why === 'expired' && { expireAt }) }))
    await run()
    if (why === 'stop') await prm.handle(webhook([texted('m', 'STOP')]))
    await advance('1m')
    await advance('1h')
    const message = await messageOf(store, 'a')
    expect(message?.state).toBe('unknown')
    expect(message?.attempts.at(-1)?.outcome).toMatch(/^not sent again: (cancelled: asked to stop|expired: )/)
    expect(sms.taken.filter(({ key }) => key === 'a')).toHaveLength(1)
  })

  test('and quiet hours begin while it is asked whether it went, it goes in the morning', async () => {
    const { prm, sms, run, clock, advance } = springfield({ clock: new Clock('2026-11-25T02:57:00.000Z') })
    sms.faults.push('unknown')
    await prm.send(plain('a'))
    await run()
    const { lookup } = sms.channel
    Object.assign(sms.channel, {
      lookup: async (...asked: Parameters<NonNullable<typeof lookup>>) => {
        clock.advance('20s')
        return lookup?.(...asked)
      },
    })
    clock.ms = Date.parse('2026-11-25T02:59:50.000Z')
    await run()
    expect(sms.taken).toEqual([])
    await advance('12h')
    expect(sms.taken.map(({ key }) => key)).toEqual(['a'])
  })
})

describe('what else is an unknown', () => {
  test('an adapter that throws what is no PrmError may have sent', async () => {
    const { prm, sms, run, store, advance } = springfield()
    sms.faults.push('throw')
    await prm.send(plain('a'))
    await run()
    expect((await messageOf(store, 'a'))?.state).toBe('unknown')
    await advance('1d')
    expect(sms.calls).toBe(1)
    expect((await messageOf(store, 'a'))?.providerId).toBe('F1')
  })

  test('an answer that breaks its shape may be of a message that went', async () => {
    const { prm, sms, run, store } = springfield()
    sms.faults.push('contract')
    await prm.send(plain('a'))
    await run()
    expect((await messageOf(store, 'a'))?.state).toBe('unknown')
  })

  test('so may an answer that is missing', async () => {
    const sms = fakeSms()
    const { send } = sms.channel
    const silent = {
      ...sms,
      channel: {
        ...sms.channel,
        send: async (...call: Parameters<typeof send>) => void (await send(...call)) as never,
      },
    }
    const { prm, run, store, advance } = springfield({ sms: silent })
    await prm.send(plain('a'))
    await run()
    expect((await messageOf(store, 'a'))?.state).toBe('unknown')
    await advance('1d')
    expect(sms.taken).toHaveLength(1)
    expect((await messageOf(store, 'a'))?.providerId).toBe('F1')
  })

  test('a channel whose limits make no sense sends nothing twice', async () => {
    const sms = fakeSms({ find: false, limits: { visibleAfter: 'soon' as '1s' } })
    const { prm, run, advance } = springfield({ sms })
    sms.faults.push('hang')
    await prm.send(plain('a'))
    await run()
    for (let day = 0; day < 3; day++) await advance('1d')
    expect(sms.calls).toBe(1)
  })
})

describe('a start without a recorded outcome', () => {
  /** As a worker that was killed in the middle of a call: the start counts, and nothing was written. */
  async function killed(
    host: Springfield,
    call: (message: Message) => Promise<unknown> = async () => {},
  ): Promise<void> {
    const { store, clock } = host
    await store.work(
      ['deliver'],
      async ({ job }) => {
        await call((await messageOf(store, (job.payload as { key: string }).key)) as Message)
        return { outcome: { retryAt: instant(clock.ms + 1), error: 'killed' } }
      },
      { concurrency: 1, signal: new AbortController().signal, once: true, libraries: [library.id], now: clock.now },
    )
    clock.advance('1ms')
  }
  const sendOf = (host: Springfield) => (message: Message) => host.sms.channel.send(message, {} as Context)

  test('is looked up, and bound when the provider has it', async () => {
    const host = springfield()
    await host.prm.send(plain('a'))
    await killed(host, sendOf(host))
    await host.run()
    expect(host.sms.sought.map(({ key, to }) => [key, to])).toEqual([['a', tel(phone)]])
    await host.advance('1d')
    expect(host.sms.calls).toBe(1)
    expect(await messageOf(host.store, 'a')).toMatchObject({ state: 'sent', providerId: 'F1' })
    expect((await host.prm.explain('a')).text).toContain('nobody recorded what became of it')
  })

  test('is looked up in the right minutes, though its clock was an hour ahead and was put right since', async () => {
    const host = dated(off(60))
    await host.prm.send(plain('a'))
    await killed(host, async (message) => {
      await sendOf(host)(message)
      host.clock.ms = Date.parse(morning)
    })
    await host.advance('30s', 60)
    expect(host.sms.calls).toBe(1)
    expect(await messageOf(host.store, 'a')).toMatchObject({ state: 'sent', providerId: 'F1' })
  })

  test('is sent again only after the settling time when the provider does not have it', async () => {
    const host = springfield()
    await host.prm.send(plain('a'))
    await killed(host)
    await host.run()
    await host.advance('59s')
    expect(host.sms.calls).toBe(0)
    await host.advance('1s')
    await host.advance('1d')
    expect(host.sms.calls).toBe(1)
  })

  test('that was several is looked up like one', async () => {
    const host = springfield()
    await host.prm.send(plain('a'))
    await killed(host)
    await killed(host, sendOf(host))
    await host.run()
    await host.advance('1d')
    expect(host.sms.calls).toBe(1)
    expect((await messageOf(host.store, 'a'))?.state).toBe('sent')
  })

  test('goes by the purpose where the provider cannot say', async () => {
    const host = springfield({ sms: fakeSms({ find: false }) })
    await host.prm.send(plain('a'))
    await host.prm.send(plain('b', { to: tel(otherPhone), purpose: 'urgent' }))
    await killed(host)
    await host.run()
    expect(host.sms.taken.map(({ key }) => key)).toEqual(['b'])
    expect((await jobsOf(host.store, 'dead')).map(({ key }) => key)).toEqual(['deliver:a'])
  })

  test('of a message whose number changed before it went is looked up at the number it went to', async () => {
    const host = springfield({ library: { quietHours: { from: '09:00', to: '11:00' } } })
    const { ils, store, sms } = host
    ils.batches = [{ interactions: [hold(1, 'c1')], people: [person('c1', phone)] }]
    await host.run()
    ils.batches = [{ interactions: [], people: [person('c1', otherPhone)] }]
    await host.run()
    host.clock.advance('2h')
    const cut = new AbortController()
    sms.onTaken = () => {
      cut.abort()
      throw new Error('killed')
    }
    // Everything but the settlement of the call that was cut off.
    const mute: Store = {
      ...store,
      scope: (id) => store.scope(id),
      work: (names, run, options) =>
        store.work(
          names,
          async (lease, signal) => {
            const settled = await run(lease, signal)
            return cut.signal.aborted ? { outcome: { retryAt: instant(host.clock.ms + 1), error: 'killed' } } : settled
          },
          options,
        ),
    }
    await springfield({ ...host, store: mute }).run()
    expect(sms.taken.map(({ to }) => to.value)).toEqual([otherPhone])
    sms.onTaken = () => undefined
    const next = springfield({ ...host })
    for (let minute = 0; minute < 5; minute++) await next.advance('1m')
    expect(sms.sought.length).toBeGreaterThan(0)
    expect(sms.calls).toBe(1)
    expect(await messageOf(store, keyOf(hold(1, 'c1')))).toMatchObject({ to: tel(otherPhone), state: 'sent' })
  })

  test('of a worker that hangs is looked up by another once its lease is over, whatever the first says then', async () => {
    const path = storeFile()
    const clock = new Clock()
    const host = () => springfield({ store: sqlite({ file: path, clock: clock.now }), clock, sms })
    const sms = fakeSms()
    const first = host()
    const taken = Promise.withResolvers<void>()
    const stuck = Promise.withResolvers<void>()
    sms.onTaken = () => {
      taken.resolve()
      return stuck.promise
    }
    await first.prm.send(plain('a'))
    const dying = first.run()
    await taken.promise
    const second = host()
    await second.advance('31s')
    expect(await messageOf(second.store, 'a')).toMatchObject({ state: 'sent', providerId: 'F1' })
    stuck.resolve()
    await dying
    expect(first.settled).toEqual([])
    await second.advance('1d')
    expect(sms.calls).toBe(1)
    expect(await messageOf(second.store, 'a')).toMatchObject({ state: 'sent', providerId: 'F1' })
    await first.prm.close()
    await second.prm.close()
  })
})

describe('a clock that is off', () => {
  test.for([-14, -5, -2, 2, 5, 14])('by %i minutes makes no second text of one that went', async (minutes) => {
    const { prm, sms, run, store, advance } = dated(off(minutes))
    sms.faults.push('hang')
    await prm.send(plain('a'))
    await run()
    await advance('30s', 40)
    expect(sms.calls).toBe(1)
    expect(await messageOf(store, 'a')).toMatchObject({ state: 'sent', providerId: 'F1' })
  })

  test("takes no equal text of these minutes for it that is another message's", async () => {
    const { prm, sms, run, store, advance } = dated(off(0))
    await prm.send(plain('a'))
    await run()
    await advance('1m', 5)
    sms.faults.push('unknown')
    await prm.send(plain('b'))
    await advance('1m', 5)
    expect(sms.taken.map(({ key }) => key)).toEqual(['a', 'b'])
    expect(await messageOf(store, 'b')).toMatchObject({ providerId: 'F2' })
  })
})

describe('a store that was put back to an earlier moment', () => {
  /** What a host did after its store was copied is known to nobody but the provider. */
  async function putBack(given: Parameters<typeof springfield>[0], after: (host: Springfield) => Promise<unknown>) {
    const [file, copy] = [storeFile(), storeFile()]
    const store = sqlite({ file })
    const clock = new Clock()
    const host = { sms: fakeSms(), ...given, clock }
    const first = springfield({ ...host, store })
    await first.prm.send(plain('early', { to: tel('+12125550133') }))
    await first.run()
    await after(first)
    await store.backup(copy)
    await first.run()
    await first.prm.close()
    clock.advance('1h')
    return (more: typeof given = {}) => springfield({ ...host, ...more, store: sqlite({ file: copy }) })
  }

  test('sends nothing again that was planned then and went since, and what did not go goes once', async () => {
    const sms = fakeSms()
    const begin = await putBack({ sms }, async ({ prm }) => {
      await prm.send(plain('a'))
      await prm.send(plain('b', { to: tel(otherPhone) }))
      sms.faults.push('unavailable')
    })
    const [went] = sms.taken.slice(1).map(({ key }) => key)
    expect(sms.taken).toHaveLength(2)
    const { run, store, prm } = begin()
    await run()
    expect(sms.taken.map(({ key }) => key)).toEqual(['early', went, went === 'a' ? 'b' : 'a'])
    expect(await messageOf(store, went ?? '')).toMatchObject({ state: 'sent', providerId: 'F2' })
    expect((await prm.explain(went ?? '')).text).toContain('found, though it was new to this store: sent')
  })

  test('sends nothing again that a feed tells again', async () => {
    const ils = fakeFeed()
    const sms = fakeSms()
    const begin = await putBack({ ils, sms }, async () => {
      ils.batches = [{ interactions: [hold(1, 'c1')], people: [person('c1', phone)] }]
    })
    expect(sms.taken).toHaveLength(2)
    const { run, store } = begin()
    await run()
    expect(sms.taken).toHaveLength(2)
    expect(await messageOf(store, keyOf(hold(1, 'c1')))).toMatchObject({ state: 'sent', providerId: 'F2' })
  })

  test('waits for a provider that cannot be asked, and sends where it may only not be asked', async () => {
    const sms = fakeSms()
    const begin = await putBack({ sms }, async ({ prm }) => {
      await prm.send(plain('a'))
    })
    sms.findFaults.push('unavailable', 'rate_limited', 'unavailable')
    const { run, store, advance, prm } = begin()
    await run()
    expect(sms.calls).toBe(2)
    for (let ten = 0; ten < 3; ten++) await advance('10s')
    expect(sms.calls).toBe(2)
    expect((await messageOf(store, 'a'))?.state).toBe('sent')
    sms.findFaults.push('forbidden')
    await prm.send(plain('b', { to: tel(otherPhone) }))
    await run()
    expect((await messageOf(store, 'b'))?.state).toBe('accepted')
  })

  test('waits while the provider is unsure whether it went', async () => {
    const sms = fakeSms()
    const begin = await putBack({ sms }, async ({ prm }) => {
      await prm.send(plain('a'))
    })
    sms.unsure = 2
    const { run, store, advance } = begin()
    await run()
    for (let ten = 0; ten < 3; ten++) await advance('10s')
    expect(sms.taken.map(({ key }) => key)).toEqual(['early', 'a'])
    expect((await messageOf(store, 'a'))?.state).toBe('sent')
  })

  test.for(['contract', 'throws', 'unavailable'] as const)(
    'waits for no look-up that never answers (%s): what is to go goes, what is worthless ends',
    async (how) => {
      const sms = fakeSms()
      const begin = await putBack({ sms }, async () => {})
      const { prm, run, advance, store } = begin()
      Object.assign(sms.channel, {
        lookup: async () => {
          throw how === 'throws'
            ? new TypeError('a bug of the adapter')
            : new PrmError(how, 'The provider does not say.')
        },
      })
      await prm.send(plain('a'))
      await prm.send(plain('b', { to: tel(otherPhone), expireAt: '2026-11-24T17:10:00.000Z' }))
      await run()
      for (let minute = 0; minute < 70; minute++) await advance('1m')
      expect(sms.taken.map(({ key }) => key)).toEqual(how === 'unavailable' ? ['early', 'a'] : ['early', 'a', 'b'])
      expect((await messageOf(store, 'b'))?.state).toBe(how === 'unavailable' ? 'expired' : 'accepted')
    },
  )

  test('is looked up too by whoever comes after a host that was killed before it sent what it had decided', async () => {
    const ils = fakeFeed()
    const sms = fakeSms()
    const begin = await putBack({ ils, sms }, async () => {
      ils.batches = [{ interactions: [hold(1, 'c1')], people: [person('c1', phone)] }]
    })
    const killed = begin()
    await killed.prm.run({ once: true, deliver: false })
    expect((await messageOf(killed.store, keyOf(hold(1, 'c1'))))?.state).toBe('planned')
    killed.clock.advance('1s')
    const { run, store } = begin()
    await run()
    expect(sms.taken).toHaveLength(2)
    expect(await messageOf(store, keyOf(hold(1, 'c1')))).toMatchObject({ state: 'sent', providerId: 'F2' })
  })

  const many = (count: number, more: object = {}) =>
    Array.from({ length: count }, (_, n) =>
      plain(`k${n}`, { to: tel(`+121255501${String(n).padStart(2, '0')}`), ...more }),
    )

  test('knows enough once fifty in a row had not gone: no other is looked up, by no other host either', async () => {
    const sms = fakeSms()
    const begin = await putBack({ sms, concurrency: 1 }, async () => {})
    const { run, prm } = begin()
    for (const one of many(60)) await prm.send(one)
    await run()
    expect(sms.sought).toHaveLength(50)
    expect(sms.taken).toHaveLength(61)
    const next = begin()
    await next.prm.send(plain('more', { to: tel(otherPhone) }))
    await next.run()
    expect(sms.sought).toHaveLength(50)
    expect(sms.taken).toHaveLength(62)
  })

  test('learns of what is told again nothing by fifty that were planned then and had not gone', async () => {
    const ils = fakeFeed()
    const sms = fakeSms()
    const begin = await putBack({ ils, sms, concurrency: 1 }, async ({ prm, clock }) => {
      for (const one of many(60, { notBefore: instant(clock.now().getTime() + 1_800_000) })) await prm.send(one)
      ils.batches = [{ interactions: [hold(1, 'c1')], people: [person('c1', phone)] }]
    })
    expect(sms.taken).toHaveLength(2)
    const { run, store } = begin()
    await run()
    expect(sms.taken).toHaveLength(62)
    expect(await messageOf(store, keyOf(hold(1, 'c1')))).toMatchObject({ state: 'sent', providerId: 'F2' })
  })

  test('has nothing looked up that was not due before it was put back', async () => {
    const sms = fakeSms()
    const begin = await putBack({ sms }, async ({ prm, clock }) => {
      await prm.send(plain('a', { notBefore: instant(clock.now().getTime() + 7_200_000) }))
    })
    const { run, advance } = begin()
    await run()
    await advance('1h')
    expect(sms.taken.map(({ key }) => key)).toEqual(['early', 'a'])
    expect(sms.sought).toEqual([])
  })

  test('has nothing looked up that another host is to send', async () => {
    const sms = fakeSms()
    const begin = await putBack({ sms }, async ({ prm }) => {
      await prm.send(plain('a'))
    })
    await begin({ allowlist: ['+12125550133'] }).run()
    expect(sms.sought).toEqual([])
  })

  test('is no host that only was restarted, nor one that was so more than a week ago', async () => {
    const sms = fakeSms()
    const { store, clock, prm } = springfield({ sms })
    await prm.send(plain('a'))
    clock.advance('59s')
    await springfield({ sms, store, clock }).run()
    expect(sms.taken).toHaveLength(1)
    clock.advance('1m')
    const away = springfield({ sms, store, clock })
    await away.prm.send(plain('b', { to: tel(otherPhone) }))
    await away.run()
    expect(sms.sought.map(({ key }) => key)).toEqual(['b'])
    for (let day = 0; day < 7; day++) {
      clock.advance('1d')
      await away.prm.send(plain(`of day ${day}`))
      await away.run()
    }
    const asked = sms.sought.length
    const soon = springfield({ sms, store, clock })
    await soon.prm.send(plain('c', { to: tel(otherPhone) }))
    await soon.run()
    expect(sms.taken.at(-1)?.key).toBe('c')
    expect(sms.sought).toHaveLength(asked)
  })

  test('that was so thirty times in a week is as good as whole: no gap is forgotten, and few are kept', async () => {
    const ils = fakeFeed()
    const sms = fakeSms()
    const begin = await putBack({ ils, sms }, async () => {
      ils.batches = [{ interactions: [hold(1, 'c1')], people: [person('c1', phone)] }]
    })
    const { prm, clock, store } = begin()
    await prm.run({ once: true, deliver: false })
    for (let hour = 0; hour < 30; hour++) {
      clock.advance('1h')
      await begin().prm.send(plain(`k${hour}`, { to: tel(otherPhone) }))
    }
    const row = await scopeOf(store).get('cursor', 'store gaps')
    expect(row?.value.value).toMatchObject({ all: { length: 20 } })
    await begin().run()
    expect(sms.taken.filter(({ to }) => to.value === phone)).toHaveLength(1)
    expect(sms.sought.find(({ to }) => to.value === phone)?.from).toBe(off(-15).now().toISOString())
    expect(await messageOf(store, keyOf(hold(1, 'c1')))).toMatchObject({ state: 'sent', providerId: 'F2' })
  })

  test('is known as one to every host, though one whose adapters cannot be asked decided first', async () => {
    const sms = fakeSms()
    const begin = await putBack({ sms }, async ({ prm }) => {
      await prm.send(plain('a'))
    })
    expect(sms.taken).toHaveLength(2)
    await begin({ sms: fakeSms({ find: false }) }).prm.send(
      plain('x', { to: tel(otherPhone), notBefore: '2026-11-24T20:00:00.000Z' }),
    )
    await begin().run()
    expect(sms.taken.map(({ key }) => key)).toEqual(['early', 'a'])
  })

  test('is known as one, though a clock that ran ahead dated a decision', async () => {
    const sms = fakeSms()
    const begin = await putBack({ sms }, async (host) => {
      const wrong = new Clock()
      const { prm } = springfield({ sms: fakeSms(), store: host.store, clock: wrong })
      wrong.advance('365d')
      await prm.send(plain('future', { to: tel(otherPhone) }))
      await host.prm.send(plain('a'))
    })
    expect(sms.taken).toHaveLength(2)
    await begin().run()
    expect(sms.taken.map(({ key }) => key)).toEqual(['early', 'a'])
  })

  test('learns nothing from fifty that are too late, and of which nobody says whether they went', async () => {
    const sms = fakeSms()
    const begin = await putBack({ sms, concurrency: 1 }, async ({ prm }) => {
      for (let n = 0; n < 50; n++)
        await prm.send(
          plain(`k${n}`, { to: tel(`+121255501${String(n).padStart(2, '0')}`), expireAt: '2026-11-24T16:30:00.000Z' }),
        )
      await prm.send(plain('a'))
    })
    expect(sms.taken).toHaveLength(52)
    sms.unsure = 50
    await begin().run()
    expect(sms.taken.filter(({ key }) => key === 'a')).toHaveLength(1)
  })

  test('takes no text of an adapter that has another name now for one that is to go', async () => {
    const sms = fakeSms()
    const { store, clock, prm } = springfield({ sms })
    await prm.send(plain('first', { to: tel(otherPhone) }))
    clock.advance('1h')
    const night = springfield({ sms, store, clock })
    await night.prm.send(plain('a'))
    await night.run()
    clock.advance('1d')
    const renamed = createPrm({
      library,
      adapters: { texts: sms },
      store,
      purposes,
      now: clock.now,
      publicUrl: 'https://library.example/prm',
    })
    await renamed.send({ key: 'b', purpose: 'pickup', to: tel(phone), content: { text: 'Your hold is ready.' } })
    await renamed.run({ once: true })
    expect(sms.taken.map(({ key }) => key)).toContain('b')
  })

  test('has nothing looked up after a week, by a host that still runs either', async () => {
    const sms = fakeSms()
    const begin = await putBack({ sms }, async () => {})
    const { prm, run, advance } = begin()
    await prm.send(plain('a'))
    await run()
    expect(sms.sought).toHaveLength(1)
    for (let day = 0; day < 8; day++) await advance('1d')
    await prm.send(plain('b', { to: tel(otherPhone) }))
    await run()
    expect(sms.sought.map(({ key }) => key)).not.toContain('b')
    expect(sms.taken.at(-1)?.key).toBe('b')
  })

  test('waits for who does not say no year, though a clock ran ahead', async () => {
    const sms = fakeSms()
    const { store, clock, prm } = springfield({ sms })
    await prm.send(plain('early', { to: tel(otherPhone) }))
    await springfield({ sms: fakeSms(), store, clock: new Clock('2027-11-24T16:00:00.000Z') }).prm.send(
      plain('future', { to: tel(otherPhone) }),
    )
    const next = springfield({ sms, store, clock })
    sms.unsure = 100_000
    await next.prm.send(plain('a'))
    await next.run()
    for (let hour = 0; hour < 3; hour++) await next.advance('30m')
    expect(sms.taken.map(({ key }) => key)).toContain('a')
  })

  test('has looked up what a host decides for the morning whose clock is behind', async () => {
    const ils = fakeFeed()
    const sms = fakeSms()
    const begin = await putBack({ ils, sms }, async () => {
      ils.batches = [{ interactions: [hold(1, 'c1')], people: [person('c1', phone)] }]
    })
    expect(sms.taken).toHaveLength(2)
    const clock = new Clock('2026-11-25T03:30:00.000Z')
    const slow = new Clock('2026-11-25T03:29:40.000Z')
    await begin({ ils: fakeFeed(), clock }).prm.send(plain('x', { to: tel(otherPhone) }))
    const host = begin({ clock: slow })
    await host.prm.run({ once: true, deliver: false })
    expect((await messageOf(host.store, keyOf(hold(1, 'c1'))))?.state).toBe('planned')
    slow.ms = Date.parse('2026-11-25T16:00:00.000Z')
    await host.run()
    expect(sms.taken.filter(({ to }) => to.value === phone)).toHaveLength(1)
  })

  test('has looked up what went until the gap ended, and not since', async () => {
    const sms = fakeSms()
    const begin = await putBack({ sms }, async () => {})
    const host = begin()
    await host.prm.send(plain('a', { to: tel(otherPhone) }))
    await host.run()
    await host.advance('1d')
    await host.prm.send(plain('b'))
    await host.run()
    const until = Date.parse(sms.sought.at(-1)?.until ?? '')
    expect(sms.sought.at(-1)?.key).toBe('b')
    expect(until).toBeLessThan(host.clock.ms - 3_600_000 * 20)
  })

  test('learns of what a feed tells again later nothing by fifty that a host sent', async () => {
    const ils = fakeFeed()
    const sms = fakeSms()
    const begin = await putBack({ ils, sms, concurrency: 1 }, async () => {
      ils.batches = [{ interactions: [hold(1, 'c1')], people: [person('c1', phone)] }]
    })
    const host = begin({ ils: fakeFeed() })
    for (let n = 0; n < 60; n++)
      await host.prm.send(plain(`k${n}`, { to: tel(`+121255502${String(n).padStart(2, '0')}`) }))
    await host.run()
    await begin().run()
    expect(sms.taken.filter(({ to }) => to.value === phone)).toHaveLength(1)
  })

  test("takes no text for another's that it does not remember", async () => {
    const sms = fakeSms()
    const { store, clock, prm, run } = springfield({ sms, quietly: true })
    const { lookup } = sms.channel
    let went = ''
    sms.onTaken = () => {
      went ||= clock.now().toISOString()
    }
    Object.assign(sms.channel, {
      lookup: async (...asked: Parameters<NonNullable<typeof lookup>>) =>
        asked[0].from > went ? 'absent' : lookup?.(...asked),
    })
    await prm.send(plain('a'))
    clock.advance('1s')
    await run()
    for (const days of [50, 45]) {
      clock.ms += days * 86_400_000
      const host = springfield({ sms, store, clock, quietly: true })
      await host.prm.applyRetention()
    }
    const host = springfield({ sms, store, clock, quietly: true })
    await host.prm.send(plain('b'))
    await host.run()
    expect(sms.taken.map(({ key }) => key)).toEqual(['a', 'b'])
  })

  test('asks a provider that is too busy no sooner than it says', async () => {
    const sms = fakeSms()
    const begin = await putBack({ sms }, async ({ prm }) => {
      for (let n = 0; n < 100; n++)
        await prm.send(plain(`k${n}`, { to: tel(`+121255502${String(n).padStart(2, '0')}`) }))
    })
    let asked = 0
    Object.assign(sms.channel, {
      lookup: async () => {
        asked++
        throw new PrmError('rate_limited', 'slow', { retryAfterMs: 60_000 })
      },
    })
    const host = begin()
    await host.run()
    for (let n = 0; n < 60; n++) await host.advance('10s')
    expect(asked).toBeLessThan(1_200)
  })

  test.for([null, 'x', {}, { all: 3 }, { all: [null, 3, { at: 3 }], known: null }])(
    'stops nobody, though its row is rubbish (%j)',
    async (value) => {
      const sms = fakeSms()
      const { store, prm, run } = springfield({ sms })
      await scopeOf(store).commit([{ put: [put('cursor', { id: 'store gaps', value: value as never })] }])
      await prm.send(plain('a'))
      await run()
      expect(sms.taken.map(({ key }) => key)).toEqual(['a'])
    },
  )

  test('waits no longer for who does not say where a host is begun every few minutes', async () => {
    const sms = fakeSms()
    const { store, clock, prm } = springfield({ sms })
    await prm.send(plain('early', { to: tel(otherPhone) }))
    clock.advance('5m')
    sms.unsure = 100_000
    await springfield({ sms, store, clock }).prm.send(plain('a'))
    for (let five = 0; five < 24; five++) {
      await springfield({ sms, store, clock }).run()
      clock.advance('5m')
    }
    expect(sms.taken.map(({ key }) => key).sort()).toEqual(['a', 'early'])
  })
})

describe('a delivery report', () => {
  test('that comes before our own settlement settles an unknown without a look-up', async () => {
    const { prm, sms, run, store, advance, settled } = springfield()
    sms.faults.push('hang')
    sms.onTaken = async ({ key, id }) => {
      const report = reported('r1', key, { state: 'delivered', providerId: id })
      expect((await prm.handle(webhook([report]))).status).toBe(200)
    }
    await prm.send(plain('a'))
    await run()
    await advance('1d')
    expect(sms.sought).toEqual([])
    expect(sms.calls).toBe(1)
    expect(await messageOf(store, 'a')).toMatchObject({ state: 'delivered', providerId: 'F1' })
    expect(settled.map(({ key, state }) => [key, state])).toEqual([['a', 'delivered']])
  })

  test('that comes while the outcome is unknown does so too', async () => {
    const { prm, sms, run, store, advance, settled } = springfield()
    sms.faults.push('hang')
    await prm.send(plain('a'))
    await run()
    await prm.handle(webhook([reported('r1', 'a', { state: 'sent', providerId: 'F1' })]))
    await advance('1h')
    expect(sms.sought).toEqual([])
    expect(await messageOf(store, 'a')).toMatchObject({ state: 'sent', providerId: 'F1' })
    expect(settled.map(({ state }) => state)).toEqual(['sent'])
  })

  test.for([true, false])(
    "that names only the provider's id, and comes before our own settlement, counts after it (look-up: %j)",
    async (find) => {
      const sms = fakeSms({ find })
      sms.state = 'undelivered'
      const { prm, run, advance, store } = springfield({ sms, url: 'https://library.example/prm' })
      sms.onTaken = async ({ id }) => {
        const tells = { raw: 'x', state: 'sent', providerId: id }
        const { about: _, ...report } = reported('r1', '', tells)
        const bounced = { ...tells, state: 'undelivered', addressStatus: 'undeliverable' }
        const facts = [{ ...report, key: 'r2', data: bounced }, report, { ...report, key: 'r3' }]
        expect((await prm.handle(webhook(facts))).status).toBe(200)
      }
      await prm.send(plain('a'))
      await run()
      expect(await messageOf(store, 'a')).toMatchObject({ state: 'accepted' })
      await advance('5s')
      expect(await messageOf(store, 'a')).toMatchObject({ state: 'undelivered', providerId: 'F1' })
      expect((await consentsOf(store)).map(({ basis }) => basis)).toEqual(['bounce'])
      expect((await jobsOf(store)).filter(({ name }) => name === 'early')).toEqual([])
    },
  )

  test('of a message of another program is looked for some times in a day, and no more', async () => {
    const { prm, advance, store } = springfield()
    const { about: _, ...report } = reported('r1', '', { state: 'sent', providerId: 'F9' })
    await prm.handle(webhook([report]))
    const early = async () => (await jobsOf(store)).filter(({ name }) => name === 'early')
    for (const wait of ['5s', '1m', '10m', '1h', '6h', '1d'] as const) {
      expect(await early()).toHaveLength(1)
      await advance(wait)
    }
    expect(await early()).toEqual([])
  })

  test('moves a state forward only, whatever the order', async () => {
    const { prm, run, store } = springfield()
    await prm.send(plain('a'))
    await run()
    for (const [key, state] of [
      ['r1', 'delivered'],
      ['r2', 'sent'],
      ['r3', 'accepted'],
    ] as const)
      await prm.handle(webhook([reported(key, 'a', { state })]))
    expect((await messageOf(store, 'a'))?.state).toBe('delivered')
    await prm.handle(webhook([reported('r4', 'a', { state: 'undelivered' })]))
    expect(await messageOf(store, 'a')).toMatchObject({
      state: 'delivered',
      contradictions: [{ state: 'undelivered' }],
    })
  })

  test('about a message that we do not know is kept and changes nothing', async () => {
    const { prm, store } = springfield()
    expect((await prm.handle(webhook([reported('r1', 'nobody', { state: 'sent' })]))).status).toBe(200)
    expect(await messagesOf(store)).toEqual([])
    expect(await factsOf(store, 'message.delivery')).toHaveLength(1)
  })

  test.each([
    ['blocked', 'asked to stop on 24 November'],
    ['undeliverable', 'could not be reached on 24 November'],
  ])('that says %s closes the address for the next send', async (addressStatus, detail) => {
    const { prm, run, store } = springfield()
    await prm.send(plain('a'))
    await run()
    await prm.handle(webhook([reported('r1', 'a', { state: 'undelivered', addressStatus })]))
    expect((await messageOf(store, 'a'))?.state).toBe('undelivered')
    const { outcome, reasons } = await prm.send(plain('b'))
    expect(outcome).toEqual({ send: false, rule: 'suppressed' })
    expect(reasons.at(-1)?.detail).toBe(detail)
  })

  test('that comes after the message was delivered is kept, and closes no address', async () => {
    const { prm, run, store } = springfield()
    await prm.send(plain('a'))
    await run()
    await prm.handle(webhook([reported('r1', 'a', { state: 'delivered' })]))
    await prm.handle(webhook([reported('r2', 'a', { state: 'undelivered', addressStatus: 'undeliverable' })]))
    expect(await messageOf(store, 'a')).toMatchObject({
      state: 'delivered',
      contradictions: [{ state: 'undelivered' }],
    })
    expect((await prm.send(plain('b'))).outcome.send).toBe(true)
  })

  test('that its owner blocks us, though this one was delivered, closes the address', async () => {
    const { prm, run, store } = springfield()
    await prm.send(plain('a'))
    await run()
    await prm.handle(webhook([reported('r1', 'a', { state: 'delivered' })]))
    await prm.handle(webhook([reported('r2', 'a', { state: 'rejected', addressStatus: 'blocked' })]))
    expect((await messageOf(store, 'a'))?.state).toBe('delivered')
    expect((await prm.send(plain('b'))).outcome).toEqual({ send: false, rule: 'suppressed' })
  })
})

describe('a refusal of the provider', () => {
  test.each([
    ['blocked', 'rejected', 'stop', 'asked to stop on 24 November'],
    ['undeliverable', 'undelivered', 'bounce', 'could not be reached on 24 November'],
  ] as const)('%s is kept as consent of the address, and the next send says so', async (code, state, basis, detail) => {
    const { prm, sms, run, store, advance } = springfield()
    sms.faults.push(code)
    await prm.send(plain('a'))
    await prm.send(plain('b', { to: tel(otherPhone) }))
    await run()
    await advance('1d')
    expect(sms.calls).toBe(2)
    expect((await messageOf(store, 'a'))?.state).toBe(state)
    expect(await consentsOf(store)).toMatchObject([
      { address: tel(phone), state: 'denied', purpose: '*', basis, by: 'sms' },
    ])
    const { outcome, reasons } = await prm.send(plain('c'))
    expect(outcome).toEqual({ send: false, rule: 'suppressed' })
    expect(reasons.at(-1)).toMatchObject({ rule: 'suppressed', detail })
  })

  test('that came with a receipt is kept as consent too', async () => {
    const sms = fakeSms()
    const failing = {
      ...sms,
      channel: {
        ...sms.channel,
        send: async () =>
          ({ id: 'F1', state: 'undelivered', addressStatus: 'undeliverable', code: '30005', raw: null }) as const,
      },
    }
    const { prm, run, store } = springfield({ sms: failing })
    await prm.send(plain('a'))
    await run()
    expect((await messageOf(store, 'a'))?.state).toBe('undelivered')
    expect((await prm.send(plain('b'))).outcome).toEqual({ send: false, rule: 'suppressed' })
    expect((await prm.explain('a')).text).toContain('undelivered (30005)')
  })

  test.each(['invalid', 'not_found', 'unsupported', 'conflict'] as const)(
    '%s is a dead letter that is told',
    async (code) => {
      const { prm, sms, run, store, advance, failed } = springfield()
      sms.faults.push(code)
      await prm.send(plain('a'))
      await run()
      await advance('1d')
      expect(sms.calls).toBe(1)
      expect((await messageOf(store, 'a'))?.state).toBe('rejected')
      expect((await jobsOf(store, 'dead')).map(({ key }) => key)).toEqual(['deliver:a'])
      expect(failed).toMatchObject([{ error: { code } }])
    },
  )
})

describe('a provider that is not ready', () => {
  test('and says how long to wait is asked again then, not before', async () => {
    const { prm, sms, run, store, advance } = springfield()
    sms.retryAfterMs = 90_000
    sms.faults.push('rate_limited')
    await prm.send(plain('a'))
    await run()
    await advance('89s')
    expect(sms.calls).toBe(1)
    expect((await messageOf(store, 'a'))?.state).toBe('planned')
    await advance('1s')
    expect(sms.calls).toBe(2)
    expect((await messageOf(store, 'a'))?.state).toBe('accepted')
  })

  test.each([Number.NaN, -1, Number.POSITIVE_INFINITY])(
    'and says to wait %s is asked again after a while',
    async (wait) => {
      const sms = fakeSms({ find: false })
      const { prm, run, store, advance } = springfield({ sms })
      sms.retryAfterMs = wait
      sms.faults.push('rate_limited')
      await prm.send(plain('a'))
      await run()
      expect(sms.calls).toBe(1)
      await advance('1h')
      expect((await messageOf(store, 'a'))?.state).toBe('accepted')
    },
  )

  test('is asked at growing distances, and in the end the message is a dead letter that is told', async () => {
    const { prm, sms, run, store, advance, failed } = springfield()
    sms.faults.push(...Array.from({ length: 200 }, () => 'unavailable' as const))
    await prm.send(plain('a'))
    await run()
    for (let minute = 0; minute < 60; minute++) await advance('1m')
    const times = ((await messageOf(store, 'a'))?.attempts ?? []).map(({ at }) => Date.parse(at))
    expect(times.length).toBeGreaterThan(5)
    expect(times.length).toBeLessThan(12)
    for (let hour = 0; hour < 48; hour++) for (let quarter = 0; quarter < 4; quarter++) await advance('15m')
    expect(failed.map(({ job, error }) => [job.key, error.code])).toEqual([['deliver:a', 'unavailable']])
    expect(await jobsOf(store, 'dead')).toHaveLength(1)
    expect(sms.calls).toBeLessThan(200)
  })

  test('because its set-up is wrong is left alone, and keeps every message until it is mended', async () => {
    const { prm, sms, run, store, advance, failed } = springfield({ concurrency: 1 })
    const states: string[] = []
    prm.on('adapter', ({ id, state }) => states.push(`${id} ${state}`))
    sms.faults.push('auth', 'forbidden', 'config')
    for (const key of ['a', 'b', 'c']) await prm.send(plain(key, { to: tel(key === 'a' ? phone : otherPhone) }))
    await run()
    expect(sms.calls).toBe(1)
    await advance('50s')
    expect(sms.calls).toBe(1)
    await advance('10s')
    expect(sms.calls).toBe(2)
    await advance('1m')
    expect(sms.calls).toBe(3)
    for (const key of ['a', 'b', 'c']) expect((await messageOf(store, key))?.state).toBe('planned')
    await advance('5m')
    expect(sms.taken.map(({ key }) => key).sort()).toEqual(['a', 'b', 'c'])
    expect(states).toEqual(['sms paused', 'sms paused', 'sms paused', 'sms ready'])
    expect(failed).toEqual([])
  })

  test('because its set-up is wrong is left alone also where it was asked whether a message went', async () => {
    const { prm, sms, run, store, advance } = springfield({ concurrency: 1 })
    sms.faults.push('hang')
    sms.findFaults.push('auth')
    await prm.send(plain('a'))
    await run()
    await advance('1m')
    await prm.send(plain('b', { to: tel(otherPhone) }))
    await run()
    expect(sms.calls).toBe(1)
    await advance('5m')
    expect((await messageOf(store, 'a'))?.state).toBe('sent')
    expect((await messageOf(store, 'b'))?.state).toBe('accepted')
  })

  test('stops no other adapter', async () => {
    const other = fakeSms({ medium: 'voice' })
    const { prm, sms, run } = springfield({ more: { phone: other } })
    sms.faults.push('auth')
    await prm.send(plain('a'))
    await prm.send(plain('b', { adapters: ['phone'] as never }))
    await run()
    expect(other.taken.map(({ key }) => key)).toEqual(['b'])
  })
})

describe('a store that cannot be read before the call', () => {
  test('makes no unknown: nothing went, and it is sent when it can be read', async () => {
    const store = breakable()
    const sms = fakeSms({ find: false })
    const { prm, run, advance } = springfield({ sms, store })
    await prm.send(plain('a'))
    store.unreadable = true
    await run()
    store.unreadable = false
    await advance('1h')
    expect(sms.taken.map(({ key }) => key)).toEqual(['a'])
    expect((await messageOf(store, 'a'))?.attempts.map(({ outcome }) => outcome)).toEqual(['accepted'])
  })
})

describe('where no report can reach us', () => {
  const host = () => springfield({ url: undefined })

  test('the provider is asked what became of a message until it is at its end', async () => {
    const { prm, sms, run, store, advance } = host()
    await prm.send(plain('a'))
    await run()
    expect((await messageOf(store, 'a'))?.state).toBe('sent')
    sms.state = 'delivered'
    await advance('1h')
    expect((await messageOf(store, 'a'))?.state).toBe('delivered')
    const asked = sms.sought.length
    await advance('1d')
    expect(sms.sought).toHaveLength(asked)
    expect(await jobsOf(store)).toEqual([])
  })

  test('a provider that says nothing new is asked a few times and then no more', async () => {
    const { prm, sms, run, store, advance } = host()
    await prm.send(plain('a'))
    await run()
    for (let hour = 0; hour < 48; hour++) await advance('1h')
    expect(sms.sought.length).toBeLessThan(10)
    expect(await jobsOf(store)).toEqual([])
  })

  test('one that cannot be asked is asked again a few times, and no dead letter is made of a message that went', async () => {
    const { prm, sms, run, store, advance } = host()
    sms.findFaults.push(...Array.from({ length: 100 }, () => 'unavailable' as const))
    await prm.send(plain('a'))
    await run()
    for (let hour = 0; hour < 48; hour++) await advance('1h')
    expect(sms.findFaults.length).toBeGreaterThan(80)
    expect((await messageOf(store, 'a'))?.state).toBe('accepted')
    expect(await jobsOf(store)).toEqual([])
  })
})

test('waiting for a rate is no try: a hundred of them leave room for the first real failure', async () => {
  const { prm, sms, run, store, advance } = springfield()
  sms.faults.push(...Array.from({ length: 120 }, () => 'rate_limited' as const), 'unavailable')
  await prm.send(plain('a'))
  await run()
  for (let quarter = 0; quarter < 300; quarter++) await advance('15m')
  expect((await messageOf(store, 'a'))?.attempts.some(({ outcome }) => outcome.startsWith('unavailable'))).toBe(true)
  expect(sms.taken).toHaveLength(1)
})

test('a stop lets a call that has begun end, so that it is no unknown', async () => {
  const { prm, sms, store } = springfield()
  const stop = new AbortController()
  const send = sms.channel.send
  let cut: boolean | undefined
  Object.assign(sms.channel, {
    send: async (...[message, ctx]: Parameters<typeof send>) => {
      stop.abort()
      await new Promise((resolve) => setTimeout(resolve, 5))
      cut = ctx.signal.aborted
      return send(message, ctx)
    },
  })
  await prm.send(plain('a'))
  await prm.run({ signal: stop.signal })
  expect(cut).toBe(false)
  expect((await messageOf(store, 'a'))?.state).toBe('accepted')
})
