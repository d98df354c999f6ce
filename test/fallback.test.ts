import type { Instant, Message, Purpose } from '@prm/core'
import { sqlite } from '@prm/store-sqlite'
import { describe, expect, test } from 'vitest'
import type { Lease } from '../packages/core/src/contract/store.ts'
import { decide } from '../packages/core/src/decide/decide.ts'
import { again } from '../packages/core/src/deliver/fallback.ts'
import type { Engine } from '../packages/core/src/runtime/engine.ts'
import {
  breakable,
  Clock,
  card,
  hold,
  jobsOf,
  library,
  messagesOf,
  morning,
  person,
  phone,
  reported,
  scopeOf,
  tel,
  texted,
  webhook,
} from './fake.ts'
import { decisionsIn, mail, type Town, town } from './town.ts'

const address = 'ada@example.org'
const ada = (...also: ReturnType<typeof tel>[]) => person('c1', undefined, { also, preferences: { '*': ['sms'] } })
const both = [tel(phone), mail(address)]
type Why = NonNullable<Purpose['fallback']>
const every: Why = ['no-address', 'undeliverable', 'deadline']
const only = (why: Why, more: Partial<Purpose> = {}) => ({
  pickup: { media: ['sms', 'email', 'voice'], fallback: why, ...more } as Partial<Purpose>,
})
const to = { to: card('c1') }
const quiet = { from: '21:00', to: '08:00', media: ['sms', 'voice'] }
const night = '2026-11-25T05:30:00.000Z'

async function decided(host: Town, key: string, more: object = to) {
  const decision = await host.send(key, more)
  expect(await host.replayed(decision)).toEqual({ outcome: decision.outcome, reasons: decision.reasons })
  return decision.outcome.send ? decision.outcome.via : decision.outcome.rule
}
/** How it went on, and that it comes out again. */
async function followed(host: Town, key: string) {
  const { decision } = await host.prm.explain(key)
  expect(await host.replayed(decision)).toEqual({ outcome: decision.outcome, reasons: decision.reasons })
  return decision
}

describe('a medium that nobody wished for is tried at the decision', () => {
  test.each<[string, Why, string, string]>([
    ['where there is no address for the wished one', ['no-address'], 'email', 'address'],
    ['where the wished address is a bad one', ['undeliverable'], 'email', 'suppressed'],
    ['where it could not go in time', ['deadline'], 'email', 'deadline'],
  ])('%s, and for no other reason', async (_, why, via, otherwise) => {
    for (const given of [undefined, [], every.filter((one) => !why.includes(one)), why, every]) {
      const late = why[0] === 'deadline'
      const host = town({
        at: late ? night : morning,
        library: { quietHours: quiet },
        purposes: only(given ?? [], given ? {} : { media: undefined as never, fallback: undefined as never }),
      })
      await host.meet(ada(...(why[0] === 'no-address' ? [mail(address)] : both)))
      if (why[0] === 'undeliverable') await host.say('denied', '*', { basis: 'bounce' })
      const more = late ? { expireAt: '2026-11-25T13:59:59.999Z' } : {}
      expect(await decided(host, 'a', { ...to, ...more })).toBe(given?.includes(why[0] as 'deadline') ? via : otherwise)
    }
  })

  test('and said so, the three of them apart', async () => {
    const host = town({ purposes: only(every) })
    await host.meet(ada(mail(address)))
    const { reasons } = await host.send('a', to)
    expect(reasons.filter(({ rule }) => rule === 'fallback')).toEqual([
      {
        rule: 'fallback',
        verdict: 'pass',
        detail: 'No address for this medium is known: trying another medium.',
      },
    ])
  })

  test('where the number is one that the medium cannot reach', async () => {
    for (const [why, via] of [
      [['undeliverable'], 'email'],
      [['no-address'], 'channel'],
    ] as const) {
      const host = town({ purposes: only([...why]) })
      await host.meet(ada(tel('+442079460000'), mail(address)))
      expect(await decided(host, 'a')).toBe(via)
    }
  })

  test('where the number is none, for the lack of an address', async () => {
    const host = town({ purposes: only(['no-address']) })
    await host.meet(ada(tel('555-CALL'), mail(address)))
    expect(await decided(host, 'a')).toBe('email')
  })

  test('after a re-check by the same rules', () => {
    const channels = ['sms', 'email'].map((id) => ({
      id,
      medium: id,
      schemes: [id === 'sms' ? 'tel' : 'mailto'],
      exposure: 'private' as const,
    }))
    const come = (fallback: Why) => {
      const purposes = { p: { basis: 'service', class: 'service', media: ['sms', 'email'], fallback } as const }
      const to = mail(address)
      const drafts = [{ via: 'email', to, measure: { units: 1, unit: 'message', warnings: [] } }]
      const own = { key: 'a', now: morning, purpose: 'p', asked: 'sms', addresses: [to], consents: [], drafts }
      return decide({ library, purposes, channels }, { ...own, after: { why: 'relevance', media: [] } }).outcome
    }
    expect(come(['deadline'])).toEqual({ send: false, rule: 'address' })
    expect(come(['no-address'])).toMatchObject({ send: true, via: 'email' })
  })

  test('not where they asked to stop, nor where somebody must not be told', async () => {
    const host = town({ purposes: only(every, { exclude: { blocks: ['debt'] } }) })
    await host.meet(ada(...both))
    await host.prm.handle(webhook([texted('m1', 'STOP')]))
    expect(await decided(host, 'a')).toBe('suppressed')
    await host.meet(person('c2', undefined, { also: [mail(address)], blocks: ['debt'] }))
    expect(await decided(host, 'b', { to: card('c2') })).toBe('block')
  })

  test('not where a second number bounced and the first asked to stop', async () => {
    const host = town({ purposes: only(every) })
    await host.meet(ada(tel(phone), tel('+12125550177'), mail(address)))
    await host.say('denied', '*', { basis: 'bounce', address: tel('+12125550177') })
    await host.prm.handle(webhook([texted('m1', 'STOP')]))
    expect(await decided(host, 'a')).toBe('suppressed')
  })

  test('within what was wished for as ever, in its order', async () => {
    const host = town({ purposes: only([]) })
    await host.meet(person('c1', undefined, { also: [mail(address)], preferences: { '*': ['sms', 'email'] } }))
    expect(await decided(host, 'a')).toBe('email')
  })

  test('never after the moment', async () => {
    const host = town({ at: night, library: { quietHours: quiet }, purposes: only(every) })
    await host.meet(ada(...both))
    expect(await decided(host, 'a', { ...to, expireAt: night })).toBe('deadline')
    expect((await followed(host, 'a')).reasons.map(({ rule }) => rule)).not.toContain('fallback')
  })
})

describe('what turns out to be undeliverable', () => {
  test('at the call is decided again in the same commit, and told by the next medium', async () => {
    const store = breakable()
    const host = town({ store, purposes: only(['undeliverable']) })
    await host.meet(ada(...both))
    await host.prm.record([hold(1, 'c1')])
    await host.send('a', { ...to, about: [hold(1, 'c1')] })
    host.sms.faults.push('undeliverable')
    await host.run()
    expect(host.told()).toEqual([['email', address]])
    expect((await host.message('a'))?.state).toBe('undelivered')
    const next = await followed(host, 'a again')
    expect(next).toMatchObject({
      replaces: { source: 'prm', key: 'a' },
      about: [{ source: 'ils', key: hold(1, 'c1').key }],
    })
    expect(next.reasons.filter(({ rule }) => rule === 'fallback')).toEqual([
      { rule: 'fallback', verdict: 'pass', detail: 'The address is undeliverable: trying another medium.' },
    ])
    for (let day = 0; day < 3; day++) await host.advance('1d')
    expect(host.told()).toHaveLength(1)
  })

  test.for(['undelivered', 'rejected'])('by a report is, once, however often it is told (%s)', async (state) => {
    const host = town({ purposes: only(['undeliverable']) })
    await host.meet(ada(...both))
    await host.send('a', to)
    await host.run()
    const report = (key: string) =>
      host.prm.handle(webhook([reported(key, 'a', { state, addressStatus: 'undeliverable' })]))
    await report('r1')
    await report('r2')
    await host.run()
    await report('r3')
    await host.run()
    expect(host.told()).toEqual([
      ['sms', phone],
      ['email', address],
    ])
    expect((await decisionsIn(host)).map(({ key }) => key)).toEqual(['a', 'a again'])
  })

  test('goes to each medium once, and then to none', async () => {
    const host = town({ purposes: only(['undeliverable']) })
    await host.meet(ada(...both))
    for (const fake of [host.sms, host.email, host.phone]) fake.faults.push('undeliverable')
    await host.send('a', to)
    for (let hour = 0; hour < 5; hour++) await host.advance('1h')
    expect(host.told()).toEqual([])
    expect([host.sms.calls, host.email.calls, host.phone.calls]).toEqual([1, 1, 0])
    // The number that is bad for texts is bad for calls: an address has one word.
    expect((await followed(host, 'a again again')).outcome).toEqual({ send: false, rule: 'suppressed' })
  })

  test.each<[string, Why | undefined, (host: Town) => unknown]>([
    ['whose purpose does not say so', ['deadline'], (host) => host.sms.faults.push('undeliverable')],
    ['whose owner blocked us', every, (host) => host.sms.faults.push('blocked')],
    ['that the provider rejects', every, (host) => host.sms.faults.push('invalid')],
    [
      'that was only not delivered',
      every,
      async (host) => {
        await host.run()
        await host.prm.handle(webhook([reported('r1', 'a', { state: 'undelivered' })]))
      },
    ],
    [
      'that was delivered before',
      every,
      async (host) => {
        await host.run()
        await host.prm.handle(webhook([reported('r1', 'a', { state: 'delivered' })]))
        await host.prm.handle(webhook([reported('r2', 'a', { state: 'undelivered', addressStatus: 'undeliverable' })]))
      },
    ],
    [
      'of whose end no report speaks',
      every,
      async (host) => {
        await host.run()
        await host.prm.handle(webhook([reported('r1', 'a', { addressStatus: 'undeliverable' })]))
      },
    ],
    ['of which nobody knows', every, (host) => host.sms.faults.push('hang')],
  ])('is not told again where it is one %s', async (_, why, happen) => {
    const host = town({ purposes: only(why ?? []) })
    await host.meet(ada(...both))
    await host.send('a', to)
    await happen(host)
    for (let hour = 0; hour < 3; hour++) await host.advance('1h')
    expect(host.email.calls).toBe(0)
    expect((await decisionsIn(host)).map(({ key }) => key)).toEqual(['a'])
  })

  test('in a digest is told to all of it', async () => {
    const host = town({ purposes: only(['undeliverable']) })
    await host.meet(ada(...both))
    host.sms.faults.push('undeliverable')
    const content = { template: 'pickup', data: { pickup: 'Main' } }
    for (const key of ['1', '2']) await host.send(key, { ...to, content, digest: 'd' })
    await host.run()
    expect(host.email.taken.map(({ content: { text } }) => text)).toEqual(['2 to collect at Main.'])
    expect((await followed(host, '2 again')).keys).toEqual(['1 again', '2 again'])
  })

  test('since another message proved it, or the number is gone, by the time of release goes by the next medium', async () => {
    for (const why of ['undeliverable', 'no-address'] as const) {
      const host = town({ at: night, library: { quietHours: quiet }, purposes: only([why]) })
      await host.meet(ada(...both))
      await host.send('a', to)
      if (why === 'undeliverable') await host.say('denied', '*', { basis: 'bounce' })
      else await host.meet(ada(mail(address)))
      await host.advance('10h')
      expect(host.told()).toEqual([['email', address]])
      expect((await host.message('a'))?.state).toBe('cancelled')
    }
  })

  test('is not told elsewhere because they asked to stop meanwhile', async () => {
    const host = town({ at: night, library: { quietHours: quiet }, purposes: only(every) })
    await host.meet(ada(...both))
    await host.send('a', to)
    await host.prm.handle(webhook([texted('m1', 'STOP', phone, { confirmed: true })]))
    await host.advance('10h')
    expect(host.told()).toEqual([])
  })

  test('keeps what it was made of only where it may be needed', async () => {
    for (const [why, kept] of [
      [undefined, false],
      [['no-address'], true],
      [['deadline'], true],
    ] as const) {
      const host = town({ purposes: why ? only([...why]) : {} })
      await host.meet(ada(...both))
      await host.send('a', to)
      expect('sends' in ((await host.message('a')) as Message)).toBe(kept)
    }
  })

  test('changes nothing when it is decided a second time, and is decided after a crash', async () => {
    const store = breakable()
    const host = town({ store, purposes: only(['undeliverable']) })
    await host.meet(ada(...both))
    await host.send('a', to)
    host.sms.faults.push('undeliverable')
    store.breaks = (batches) => batches.some(({ put }) => put?.some(({ kind }) => kind === 'decision'))
    await host.run().catch(() => undefined)
    store.breaks = () => false
    await host.advance('1h')
    expect(host.told()).toEqual([['email', address]])
    const engine = { scope: scopeOf(store), options: { purposes: {}, adapters: {} } } as unknown as Engine
    const lease = { job: { payload: { key: 'a', why: 'undeliverable', without: [] } } } as unknown as Lease
    expect(await again(engine, lease)).toEqual({ outcome: { done: true } })
  })

  test('has its promise in the commit that ends it: a stop between the two loses nothing', async () => {
    const clock = new Clock()
    const store = sqlite({ memory: true })
    const host = town({ store, clock, purposes: only(['undeliverable']) })
    await host.meet(ada(...both))
    await host.send('a', to)
    await host.run()
    await host.prm.handle(webhook([reported('r1', 'a', { state: 'undelivered', addressStatus: 'undeliverable' })]))
    expect((await jobsOf(store)).map(({ key }) => key)).toEqual(['again:a'])
    const next = town({ store, clock, purposes: only(['undeliverable']) })
    expect((await next.prm.run({ once: true, deliver: false })).waiting).toBe(1)
    await next.run()
    expect(next.told()).toEqual([['email', address]])
  })
})

describe('what could not go in time', () => {
  const soon: Instant = '2026-11-24T17:00:00.000Z'
  const sent = async (host: Town, hours = 3) => {
    await host.meet(ada(...both))
    await host.send('a', { ...to, expireAt: soon })
    await host.run()
    for (let minute = 0; minute < hours * 60; minute += 5) await host.advance('5m')
    return (await messagesOf(host.store)).map(({ key, state }) => [key, state])
  }

  test.each(['unavailable', 'rate_limited', 'auth'] as const)(
    'since the provider says %s goes by the next medium before its deadline, and never after it',
    async (fault) => {
      const host = town({ purposes: only(['deadline']) })
      host.sms.faults.push(...Array<typeof fault>(200).fill(fault))
      let at = ''
      host.email.onTaken = () => {
        at = host.clock.now().toISOString()
      }
      expect(await sent(host)).toEqual([
        ['a', 'cancelled'],
        ['a again', 'accepted'],
      ])
      expect(at > morning && at < soon).toBe(true)
      expect((await host.prm.explain('a')).text).toContain('; another way is tried')
      expect((await host.prm.explain('a')).text).toContain('see "a again"')
      expect(host.sms.calls).toBeGreaterThan(3)
    },
  )

  test('goes by each medium once, and by none that was tried', async () => {
    const host = town({ purposes: only(['deadline']) })
    for (const { faults } of [host.sms, host.email, host.phone])
      faults.push(...Array<'unavailable'>(200).fill('unavailable'))
    await sent(host, 2)
    const ways = (await decisionsIn(host)).map(({ outcome }) => (outcome.send ? outcome.via : outcome.rule))
    expect(ways).toEqual(['sms', 'email', 'phone', 'channel'])
  })

  test('since its adapter is paused by another message goes by the next medium too', async () => {
    const host = town({ purposes: only(['deadline']) })
    await host.meet(ada(...both), person('c2', undefined, { also: [tel('+12125550177'), mail('b@example.org')] }))
    host.sms.faults.push('auth')
    await host.send('a', { ...to, expireAt: soon })
    await host.run()
    await host.send('b', { to: card('c2'), expireAt: '2026-11-24T16:10:00.000Z' })
    await host.run()
    expect(host.told()).toEqual([['email', 'b@example.org']])
    await host.advance('2m')
    expect(host.told()).toHaveLength(2)
    expect(host.sms.calls).toBe(2)
  })

  test('ends at its deadline where the purpose does not say so', async () => {
    const host = town({ purposes: only(['undeliverable']) })
    host.sms.faults.push(...Array<'unavailable'>(200).fill('unavailable'))
    expect(await sent(host)).toEqual([['a', 'expired']])
  })

  test('of which nobody knows whether it went goes by no other', async () => {
    const host = town({ purposes: only(every) })
    host.sms.faults.push('hang')
    host.sms.findFaults.push(...Array<'unavailable'>(200).fill('unavailable'))
    expect((await sent(host)).map(([key]) => key)).toEqual(['a'])
    expect(host.email.calls).toBe(0)
  })

  test('of which nobody can say whether it went, and which is sent again for that, goes by no other either', async () => {
    const clock = new Clock()
    const host = town({ clock, library: { quietHours: quiet }, purposes: only(every, { onUnknownOutcome: 'resend' }) })
    const { lookup: _, ...blind } = host.sms.channel
    Object.assign(host.sms, { channel: blind })
    await host.meet(ada(...both))
    host.sms.faults.push('hang')
    await host.send('a', { ...to, expireAt: '2026-11-25T13:00:00.000Z' })
    await host.run()
    clock.ms = Date.parse(night)
    await host.run()
    expect(host.told()).toEqual([['sms', phone]])
    expect((await host.message('a'))?.state).toBe('unknown')
  })

  test('since quiet hours came between goes by a medium that they do not bind', async () => {
    const clock = new Clock('2026-11-25T02:00:00.000Z')
    const host = town({ clock, library: { quietHours: quiet }, purposes: only(['deadline']) })
    await host.meet(ada(...both))
    await host.send('a', { ...to, expireAt: '2026-11-25T13:00:00.000Z' })
    clock.ms = Date.parse(night)
    await host.run()
    expect(host.told()).toEqual([['email', address]])
    expect((await host.message('a'))?.state).toBe('cancelled')
  })
})
