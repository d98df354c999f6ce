import { type Adapter, type Channel, type Context, type Interaction, notice, PrmError } from '@prm/core'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { instant, milliseconds } from '../packages/core/src/time/instants.ts'
import {
  breakable,
  fakeFeed,
  fakeSms,
  hold,
  jobsOf,
  keyOf,
  messageOf,
  otherPhone,
  person,
  phone,
  plain,
  reported,
  scopeOf,
  springfield,
  tel,
  texted,
  webhook,
} from './fake.ts'

const bug = (): never => {
  throw new TypeError('a bug of the adapter')
}

function failing(error: Error): AsyncIterable<never> {
  return { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(error) }) }
}

describe('an adapter that does not answer', () => {
  afterEach(() => void vi.useRealTimers())

  test('is waited for five minutes; then its message counts as one that may have gone, and others have its slot', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const cut: AbortSignal[] = []
    const sms = fakeSms({ find: false })
    const { send } = sms.channel
    const deaf: Channel['send'] = (message, ctx) => {
      if (message.key === 'b') return send(message, ctx)
      cut.push(ctx.signal)
      return new Promise(() => undefined)
    }
    const host = springfield({
      sms: { ...sms, channel: { ...sms.channel, send: deaf } },
      quietly: true,
      concurrency: 1,
    })
    await host.prm.send(plain('a'))
    await host.prm.send(plain('b', { to: tel(otherPhone) }))
    const ran = host.run()
    while (cut.length === 0) await new Promise((resolve) => setImmediate(resolve))
    await vi.advanceTimersByTimeAsync(299_000)
    expect([cut[0]?.aborted, sms.calls]).toEqual([false, 0])
    await vi.advanceTimersByTimeAsync(1_000)
    await ran
    expect(cut[0]?.aborted).toBe(true)
    expect(sms.taken.map(({ key }) => key)).toEqual(['b'])
    const { state, attempts } = (await messageOf(host.store, 'a')) ?? {}
    expect([state, attempts?.[0]?.outcome]).toEqual([
      'unknown',
      'unknown: unknown: The adapter did not answer within 5 minutes.',
    ])
  })
})

describe('an adapter that does not answer what became of a message', () => {
  afterEach(() => void vi.useRealTimers())

  test('is waited for five minutes, and asked again later', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const sms = fakeSms()
    let asked = 0
    const find = () => {
      asked++
      return new Promise<never>(() => undefined)
    }
    const host = springfield({
      sms: { ...sms, channel: { ...sms.channel, lookup: find } },
      quietly: true,
      url: undefined,
    })
    await host.prm.send(plain('a'))
    const ran = host.run()
    while (asked === 0) await new Promise((resolve) => setImmediate(resolve))
    await vi.advanceTimersByTimeAsync(300_000)
    await ran
    expect((await messageOf(host.store, 'a'))?.state).toBe('accepted')
    expect((await jobsOf(host.store)).map(({ name }) => name)).toEqual(['ask'])
  })

  test('nor that its block list heard of a STOP, is waited for as long, and told again', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const sms = fakeSms({ block: true })
    let told = 0
    const block = () => {
      told++
      return new Promise<never>(() => undefined)
    }
    const host = springfield({ sms: { ...sms, channel: { ...sms.channel, setOptOut: block } }, quietly: true })
    await host.prm.recordConsent({ address: tel(phone), purpose: '*', state: 'denied', basis: 'request' })
    host.clock.advance('10m')
    const ran = host.run()
    while (told === 0) await new Promise((resolve) => setImmediate(resolve))
    await vi.advanceTimersByTimeAsync(300_000)
    await ran
    expect((await jobsOf(host.store)).map(({ name }) => name)).toEqual(['block'])
  })
})

describe('an adapter that throws', () => {
  test.each([
    ['a bug', new TypeError('a bug')],
    ['its own word', new PrmError('auth', 'No such key.')],
  ])('%s in its feed stops no other feed, no flow and no sending, and is told', async (_, error) => {
    const broken = fakeFeed()
    const sick: Adapter = {
      ...broken,
      feed: {
        ...broken.feed,
        pull: () => failing(error),
      },
    }
    const last = fakeFeed()
    last.batches = [{ interactions: [{ ...hold(2, 'c2'), source: 'last' }], people: [person('c2', otherPhone)] }]
    const host = springfield({ more: { aaa: sick, last } })
    host.ils.batches = [{ interactions: [hold(1, 'c1')], people: [person('c1', phone)] }]
    await host.prm.send(plain('a', { to: tel('+12125550177') }))
    await expect(host.run()).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('aaa') })
    expect(host.sms.taken.map(({ to }) => to.value).sort()).toEqual(['+12125550177', phone, otherPhone].sort())
    expect(host.failed.map(({ job }) => job.name)).toEqual(['pull:aaa'])
  })

  test('in its feed while workers run stops no other feed, and is asked again', async () => {
    const broken = fakeFeed()
    let asked = 0
    const sick: Adapter = {
      ...broken,
      feed: {
        ...broken.feed,
        pull() {
          asked++
          return failing(new TypeError('a bug'))
        },
      },
    }
    const host = springfield({ more: { aaa: sick } })
    host.ils.batches = [{ interactions: [hold(1, 'c1')], people: [person('c1', phone)] }]
    const stop = new AbortController()
    const recorded = Promise.withResolvers<void>()
    const told = Promise.withResolvers<void>()
    host.prm.on('recorded', () => recorded.resolve())
    host.prm.on('jobFailed', () => told.resolve())
    const running = host.prm.run({ signal: stop.signal })
    await Promise.all([recorded.promise, told.promise])
    stop.abort()
    await running
    expect(asked).toBe(1)
    expect(await scopeOf(host.store).backlog(['pull:aaa'])).toMatchObject({ waiting: 1 })
  })

  test.each([
    ['10m', 10 * 60_000],
    ['1d', 10 * 365 * 24 * 60 * 60_000],
    ['2s', Number.NaN],
    ['2s', -1],
  ] as const)('in its feed, since it is to wait, is asked again after %s', async (after, retryAfterMs) => {
    const broken = fakeFeed()
    const busy = new PrmError('rate_limited', 'Too many requests.', { retryAfterMs })
    const host = springfield({ more: { aaa: { ...broken, feed: { ...broken.feed, pull: () => failing(busy) } } } })
    const stop = new AbortController()
    const told = Promise.withResolvers<void>()
    host.prm.on('jobFailed', () => told.resolve())
    const running = host.prm.run({ signal: stop.signal })
    await told.promise
    stop.abort()
    await running
    const { next } = await scopeOf(host.store).backlog(['pull:aaa'])
    expect(next).toBe(instant(host.clock.ms + milliseconds(after)))
  })

  test('in its inlet stops no other inlet', async () => {
    const sms = fakeSms()
    const host = springfield({ more: { aaa: { ...sms, webhook: { receive: bug } } } })
    expect((await host.prm.handle(webhook([texted('m1', 'hi')], { path: '/prm/aaa' }))).status).toBe(500)
    expect((await host.prm.handle(webhook([texted('m1', 'hi')]))).status).toBe(200)
  })

  test('when it measures is passed over for the next channel, and the reason says so', async () => {
    const sms = fakeSms()
    const sick = { ...sms, channel: { ...sms.channel, measure: bug } }
    const host = springfield({ sms: sick, more: { spare: fakeSms() } })
    const { outcome, reasons } = await host.prm.send(plain('a'))
    expect(outcome).toMatchObject({ send: true, via: 'spare' })
    expect(reasons).toContainEqual({
      rule: 'channel',
      verdict: 'reject',
      via: 'sms',
      detail: 'This channel cannot reach it: its adapter threw TypeError.',
    })
  })

  test('when it sends stops no other channel', async () => {
    const spare = fakeSms({ medium: 'voice' })
    const host = springfield({ more: { spare } })
    host.sms.faults.push('throw')
    await host.prm.send(plain('a'))
    await host.prm.send(plain('b', { adapters: ['spare' as 'sms'] }))
    await host.run()
    expect(spare.taken.map(({ key }) => key)).toEqual(['b'])
    expect((await messageOf(host.store, 'a'))?.state).toBe('unknown')
  })

  test.each([
    ['at once', bug],
    ['later', async () => bug()],
  ])('when it sends, %s, is an unknown like any other', async (_, send) => {
    const sms = fakeSms()
    const host = springfield({ sms: { ...sms, channel: { ...sms.channel, send } } })
    await host.prm.send(plain('a'))
    await host.run()
    expect((await messageOf(host.store, 'a'))?.state).toBe('unknown')
  })

  test.each(['unavailable', 'unknown'] as const)(
    'that does not answer (%s) holds up no other: it is left alone for a while, and all it was to send goes later',
    async (code) => {
      const mail = fakeSms({ medium: 'email', schemes: ['mailto'] })
      const { prm, sms, run, clock } = springfield({ more: { mail }, concurrency: 5 })
      const { send } = sms.channel
      let down = true
      Object.assign(sms.channel, {
        async send(...given: Parameters<typeof send>) {
          if (!down) return send(...given)
          sms.calls++
          await new Promise((resolve) => setTimeout(resolve, 2))
          throw new PrmError(code, 'No answer came within 30 s.')
        },
      })
      const keys = Array.from({ length: 300 }, (_, n) => `k${n}`)
      await Promise.all(keys.map((key, n) => prm.send(plain(key, { to: tel(`+1212555${1_000 + n}`) }))))
      clock.advance('1s')
      let before = Number.POSITIVE_INFINITY
      mail.onTaken = () => {
        before = sms.calls
      }
      await prm.send(plain('urgent', { to: { scheme: 'mailto', value: 'ada@library.example' } }))
      await run()
      expect(before).toBeLessThan(20)
      for (let minute = 0; minute < 30; minute++) {
        clock.advance('1m')
        await run()
      }
      expect(sms.calls).toBeLessThan(300)
      down = false
      for (let hour = 0; hour < 8; hour++) {
        clock.advance('1h')
        await run()
      }
      expect(sms.taken.map(({ key }) => key).sort()).toEqual(keys.sort())
    },
  )

  test('when it closes keeps no other from closing, nor the store', async () => {
    const closed: string[] = []
    const store = breakable()
    const close = store.close.bind(store)
    store.close = async () => {
      closed.push('store')
      await close()
    }
    const sms = fakeSms()
    const closing = (name: string, how: () => void = () => {}): Adapter => ({
      ...sms,
      close: async () => {
        closed.push(name)
        how()
      },
    })
    const host = springfield({
      store,
      more: {
        aaa: closing('aaa', bug),
        bbb: {
          ...sms,
          close: (() => {
            closed.push('bbb')
            bug()
          }) as () => Promise<void>,
        },
        ccc: closing('ccc'),
      },
    })
    await host.prm.close()
    expect(closed).toEqual(['aaa', 'bbb', 'ccc', 'store'])
  })
})

describe('a listener', () => {
  test('that throws, at once or later, stops nothing and no other listener', async () => {
    const logged: string[] = []
    const host = springfield({ log: (_, message) => void logged.push(message) })
    const heard: string[] = []
    for (const event of ['recorded', 'decided', 'message', 'duplicate', 'jobFailed', 'rejected', 'adapter'] as const) {
      host.prm.on(event, bug)
      host.prm.on(event, (async () => bug()) as () => void)
      host.prm.on(event, () => void heard.push(event))
    }
    host.ils.batches = [{ interactions: [hold(1, 'c1')], people: [person('c1', phone)] }]
    await host.run()
    await host.run()
    await host.prm.handle(webhook([reported('r1', keyOf(hold(1, 'c1')), { state: 'delivered' })]))
    await new Promise(setImmediate)
    expect(host.sms.taken).toHaveLength(1)
    expect(heard).toEqual(['recorded', 'decided', 'message', 'duplicate', 'recorded'])
    expect(logged.filter((message) => message === 'A listener threw.')).toHaveLength(10)
  })

  test('that was taken off hears no more', async () => {
    const { prm } = springfield()
    const heard: Interaction[] = []
    const off = prm.on('recorded', (fact) => heard.push(fact))
    await prm.record([hold(1, 'c1')])
    off()
    await prm.record([hold(2, 'c1')])
    expect(heard.map(({ key }) => key)).toEqual([hold(1, 'c1').key])
  })
})

describe('what an adapter is given', () => {
  test('is plain: its name, its library, its address, a signal, the time and a log, and no way into core', async () => {
    const given: Context[] = []
    const sms = fakeSms()
    const ils = fakeFeed()
    const take = <T>(ctx: Context, then: T): T => {
      given.push(ctx)
      return then
    }
    const host = springfield({
      sms: {
        ...sms,
        channel: { ...sms.channel, send: (message, ctx) => take(ctx, sms.channel.send(message, ctx)) },
        webhook: { receive: async (_, ctx) => take(ctx, { interactions: [] }) },
      },
      ils: { ...ils, feed: { ...ils.feed, pull: (cursor, ctx) => take(ctx, ils.feed.pull(cursor, ctx)) } },
    })
    await host.prm.send(plain('a'))
    await host.run()
    await host.prm.handle(webhook([]))
    expect(given).toHaveLength(3)
    for (const ctx of given) {
      expect(Object.keys(ctx).sort()).toEqual(['id', 'library', 'log', 'now', 'publicUrl', 'signal'])
      expect(Object.getPrototypeOf(ctx)).toBe(Object.prototype)
      expect(ctx.library).toBe('springfield')
      expect(ctx.now()).toEqual(host.clock.now())
    }
    expect(given.map(({ id }) => id)).toEqual(['ils', 'sms', 'sms'])
  })

  test('to send is the message and nothing of the patron', async () => {
    const host = springfield()
    host.ils.batches = [{ interactions: [hold(1, 'c1')], people: [person('c1', phone, { name: 'Ada Lovelace' })] }]
    await host.run()
    const [{ id: _, ...message } = { id: '' }] = host.sms.taken
    expect(message).toEqual({
      key: keyOf(hold(1, 'c1')),
      to: tel(phone),
      from: tel('+12125550100'),
      purpose: 'pickup',
      content: { text: '1 to collect at Main.' },
      expireAt: '2026-12-25T06:00:00.000Z',
    })
  })

  test('to log with carries its name', async () => {
    const logged: unknown[] = []
    const sms = fakeSms()
    const host = springfield({
      log: (...entry) => void logged.push(entry),
      sms: {
        ...sms,
        webhook: {
          async receive(_, ctx) {
            ctx.log('info', 'Hello.', { count: 1 })
            return { interactions: [] }
          },
        },
      },
    })
    await host.prm.handle(webhook([]))
    expect(logged).toEqual([['info', 'Hello.', { adapter: 'sms', count: 1 }]])
  })
})

test('a flow of a type that an adapter made up is run with its facts', async () => {
  const host = springfield({ quietly: true })
  const ran: string[] = []
  host.prm.flow('any', { ...notice, name: 'made-up' }, async ({ event }) => void ran.push(event.type))
  await host.prm.record([{ ...hold(1, 'c1'), type: 'made-up' }])
  await host.run()
  expect(ran).toEqual(['made-up'])
})

test('a flow calls a facet with the context of its adapter', () => {
  const { prm, clock } = springfield({ quietly: true })
  const ctx = prm.context('sms')
  expect(ctx).toMatchObject({ id: 'sms', library: 'springfield', publicUrl: 'https://library.example/prm/sms' })
  expect(ctx.now()).toEqual(clock.now())
})
