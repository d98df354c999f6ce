import type { Consent } from '@prm/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { refusalOf } from '../packages/core/src/decide/consent.ts'
import {
  Clock,
  card,
  consentsOf,
  decisionsOf,
  fakeSms,
  hold,
  keyOf,
  library,
  messageOf,
  messagesOf,
  otherPhone,
  person,
  phone,
  plain,
  purposes,
  reported,
  type Springfield,
  scopeOf,
  springfield,
  tel,
  texted,
  webhook,
} from './fake.ts'
import { type Town, town } from './town.ts'

const text = (host: Springfield, key: string, word: string, from = phone, more: object = {}) =>
  host.prm.handle(webhook([texted(key, word, from, more)]))
const confirmations = (host: Springfield) => host.sms.taken.filter(({ key }) => key.startsWith('stop '))
const notices = (host: Springfield) => host.sms.taken.filter(({ key }) => !key.startsWith('stop '))

async function say(
  host: Springfield,
  state: Consent['state'],
  purpose: string,
  id: string,
  more: Partial<Consent> = {},
): Promise<void> {
  const value: Consent = {
    id,
    address: tel(phone),
    purpose,
    state,
    basis: 'request',
    at: host.clock.now().toISOString(),
    by: 'desk',
    ...more,
  }
  await scopeOf(host.store).commit([{ put: [{ kind: 'consent', value }] }])
}

describe('STOP', () => {
  test('is kept with the text that said so, in the commit of the text', async () => {
    const host = springfield()
    expect((await text(host, 'm1', 'Stop')).status).toBe(200)
    expect(await consentsOf(host.store)).toEqual([
      {
        id: 'sms m1',
        address: tel(phone),
        purpose: '*',
        state: 'denied',
        basis: 'stop',
        at: '2026-11-24T16:00:00.000Z',
        by: 'sms',
        evidence: { text: 'Stop', fact: { source: 'sms', key: 'm1' } },
      },
    ])
  })

  test('is heard at the decision, for every purpose', async () => {
    const host = springfield()
    await say(host, 'granted', 'news', 'g1')
    host.clock.advance('1h')
    await text(host, 'm1', 'STOP')
    for (const purpose of ['pickup', 'news', 'urgent'] as const)
      expect((await host.prm.send(plain(purpose, { purpose }))).outcome).toEqual({ send: false, rule: 'suppressed' })
    await host.run()
    expect(notices(host)).toEqual([])
  })

  test('is heard at the release: what waits in quiet hours is cancelled, and it is reported', async () => {
    const host = springfield({ clock: new Clock('2026-11-25T05:30:00.000Z') })
    expect((await host.prm.send(plain('a'))).outcome.send).toBe(true)
    await host.prm.send(plain('b', { to: tel(otherPhone) }))
    await host.run()
    await text(host, 'm1', 'STOP')
    await host.advance('10h')
    expect(notices(host).map(({ key }) => key)).toEqual(['b'])
    expect((await messageOf(host.store, 'a'))?.state).toBe('cancelled')
    expect(host.settled.find(({ key }) => key === 'a')?.state).toBe('cancelled')
    expect((await host.prm.explain('a')).text).toContain('cancelled: asked to stop on 24 November')
  })

  test('is of the address: two cards on one phone are silent, another phone is not', async () => {
    const host = springfield()
    await text(host, 'm1', 'STOP')
    host.ils.batches = [
      {
        interactions: [hold(1, 'c1'), hold(2, 'c2'), hold(3, 'c3')],
        people: [person('c1', phone), person('c2', phone), person('c3', otherPhone)],
      },
    ]
    await host.run()
    expect(notices(host).map(({ to }) => to.value)).toEqual([otherPhone])
    for (const id of [1, 2])
      expect((await host.prm.explain(keyOf(hold(id, `c${id}`)))).decision.outcome).toEqual({
        send: false,
        rule: 'suppressed',
      })
  })

  test("moves a notice to the patron's next number, which did not ask to stop", async () => {
    const host = springfield()
    await text(host, 'm1', 'STOP')
    host.ils.batches = [
      { interactions: [hold(1, 'c1')], people: [person('c1', phone, { also: [tel(phone), tel(otherPhone)] })] },
    ]
    await host.run()
    expect(notices(host).map(({ to }) => to.value)).toEqual([otherPhone])
  })

  test('of somebody whose number came with a new number is heard at the new one too, if that is the one to be called', async () => {
    const host = springfield({ clock: new Clock('2026-11-25T05:30:00.000Z') })
    host.ils.batches = [{ interactions: [hold(1, 'c1')], people: [person('c1', phone)] }]
    await host.run()
    await text(host, 'm1', 'STOP', otherPhone)
    host.ils.batches = [{ interactions: [], people: [person('c1', otherPhone)] }]
    await host.advance('10h')
    expect(notices(host)).toEqual([])
    expect((await messageOf(host.store, keyOf(hold(1, 'c1'))))?.state).toBe('cancelled')
  })

  test('on a channel whose addresses have a realm is heard on it', async () => {
    const at = { scheme: 'acct', realm: 'webchat', value: 'visitor-7' } as const
    const chat = fakeSms({ medium: 'chat', schemes: ['acct'] })
    const host = springfield({ more: { chat } })
    await host.prm.handle(webhook([{ ...texted('m1', 'STOP'), who: at }], { path: '/prm/chat' }))
    expect((await host.prm.send(plain('a', { to: at, adapters: ['chat' as 'sms'] }))).outcome).toEqual({
      send: false,
      rule: 'suppressed',
    })
    expect((await host.prm.send(plain('b', { to: { ...at, value: 'visitor-8' } }))).outcome.send).toBe(true)
  })
})

describe('the confirmation of a STOP', () => {
  test('goes although the address is stopped, also at night, once, and is the last', async () => {
    const host = springfield({ clock: new Clock('2026-11-25T05:30:00.000Z') })
    await text(host, 'm1', 'STOP')
    await host.run()
    expect(confirmations(host).map(({ to, content }) => [to.value, content.text])).toEqual([
      [phone, expect.stringContaining('Springfield Library')],
    ])
    await host.advance('10h')
    expect(host.sms.taken).toHaveLength(1)
  })

  test('goes once when the STOP is delivered again, before and after', async () => {
    const host = springfield()
    await Promise.all([text(host, 'm1', 'STOP'), text(host, 'm1', 'STOP')])
    await text(host, 'm1', 'STOP')
    await host.run()
    await text(host, 'm1', 'STOP')
    await host.run()
    expect(host.sms.taken).toHaveLength(1)
    expect(await consentsOf(host.store)).toHaveLength(1)
  })

  test.each(['2125550134', '70707'])(
    'is not sent to %s, whose number nobody can dial; the STOP is kept',
    async (who) => {
      const host = springfield()
      await text(host, 'm1', 'STOP', who)
      await host.run()
      expect(host.sms.calls).toBe(0)
      expect(await messagesOf(host.store)).toEqual([])
      expect((await consentsOf(host.store, who)).map(({ address, state }) => [address.value, state])).toEqual([
        [who, 'denied'],
      ])
    },
  )

  test('is not sent where the provider sends its own', async () => {
    const host = springfield()
    await text(host, 'm1', 'STOP', phone, { confirmed: true })
    await host.run()
    expect(host.sms.calls).toBe(0)
    expect(await messagesOf(host.store)).toEqual([])
    expect(await consentsOf(host.store)).toHaveLength(1)
  })

  test('is not sent a second time to somebody who says STOP again', async () => {
    const host = springfield()
    await text(host, 'm1', 'STOP')
    await host.run()
    await host.advance('1h')
    await text(host, 'm2', 'STOP')
    await host.run()
    expect(confirmations(host)).toHaveLength(1)
    await text(host, 'm3', 'START')
    await host.advance('1h')
    await text(host, 'm4', 'STOP')
    await host.run()
    expect(confirmations(host)).toHaveLength(2)
  })

  test('goes within minutes or not at all: after an outage nobody who asked for silence is texted in the night', async () => {
    const host = springfield({ clock: new Clock('2026-11-25T02:00:00.000Z') })
    host.sms.faults.push(...Array.from({ length: 100 }, () => 'unavailable' as const))
    await text(host, 'm1', 'STOP')
    for (let ten = 0; ten < 12; ten++) await host.advance('10m')
    host.sms.faults.length = 0
    for (let hour = 0; hour < 12; hour++) await host.advance('1h')
    expect(host.sms.taken).toEqual([])
    expect((await messagesOf(host.store)).map(({ state }) => state)).toEqual(['expired'])
  })

  test('comes from the number that was written to', async () => {
    const host = springfield()
    await host.prm.handle(webhook([{ ...texted('m1', 'STOP'), to: tel('+12125550177') }]))
    await host.run()
    expect(host.sms.taken[0]?.from).toEqual(tel('+12125550177'))
  })

  test('is not sent to somebody who has said START meanwhile', async () => {
    const host = springfield()
    await text(host, 'm1', 'STOP')
    await text(host, 'm2', 'START')
    await host.run()
    expect(host.sms.taken).toEqual([])
    expect(host.settled.map(({ state }) => state)).toEqual(['cancelled'])
  })

  test('is not sent twice when its outcome is unknown', async () => {
    const host = springfield()
    host.sms.faults.push('hang')
    await text(host, 'm1', 'STOP')
    await host.run()
    await host.advance('1h')
    await host.advance('1h')
    expect(host.sms.calls).toBe(1)
    expect((await messagesOf(host.store)).map(({ state }) => state)).toEqual(['sent'])
  })

  test('does not keep a STOP from being stored when it cannot be made', async () => {
    const sms = fakeSms()
    const broken = {
      ...sms,
      channel: {
        ...sms.channel,
        measure: () => {
          throw new TypeError('a bug of the adapter')
        },
      },
    }
    const host = springfield({ sms: broken })
    expect((await text(host, 'm1', 'STOP')).status).toBe(200)
    expect(await consentsOf(host.store)).toHaveLength(1)
  })
})

describe('START', () => {
  const said = (at: string) => ({ at: `2026-11-24T15:${at}.000Z` })

  test('that was said before the STOP, and is told after it, takes nothing back', async () => {
    const host = springfield()
    await host.prm.handle(webhook([{ ...texted('m2', 'STOP'), ...said('59:30') }]))
    host.clock.advance('1m')
    await host.prm.handle(webhook([{ ...texted('m1', 'START'), ...said('59:00') }]))
    await host.prm.handle(webhook([{ ...texted('m0', 'START'), ...said('58:00') }]))
    expect((await host.prm.send(plain('a'))).outcome).toEqual({ send: false, rule: 'suppressed' })
    await host.prm.handle(webhook([{ ...texted('m3', 'START'), ...said('59:40') }]))
    expect((await host.prm.send(plain('a'))).outcome.send).toBe(true)
  })

  test('that a source tells behind the later STOP, in one batch, takes nothing back', async () => {
    const host = springfield()
    const others = [{ ...texted('m3', 'STOP', otherPhone), ...said('59:30') }]
    const both = [
      { ...texted('m2', 'STOP'), ...said('59:30') },
      { ...texted('m1', 'START'), ...said('59:00') },
    ]
    await host.prm.handle(webhook([...others, ...both]))
    expect((await host.prm.send(plain('a'))).outcome.send).toBe(false)
    await host.prm.handle(webhook([{ ...texted('m4', 'START', otherPhone), ...said('59:31') }]))
    expect((await host.prm.send(plain('b', { to: tel(otherPhone) }))).outcome.send).toBe(true)
  })

  test('opens the address again', async () => {
    const host = springfield()
    await text(host, 'm1', 'STOP')
    host.clock.advance('1h')
    await text(host, 'm2', 'START')
    expect((await host.prm.send(plain('a'))).outcome.send).toBe(true)
    await host.run()
    expect(notices(host).map(({ key }) => key)).toEqual(['a'])
  })

  test('in the same moment as the STOP before it has the last word', async () => {
    const host = springfield()
    await host.prm.handle(webhook([texted('m1', 'STOP'), texted('m2', 'START')]))
    expect((await host.prm.send(plain('a'))).outcome.send).toBe(true)
    await host.prm.handle(webhook([texted('m3', 'STOP')]))
    expect((await host.prm.send(plain('b'))).outcome.send).toBe(false)
  })

  test('does not bring back what was cancelled', async () => {
    const host = springfield({ clock: new Clock('2026-11-25T05:30:00.000Z') })
    await host.prm.send(plain('a'))
    await text(host, 'm1', 'STOP')
    await host.advance('10h')
    await text(host, 'm2', 'START')
    await host.advance('10h')
    expect(notices(host)).toEqual([])
  })
})

describe('a purpose that needs consent', () => {
  const news = (key: string) => plain(key, { purpose: 'news' })

  test('is sent only to an address that agreed to it', async () => {
    const host = springfield()
    expect((await host.prm.send(news('a'))).outcome).toEqual({ send: false, rule: 'consent' })
    await say(host, 'granted', 'other', 'g0')
    expect((await host.prm.send(news('a'))).outcome).toEqual({ send: false, rule: 'consent' })
    await say(host, 'granted', 'news', 'g1', { address: tel(otherPhone) })
    expect((await host.prm.send(news('a'))).outcome).toEqual({ send: false, rule: 'consent' })
    await say(host, 'granted', 'news', 'g2')
    expect((await host.prm.send(news('a'))).outcome.send).toBe(true)
  })

  test('is cancelled at release when the consent was taken back meanwhile', async () => {
    const host = springfield({ clock: new Clock('2026-11-25T05:30:00.000Z') })
    await say(host, 'granted', 'news', 'g1')
    await host.prm.send(news('a'))
    host.clock.advance('1h')
    await say(host, 'denied', 'news', 'd1')
    await host.advance('10h')
    expect(host.sms.calls).toBe(0)
    expect((await messageOf(host.store, 'a'))?.state).toBe('cancelled')
  })

  test('is not agreed to by START, which takes a STOP back and no more', async () => {
    const host = springfield()
    await host.prm.handle(webhook([texted('m1', 'STOP')]))
    host.clock.advance('1m')
    await host.prm.handle(webhook([texted('m2', 'START')]))
    expect((await host.prm.send(news('a'))).outcome).toEqual({ send: false, rule: 'consent' })
    expect((await host.prm.send(plain('b'))).outcome.send).toBe(true)
    await say(host, 'granted', 'news', 'g1')
    host.clock.advance('1m')
    await host.prm.handle(webhook([texted('m3', 'STOP')]))
    expect((await host.prm.send(news('c'))).outcome).toEqual({ send: false, rule: 'suppressed' })
    host.clock.advance('1m')
    await host.prm.handle(webhook([texted('m4', 'START')]))
    expect((await host.prm.send(news('d'))).outcome.send).toBe(true)
  })

  test('is still agreed to when a number that proved bad is one again', async () => {
    const host = springfield()
    await host.prm.recordConsent({ address: tel(phone), purpose: 'news', state: 'granted', basis: 'request' })
    host.sms.faults.push('undeliverable')
    await host.prm.send(plain('a'))
    await host.run()
    expect((await host.prm.send(plain('n', { purpose: 'news' }))).outcome).toMatchObject({ rule: 'suppressed' })
    await text(host, 'm1', 'START')
    expect((await host.prm.send(plain('n', { purpose: 'news' }))).outcome.send).toBe(true)
  })

  test('that was refused keeps no other purpose from that address', async () => {
    const host = springfield()
    await say(host, 'denied', 'news', 'd1')
    expect((await host.prm.send(news('a'))).outcome).toEqual({ send: false, rule: 'consent' })
    expect((await host.prm.send(plain('b'))).outcome.send).toBe(true)
  })

  test('goes by the latest word, whatever the order in which the words came', async () => {
    const host = springfield()
    await say(host, 'granted', 'news', 'g1', { at: '2026-11-20T10:00:00.000Z' })
    await say(host, 'denied', 'news', 'd1', { at: '2026-11-10T10:00:00.000Z' })
    expect((await host.prm.send(news('a'))).outcome.send).toBe(true)
    const words = await consentsOf(host.store)
    for (const consents of [words, [...words].reverse()])
      expect(refusalOf({ consents, purpose: 'news' }, tel(phone), purposes.news, library)).toBeUndefined()
  })
})

test('a word that is neither STOP nor START changes nothing', async () => {
  const host = springfield()
  await text(host, 'm1', 'please do not stop', phone, { optOut: 'help' })
  await host.run()
  expect(await consentsOf(host.store)).toEqual([])
  expect(host.sms.calls).toBe(0)
  expect(await decisionsOf(host.store)).toEqual([])
})

// ── words of one kind ────────────────────────────────────────────────────────────────────────

const ads = { basis: 'service', class: 'promotional' } as const
const some = { purposes: { news: ads, events: ads, Storytime: ads } } as const
const scoped = (host: Town, key: string, word: string, scope?: string, more: object = {}) =>
  host.prm.handle(webhook([texted(key, word, phone, { ...(scope !== undefined && { scope }), ...more })]))
const open = async (host: Town, key: string) => {
  const names = ['pickup', 'news', 'events']
  const decided = await Promise.all(names.map((purpose) => host.send(`${key} ${purpose}`, { purpose })))
  return names.filter((_, index) => decided[index]?.outcome.send)
}

describe('what was said by another clock', () => {
  test('counts by its moment, whatever zone it is written in', async () => {
    const host = springfield({ quietly: true })
    await text(host, 'm1', 'stop')
    await host.run()
    const agreed = (at: string) =>
      host.prm.recordConsent({ address: tel(phone), purpose: 'pickup', state: 'granted', basis: 'request', at })
    // Half an hour before the STOP.
    await agreed('2026-11-24T17:30:00+02:00')
    expect((await host.prm.send(plain('a'))).outcome).toMatchObject({ send: false, rule: 'suppressed' })
    expect((await consentsOf(host.store)).map(({ at }) => at)).toContain('2026-11-24T15:30:00.000Z')
    await agreed('2026-11-24T18:30:00+02:00')
    expect((await host.prm.send(plain('b'))).outcome).toMatchObject({ send: true })
  })

  test('counts by its moment where it was stored before that was seen to', async () => {
    const host = springfield({ quietly: true })
    await text(host, 'm1', 'stop')
    await say(host, 'granted', '*', 'old', { at: '2026-11-24T17:30:00+02:00' })
    expect((await host.prm.send(plain('a'))).outcome).toMatchObject({ send: false, rule: 'suppressed' })
  })

  test.each([
    'Nov 25 2026',
    '2026-11-24T17:30',
    '2026-11-24',
    '2026-02-31T10:00:00Z',
    'soon',
    '+012000-01-01T00:00:00Z',
  ])('is refused where its moment is not the same everywhere: %j', async (at) => {
    const { prm, store } = springfield({ quietly: true })
    const said = { address: tel(phone), purpose: '*', state: 'granted', basis: 'request', at } as const
    await expect(prm.recordConsent(said)).rejects.toMatchObject({ code: 'invalid', field: 'at' })
    expect(await consentsOf(store)).toEqual([])
  })

  test.each([
    ['a report', 'blocked'],
    ['a report', 'undeliverable'],
    ['a report', 'complaint'],
    ['its answer to a call', 'blocked'],
    ['its answer to a call', 'undeliverable'],
  ] as const)('an hour ahead hides no word of the provider, in %s: %s', async (where, addressStatus) => {
    const host = springfield({ quietly: true })
    const clock = new Clock()
    clock.advance('1h')
    const ahead = springfield({ quietly: true, store: host.store, clock })
    await ahead.prm.recordConsent({ address: tel(phone), purpose: '*', state: 'granted', basis: 'request' })
    if (where !== 'a report') host.sms.faults.push(addressStatus)
    await host.prm.send(plain('a'))
    await host.run()
    if (where === 'a report')
      await host.prm.handle(webhook([reported('r', 'a', { state: 'undelivered', addressStatus })]))
    expect((await host.prm.send(plain('b'))).outcome).toMatchObject({ send: false, rule: 'suppressed' })
  })
})

describe('a STOP of one kind', () => {
  test('is kept with its kind: a purpose of this host, all that is promotional, or everything', async () => {
    const host = town(some)
    for (const [index, scope] of [
      'news',
      'NEWS',
      'promotional',
      'Promotional',
      'storytime',
      'gossip',
      '',
      '*',
      undefined,
    ].entries()) {
      await scoped(host, `m${index}`, 'STOP', scope, { confirmed: true })
      host.clock.advance('1m')
    }
    expect((await consentsOf(host.store)).map(({ purpose }) => purpose)).toEqual([
      'news',
      'news',
      'class:promotional',
      'class:promotional',
      'Storytime',
      '*',
      '*',
      '*',
      '*',
    ])
  })

  test.each([
    ['news', ['pickup', 'events']],
    ['promotional', ['pickup']],
    ['gossip', []],
  ])('of %s leaves %j', async (scope, left) => {
    const host = town(some)
    await scoped(host, 'm1', 'STOP', scope)
    expect(await open(host, 'a')).toEqual(left)
    await host.run()
    host.clock.advance('1m')
    await scoped(host, 'm2', 'START')
    expect(await open(host, 'b')).toEqual(['pickup', 'news', 'events'])
  })

  test('is heard at release', async () => {
    const host = town({ ...some, at: '2026-11-25T05:30:00.000Z' })
    for (const purpose of ['news', 'events', 'pickup']) await host.send(purpose, { purpose })
    await scoped(host, 'm1', 'STOP', 'promotional', { confirmed: true })
    await host.advance('10h')
    expect(host.sms.taken.map(({ key }) => key)).toEqual(['pickup'])
  })

  test('is confirmed once, with its kind named, and not after a STOP of everything', async () => {
    const host = town(some)
    const confirmed = async (...[key, word, scope]: [string, string, string?]) => {
      const before = host.sms.taken.length
      await scoped(host, key, word, scope)
      await host.advance('1m')
      return host.sms.taken.slice(before).map(({ content }) => content.text)
    }
    expect(await confirmed('m1', 'STOP', 'news')).toEqual([
      'Springfield Library: you will get no more messages of this kind (news) at this number. Reply START NEWS to get them again, STOP to get none at all.',
    ])
    expect(await confirmed('m2', 'STOP', 'news')).toEqual([])
    expect(await confirmed('m3', 'STOP', 'promotional')).toEqual([expect.stringContaining('(promotional)')])
    expect(await confirmed('m4', 'STOP')).toEqual([expect.not.stringContaining('of this kind')])
    expect(await confirmed('m5', 'STOP', 'events')).toEqual([])
    expect(await confirmed('m6', 'START', 'news')).toEqual([])
    expect(await confirmed('m7', 'STOP', 'news')).toHaveLength(1)
  })

  test('is taken back by START of its kind, and by START of something unknown nothing is', async () => {
    const host = town(some)
    await scoped(host, 'm1', 'STOP')
    host.clock.advance('1m')
    await scoped(host, 'm2', 'START', 'gossip')
    expect(await open(host, 'a')).toEqual([])
    host.clock.advance('1m')
    await scoped(host, 'm3', 'START', 'news')
    expect(await open(host, 'b')).toEqual(['news'])
    host.clock.advance('1m')
    await scoped(host, 'm4', 'STOP')
    expect(await open(host, 'c')).toEqual([])
  })
})

test('of any words the latest that speaks of a purpose decides: STOP of everything beats an older START of one', () => {
  const kinds = fc.constantFrom('*', 'class:promotional', 'news', 'events', 'pickup')
  const word = fc.record({ purpose: kinds, state: fc.constantFrom('granted' as const, 'denied' as const) })
  fc.assert(
    fc.property(fc.array(word, { maxLength: 10 }), fc.infiniteStream(fc.nat(9)), (words, order) => {
      const consents = words.map((one, index) => ({
        ...one,
        address: tel(phone),
        basis: one.state === 'denied' ? ('stop' as const) : ('service' as const),
        at: new Date(Date.parse('2026-11-24T16:00:00.000Z') + index * 1_000).toISOString(),
      }))
      const shuffled = consents.map((one) => ({ one, at: order.next().value })).sort((a, b) => a.at - b.at)
      for (const [purpose, covering] of Object.entries({
        pickup: ['*', 'pickup'],
        news: ['*', 'class:promotional', 'news'],
        events: ['*', 'class:promotional', 'events'],
      })) {
        const last = words.filter((one) => covering.includes(one.purpose)).at(-1)
        const rule = purpose === 'pickup' ? purposes.pickup : ads
        const refusal = refusalOf({ consents: shuffled.map(({ one }) => one), purpose }, tel(phone), rule, library)
        expect(refusal?.rule).toBe(last?.state === 'denied' ? 'suppressed' : undefined)
      }
    }),
    { numRuns: 500 },
  )
})

test('a STOP after a START holds, though the clock went back between', async () => {
  const host = springfield({ quietly: true })
  await host.prm.handle(webhook([texted('a', 'START')]))
  host.clock.ms -= 3_600_000
  await host.prm.handle(webhook([texted('b', 'STOP')]))
  expect((await host.prm.send(plain('k'))).outcome).toMatchObject({ send: false, rule: 'suppressed' })
})

test('a word on a number that nobody can dial is an error, not a refusal that never holds', async () => {
  const host = springfield({ quietly: true })
  for (const value of ['212-555-0123', '(212) 555-0123', '12125550123', '+1 212 555 0123'])
    await expect(
      host.prm.recordConsent({ address: tel(value), purpose: '*', state: 'denied', basis: 'request' }),
    ).rejects.toMatchObject({ code: 'invalid', field: 'address.value' })
})

test('a bounce that is told after a STOP does not hide it: nobody is written to another way', async () => {
  const host = town({
    purposes: { pickup: { media: ['sms', 'email'], fallback: ['undeliverable'] } },
  })
  const also = [tel(phone), { scheme: 'mailto', value: 'ada@example.org' }]
  await host.meet({ at: card('7'), also, preferences: { '*': ['sms'] } })
  await host.send('old', { to: card('7') })
  await host.run()
  await host.say('denied', '*', { basis: 'stop' })
  host.clock.ms += 1_000
  await host.say('denied', '*', { basis: 'bounce', id: 'late report' })
  expect((await host.send('k', { to: card('7') })).outcome).toMatchObject({ send: false, rule: 'suppressed' })
})

describe("a provider's own block list", () => {
  const listed = (given: Parameters<typeof springfield>[0] = {}) =>
    springfield({ sms: fakeSms({ block: true }), ...given })
  const told = ({ sms }: Springfield) => sms.told.map(({ address, optedOut }) => [address.value, optedOut])

  test('hears of a STOP in words that the provider does not know, after its confirmation went; of its own it hears nothing', async () => {
    const host = listed()
    await text(host, 'm1', 'por favor no más', phone, { optOut: 'stop' })
    await text(host, 'm2', 'STOP', otherPhone, { confirmed: true })
    await host.run()
    expect(confirmations(host)).toHaveLength(1)
    expect(told(host)).toEqual([])
    await host.advance('10m')
    await host.advance('1d')
    expect(host.sms.told).toEqual([
      { id: 'sms m1', address: tel(phone), optedOut: true, at: '2026-11-24T16:00:00.000Z' },
    ])
  })

  test('hears what was said at the desk, and its latest word, of all purposes only', async () => {
    const host = listed()
    const desk = host.prm.as({ kind: 'staff', id: 'ann' })
    const say = (state: 'denied' | 'granted', purpose: '*' | 'news', address = tel(phone)) =>
      desk.recordConsent({ address, purpose, state, basis: 'request' })
    await say('granted', '*')
    await say('denied', 'news')
    await host.advance('1h')
    expect(told(host)).toEqual([])
    await say('denied', '*')
    await host.advance('1h')
    await say('granted', '*')
    await say('denied', '*', tel(otherPhone))
    await say('granted', '*', tel(otherPhone))
    await host.advance('1h')
    expect(told(host)).toEqual([
      [phone, true],
      [phone, false],
      [otherPhone, false],
      [otherPhone, false],
    ])
    expect(new Set(host.sms.told.slice(2).map(({ id }) => id)).size).toBe(1)
  })

  test('is told again until it has heard, also by the next host', async () => {
    const host = listed()
    host.sms.blockFaults.push('unavailable', 'unknown', 'auth')
    await host.prm.recordConsent({ address: tel(phone), purpose: '*', state: 'denied', basis: 'stop' })
    await host.advance('10m')
    expect(host.failed.map(({ error, dead }) => [error.code, dead])).toEqual([['unavailable', false]])
    const next = springfield({ store: host.store, clock: host.clock, sms: host.sms })
    for (let n = 0; n < 4; n++) await next.advance('15m')
    expect(told(host)).toEqual(Array.from({ length: 4 }, () => [phone, true]))
  })

  test('that the provider does not have is a dead letter, and told when it is driven again', async () => {
    const host = listed()
    host.sms.blockFaults.push('unsupported')
    await host.prm.recordConsent({ address: tel(phone), purpose: '*', state: 'denied', basis: 'stop' })
    await host.advance('10m')
    expect(host.failed.map(({ error, dead }) => [error.code, dead])).toEqual([['unsupported', true]])
    await host.advance('1d')
    expect(host.sms.told).toHaveLength(1)
    const dead = []
    for await (const { key } of host.prm.deadLetters()) dead.push(key)
    await host.prm.redrive(dead)
    await host.advance('1m')
    expect(host.sms.told).toHaveLength(2)
  })

  test('is promised in the commit of the word, and not to who reaches no such address; nothing of it outlives an erasure', async () => {
    const mail = fakeSms({ block: true, medium: 'email', schemes: ['mailto'] })
    const host = listed({ more: { mail } })
    await host.prm.recordConsent({ address: tel(phone), purpose: '*', state: 'denied', basis: 'stop' })
    await host.prm.erase(tel(phone))
    await host.advance('1h')
    expect([...host.sms.told, ...mail.told]).toEqual([])
    await host.prm.recordConsent({ address: tel(otherPhone), purpose: '*', state: 'denied', basis: 'stop' })
    await host.advance('1h')
    expect([told(host), mail.told]).toEqual([[[otherPhone, true]], []])
  })
})
