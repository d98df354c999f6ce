import { createPrm, type Decision, type Rule } from '@prm/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Own, Shared } from '../packages/core/src/contract/decision-inputs.ts'
import { decide } from '../packages/core/src/decide/decide.ts'
import { replay } from '../packages/core/src/host/replay.ts'
import type { Engine } from '../packages/core/src/runtime/engine.ts'
import {
  card,
  decisionsOf,
  fakeSms,
  hold,
  keyOf,
  library,
  member,
  messageOf,
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
  tel,
  templates,
  texted,
  webhook,
} from './fake.ts'

const again = (host: Springfield, decision: Decision) => replay({ scope: scopeOf(host.store) } as Engine, decision)

/** Everything that can speak against a message, and what it takes. */
const against: readonly {
  readonly rule: Rule
  readonly what: string
  readonly detail: string | RegExp
  make(): Promise<[Springfield, string]>
}[] = [
  {
    rule: 'purpose',
    what: 'a purpose that the library has no more',
    detail: 'This library has no purpose "gone".',
    async make() {
      const host = springfield()
      // `send` refuses it; a decision from older inputs may name it.
      return [host, await stored(host, 'gone')]
    },
  },
  {
    rule: 'duplicate',
    what: 'the same matter told by another source',
    detail: /another source/,
    async make() {
      const host = springfield()
      await host.prm.record([{ ...hold(1, 'c1'), who: tel(phone) }])
      await host.run()
      await host.prm.record([{ ...hold(1, 'c1'), who: tel(phone), source: 'desk' }])
      await host.run()
      return [host, keyOf({ ...hold(1, 'c1'), source: 'desk' })]
    },
  },
  {
    rule: 'address',
    what: 'a patron without an address',
    detail: 'No phone number is known.',
    make: () => told({ people: [person('c1')] }),
  },
  {
    rule: 'address',
    what: 'a card that nobody knows',
    detail: 'No phone number is known.',
    make: () => told({ people: [] }),
  },
  {
    rule: 'address',
    what: 'a number that is none',
    detail: 'Invalid phone number.',
    make: () => told({ people: [person('c1', '555-CALL')] }),
  },
  {
    rule: 'channel',
    what: 'a wish for voice where nothing calls',
    detail: 'No voice channel is configured.',
    make: () => told({ hold: { medium: 'voice' } }),
  },
  {
    rule: 'channel',
    what: 'a landline',
    detail: 'This channel cannot reach it: a landline.',
    make: () => told({ people: [person('c1', '+442079460000')] }),
  },
  {
    rule: 'consent',
    what: 'a purpose that nobody agreed to',
    detail: 'Nobody at this address agreed to this purpose.',
    make: () => sent({ purpose: 'news' }),
  },
  {
    rule: 'consent',
    what: 'a purpose that somebody refused',
    detail: 'refused on 24 November',
    async make() {
      const host = springfield()
      const value = {
        id: 'c',
        address: tel(phone),
        purpose: 'pickup',
        state: 'denied',
        basis: 'request',
        at: host.clock.now().toISOString(),
        by: 'desk',
      } as const
      await scopeOf(host.store).commit([{ put: [{ kind: 'consent', value }] }])
      await host.prm.send(plain('a'))
      return [host, 'a']
    },
  },
  {
    rule: 'suppressed',
    what: 'a STOP',
    detail: 'asked to stop on 24 November',
    async make() {
      const host = springfield()
      await host.prm.handle(webhook([texted('m1', 'STOP')]))
      await host.prm.send(plain('a'))
      return [host, 'a']
    },
  },
  {
    rule: 'exposure',
    what: 'a title in a text of the host',
    detail: 'It names a title where others may see it.',
    make: () => sent({ content: { text: 'Come for A SECRET history!' }, about: [hold(1, 'c1')] }),
  },
  {
    rule: 'template',
    what: 'a template that throws',
    detail: 'The template "plain" threw TypeError.',
    make: () => sent({ content: { template: 'plain', data: null } }),
  },
  {
    rule: 'template',
    what: 'a template without a word',
    detail: 'The template "plain" gave no text.',
    make: () => sent({ content: { template: 'plain', data: { text: ' ' } } }),
  },
  {
    rule: 'length',
    what: 'a text that is too long',
    detail: 'The text is too long: 13 parts.',
    make: () => sent({ content: { text: 'x'.repeat(2_000) } }),
  },
  {
    rule: 'deadline',
    what: 'a deadline that is over',
    detail: /^Expires Mon, Nov 23, 23:59, before the earliest send time \(Tue, Nov 24, 10:00\)\.$/,
    make: () => sent({ expireAt: '2026-11-23' }),
  },
  {
    rule: 'only',
    what: 'a number outside the first try',
    detail: /not on the allowlist/,
    make: () => sent({}, { allowlist: [otherPhone] }),
  },
  {
    rule: 'quiet',
    what: 'quiet hours all day',
    detail: /leave no time of day/,
    make: () => told({ hold: { branch: 'East' } }),
  },
]

async function sent(
  more: Parameters<typeof plain>[1],
  given: Parameters<typeof springfield>[0] = {},
): Promise<[Springfield, string]> {
  const host = springfield({ ...given, quietly: true })
  await host.prm.record([hold(1, 'c1')])
  await host.prm.send(plain('a', more))
  return [host, 'a']
}

async function told(given: {
  readonly people?: ReturnType<typeof person>[]
  readonly hold?: Parameters<typeof hold>[2]
}): Promise<[Springfield, string]> {
  const branches = [{ id: 'East', name: 'East', quietHours: { from: '08:00', to: '21:00' } }]
  const host = springfield({ library: { branches } })
  host.ils.batches = [
    {
      interactions: [hold(1, 'c1', given.hold)],
      people: given.people ?? [person('c1', phone, { name: 'Ada Lovelace' })],
    },
  ]
  await host.run()
  return [host, keyOf(hold(1, 'c1', given.hold))]
}

async function stored(host: Springfield, purpose: string): Promise<string> {
  await host.prm.send(plain('model'))
  const model = (await scopeOf(host.store).get('decision', 'model'))?.value as Decision
  const own = { ...(model.inputs.own as object), key: 'old', purpose }
  const told = await again(host, { ...model, inputs: { ...model.inputs, own } })
  await scopeOf(host.store).commit([
    {
      put: [
        {
          kind: 'decision',
          value: { ...model, ...told, key: 'old', keys: ['old'], purpose, inputs: { ...model.inputs, own } },
        },
      ],
    },
  ])
  return 'old'
}

describe('a decision against', () => {
  test.each(against)(
    'by $rule for $what says so, is stored, and comes out the same from what it was made of',
    async ({ rule, detail, make }) => {
      const [host, key] = await make()
      const { decision, message, text } = await host.prm.explain(key)
      expect(decision.outcome).toEqual({ send: false, rule })
      const reason = decision.reasons.find((one) => one.verdict === 'reject')
      expect(reason?.rule).toBe(rule)
      expect(reason?.detail).toMatch(detail)
      expect(text).toContain(`Not sent: ${rule}`)
      expect(text).toContain(reason?.detail)
      for (const one of decision.reasons) expect(text).toContain(`${one.rule}`)
      expect(message).toBeUndefined()
      expect(await messageOf(host.store, key)).toBeUndefined()
      expect(await again(host, decision)).toEqual({ outcome: decision.outcome, reasons: decision.reasons })
      await host.run()
      expect(host.sms.taken.filter((one) => one.key === key)).toEqual([])
    },
  )
})

describe('a decision to send', () => {
  test('by one adapter only speaks of no other', async () => {
    const host = springfield({ voice: true })
    await host.prm.handle(webhook([texted('m1', 'STOP')]))
    const { outcome, reasons } = await host.prm.send(plain('a', { adapters: ['phone' as 'sms'] }))
    expect(outcome).toEqual({ send: false, rule: 'suppressed' })
    expect(reasons.flatMap(({ via }) => via ?? [])).toEqual(['phone'])
  })

  test('says what spoke for it, and comes out the same from what it was made of', async () => {
    const host = springfield()
    await host.prm.send(
      plain('a', { notBefore: '2026-11-25T04:00:00.000Z', expireAt: '2026-12-01', adapters: ['sms'] }),
    )
    const { decision, text } = await host.prm.explain('a')
    expect(decision.outcome.send).toBe(true)
    expect(decision.reasons.map(({ rule, verdict }) => `${rule} ${verdict}`)).toEqual([
      'purpose pass',
      'preference pass',
      'consent pass',
      'length pass',
      'quiet defer',
    ])
    expect(text.split('\n')[0]).toBe('To be sent by sms from Wed, Nov 25, 08:00 (pickup, decided Tue, Nov 24, 10:00).')
    expect(await again(host, decision)).toEqual({ outcome: decision.outcome, reasons: decision.reasons })
  })

  test('of a digest explains itself by the key of every member', async () => {
    const host = springfield()
    host.ils.batches = [{ interactions: [hold(1, 'c1'), hold(2, 'c1'), hold(3, 'c1')], people: [person('c1', phone)] }]
    await host.run()
    const texts = await Promise.all([1, 2, 3].map(async (id) => (await host.prm.explain(keyOf(hold(id, 'c1')))).text))
    expect(new Set(texts).size).toBe(1)
    expect(texts[0]).toContain('3 in one')
    expect(texts[0]).toContain('3 are in one message.')
    const { decision, timeline, message } = await host.prm.explain(keyOf(hold(2, 'c1')))
    expect(timeline.map(({ key }) => key)).toEqual([1, 2, 3].map((id) => hold(id, 'c1').key))
    expect(message?.state).toBe('accepted')
    expect(await again(host, decision)).toEqual({ outcome: decision.outcome, reasons: decision.reasons })
  })

  test('names each address and channel that was passed over', async () => {
    const host = springfield({ voice: true })
    host.ils.batches = [
      {
        interactions: [hold(1, 'c1')],
        people: [
          person('c1', phone, {
            preferences: { pickup: ['voice', 'sms'] },
            also: [tel('555'), tel('+442079460000'), tel(phone)],
          }),
        ],
      },
    ]
    await host.prm.handle(webhook([texted('m1', 'STOP', otherPhone)]))
    await host.run()
    const { decision } = await host.prm.explain(keyOf(hold(1, 'c1')))
    expect(decision.outcome).toMatchObject({ send: true, via: 'phone', to: tel(phone) })
    expect(decision.reasons.filter(({ verdict }) => verdict === 'reject').map(({ rule, via }) => [rule, via])).toEqual([
      ['address', 'phone'],
      ['channel', 'phone'],
    ])
    expect(decision.reasons.find(({ rule }) => rule === 'preference')?.detail).toBe(
      'The patron prefers voice, then sms.',
    )
  })

  test('falls back to the next medium, and says why', async () => {
    const host = springfield({ voice: true })
    host.ils.batches = [
      { interactions: [hold(1, 'c1')], people: [person('c1', phone, { preferences: { '*': ['email', 'sms'] } })] },
    ]
    await host.run()
    const { decision } = await host.prm.explain(keyOf(hold(1, 'c1')))
    expect(decision.outcome).toMatchObject({ send: true, via: 'sms' })
    expect(decision.reasons).toContainEqual({
      rule: 'channel',
      verdict: 'reject',
      detail: 'No email channel is configured.',
    })
    expect(await again(host, decision)).toEqual({ outcome: decision.outcome, reasons: decision.reasons })
  })

  test('is told with what became of it, attempt by attempt and report by report', async () => {
    const host = springfield()
    host.sms.faults.push('unavailable')
    await host.prm.send(plain('a'))
    await host.run()
    await host.advance('1m')
    await host.prm.handle(webhook([reported('r1', 'a', { state: 'delivered', raw: 'DLVRD' })]))
    expect((await host.prm.explain('a')).text.split('\n').slice(-4)).toEqual([
      '  → Tue, Nov 24, 10:00 unavailable: The provider said unavailable.',
      '  → Tue, Nov 24, 10:01 accepted',
      '  ← Tue, Nov 24, 10:01 reported: DLVRD',
      '  Now: delivered.',
    ])
  })

  test('comes out the same after the library changed', async () => {
    const host = springfield()
    await host.prm.send(plain('a'))
    const later = springfield({
      ...host,
      library: { timeZone: 'Asia/Tokyo', quietHours: { from: '00:00', to: '12:00' } },
    })
    await later.prm.send(plain('b', { to: tel(otherPhone) }))
    for (const key of ['a', 'b']) {
      const { decision } = await later.prm.explain(key)
      expect(await again(later, decision)).toEqual({ outcome: decision.outcome, reasons: decision.reasons })
    }
    expect((await later.prm.explain('a')).decision.inputs.shared).not.toBe(
      (await later.prm.explain('b')).decision.inputs.shared,
    )
  })
})

describe('the confirmation of a STOP', () => {
  test('explains itself, and comes out the same', async () => {
    const host = springfield()
    await host.prm.handle(webhook([texted('m1', 'STOP')]))
    const [stop] = await decisionsOf(host.store)
    const { decision } = await host.prm.explain(stop?.key ?? '')
    expect(decision.reasons).toMatchObject([{ rule: 'consent', verdict: 'pass' }])
    expect(await again(host, decision)).toEqual({ outcome: decision.outcome, reasons: decision.reasons })
  })
})

describe('two sources that speak of one matter', () => {
  const lines = async ({ prm }: Springfield, key: string) =>
    (await prm.explain(key)).text
      .split('\n')
      .filter((line) => line.startsWith('  ≠'))
      .toSorted()
  const seenBy = (source: string, id: number, more: Parameters<typeof hold>[2] = {}) => ({
    ...hold(id, 'c1', more),
    who: tel(phone),
    source,
  })

  test('are shown where they differ, with the one that was told, by either key; the same is nothing to show', async () => {
    const one = springfield()
    await one.prm.record([seenBy('file', 1), seenBy('file', 2, { title: 'Walden', branch: 'B1' })])
    await one.run()
    await one.prm.record([
      seenBy('poll', 1, { pickup: 'East' }),
      seenBy('poll', 2, { title: 'Emma' }),
      seenBy('hook', 1),
    ])
    await one.run()
    expect(await lines(one, keyOf(seenBy('file', 1)))).toEqual([
      '  ≠ poll says branch none, not B1; another title: told as file says, decided first.',
      '  ≠ poll says pickup East, not Main: told as file says, decided first.',
    ])
    expect(await lines(one, keyOf(seenBy('poll', 1)))).toEqual([
      '  ≠ file says pickup Main, not East: told as file says, decided first.',
      '  ≠ hook says pickup Main, not East: told as file says, decided first.',
    ])
    expect(await lines(one, keyOf(seenBy('hook', 1)))).toEqual([
      '  ≠ poll says pickup East, not Main: told as file says, decided first.',
    ])
    expect(one.sms.taken).toHaveLength(1)
  })

  test('with two dates are told twice, which is said; of one that speaks twice its newest word counts', async () => {
    const one = springfield()
    await one.prm.record([seenBy('file', 1)])
    await one.run()
    await one.advance('1h')
    await one.prm.record([seenBy('poll', 1, { collectBy: '2026-12-28' })])
    await one.run()
    await one.advance('1h')
    await one.prm.record([seenBy('poll', 1, { collectBy: '2026-12-31' })])
    await one.run()
    expect(await lines(one, keyOf(seenBy('file', 1)))).toEqual([
      '  ≠ poll says collect by 2026-12-31, not 2026-12-24: told as file and as poll says.',
    ])
    expect(one.sms.taken).toHaveLength(3)
  })
})

describe('an explanation', () => {
  test('holds no name, number or title, and a decision no item', async () => {
    const host = springfield({ library: { showTitles: 'everywhere' } })
    const secrets = ['Ada Lovelace', phone, phone.slice(1), otherPhone, 'A Secret History', 'm1-secret', '555-CALL']
    host.sms.faults.push('unavailable', 'hang', 'throw', 'blocked', 'auth', 'undeliverable')
    host.ils.batches = [
      {
        interactions: [
          hold(1, 'c1'),
          hold(2, 'c2'),
          hold(3, 'c3'),
          hold(4, 'c4', { medium: 'voice' }),
          hold(5, 'c1', { pickup: 'East' }),
        ],
        people: [
          person('c1', phone, { name: 'Ada Lovelace' }),
          person('c2', otherPhone, { name: 'Ada Lovelace' }),
          person('c3', '555-CALL'),
          person('c4', phone),
        ],
      },
    ]
    await host.run()
    for (let minute = 0; minute < 20; minute++) await host.advance('1m')
    const decisions = await decisionsOf(host.store)
    expect(decisions.length).toBeGreaterThanOrEqual(5)
    for (const { key } of decisions) {
      const { text } = await host.prm.explain(key)
      for (const secret of secrets) expect(text).not.toContain(secret)
    }
    expect(JSON.stringify(decisions)).not.toContain('A Secret History')
    expect(JSON.stringify(decisions)).not.toContain('Ada Lovelace')
  })

  test('of a key that nobody knows throws not_found', async () => {
    const { prm } = springfield()
    await expect(prm.explain('nobody')).rejects.toMatchObject({ code: 'not_found', field: 'key' })
  })

  test('does not quote what an adapter or a template threw', async () => {
    const sms = fakeSms()
    const leaky = {
      ...sms,
      channel: { ...sms.channel, send: async () => Promise.reject(new Error(`no route to ${phone}`)) },
    }
    const host = springfield({ sms: leaky })
    await host.prm.send(plain('a'))
    await host.run()
    await host.advance('1m')
    expect((await host.prm.explain('a')).text).not.toContain(phone)
    expect(card('c1').realm).toBe('ils/card')
  })
})

test('a decision whose shared inputs are gone is not decided from something else', async () => {
  const host = springfield()
  const decision = await host.prm.send(plain('a'))
  const lost = { ...decision, inputs: { ...decision.inputs, shared: 'gone' } }
  await expect(again(host, lost)).rejects.toMatchObject({ code: 'not_found' })
})

test('a send that waited, of a purpose that the library has no more, is decided against when no host knew it for a day', async () => {
  const host = springfield({ quietly: true })
  await host.prm.send(member('a'))
  const { store, clock } = host
  const next = createPrm({
    library,
    adapters: { sms: host.sms },
    store,
    purposes: { other: purposes.pickup },
    templates: { ...templates },
    now: clock.now,
  })
  clock.advance('1d')
  await next.run({ once: true })
  expect((await next.explain('a')).decision.outcome).toEqual({ send: false, rule: 'purpose' })
})

// ── every rule at once ───────────────────────────────────────────────────────────────────────

const some = <T>(one: fc.Arbitrary<T>, freq = 3) =>
  fc.oneof({ arbitrary: fc.constant(undefined), weight: freq }, { arbitrary: one, weight: 2 })
const few = <T>(...words: T[]) => fc.oneof(fc.constant(words), fc.subarray(words))
const moment = fc
  .integer({ min: -72 * 60, max: 72 * 60 })
  .map((minutes) => new Date(Date.parse(morning) + minutes * 60_000).toISOString())
const day = moment.map((at) => at.slice(0, 10))
const media = ['sms', 'email', 'voice']
const span = fc.constantFrom(
  { from: '21:00', to: '08:00' },
  { from: '06:00', to: '20:00' },
  { from: '00:00', to: '00:00' },
)
const week = fc.dictionary(
  fc.constantFrom('mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'),
  fc.constant([{ from: '10:00', to: '18:00' }]),
)
const cap = fc.record({ max: fc.integer({ min: 1, max: 2 }), per: fc.constantFrom('1h', '2d') })
const zone = fc.constantFrom('America/Chicago', 'Pacific/Auckland', 'UTC')
const to = [tel(phone), tel(otherPhone), tel('555-CALL'), { scheme: 'mailto', value: 'ada@example.org' }]
const known = {
  id: fc.constantFrom('child', 'mother'),
  timeZone: some(zone),
  branch: some(fc.constantFrom('East', 'West')),
  preferences: some(fc.record({ '*': few(...media) })),
  quietHours: some(span),
}
const sharedOnes = fc.record({
  library: fc.record({
    timeZone: zone,
    quietHours: some(fc.record({ from: fc.constant('21:00'), to: fc.constant('08:00'), media: some(few(...media)) })),
    openingHours: some(week),
    closedDays: some(fc.array(day, { maxLength: 2 })),
    frequencyCap: some(cap, 1),
    minors: some(fc.record({ below: fc.constantFrom(13, 18), categories: fc.constant(['J']) })),
    branches: fc.constant([
      { id: 'East', name: 'East', adapters: ['email'], timeZone: 'America/Denver' },
      { id: 'West', name: 'West', quietHours: { from: '12:00', to: '13:00' }, closedDays: ['2026-11-24'] },
    ]),
  }),
  purposes: fc.record({
    p: fc.record({
      basis: fc.constantFrom('service', 'consent'),
      class: fc.constantFrom('service', 'promotional'),
      media: some(few(...media)),
      quietHours: some(fc.constantFrom('defer', 'ignore')),
      fallback: some(few('no-address', 'undeliverable', 'deadline')),
      frequencyCap: some(cap, 1),
      onlyWhileOpen: some(fc.boolean()),
      minor: some(fc.constantFrom('patron', 'guardian', 'nobody')),
      exclude: some(
        fc.record({ blocks: some(few('debt', 'expired')), categories: some(few('J')), expired: some(fc.boolean()) }),
      ),
    }),
  }),
  channels: fc.constant(
    media.map((medium) => ({
      id: medium,
      medium,
      schemes: [medium === 'email' ? 'mailto' : 'tel'],
      exposure: 'glanceable',
    })),
  ),
})
const owns = fc.record({
  key: fc.constant('a'),
  now: moment,
  purpose: fc.constant('p'),
  patron: some(
    fc.record({
      ...known,
      birthDate: some(fc.constantFrom('2008-11-24', '2012-02-29', '1970-01-01', '1990-01-01')),
      category: some(fc.constantFrom('J', 'A')),
      expires: some(day),
      blocks: some(few('debt', 'expired')),
    }),
  ),
  recipient: some(fc.record({ ...known, as: fc.constantFrom('guardian', 'proxy') })),
  addresses: few(...to),
  consents: fc.array(
    fc.record({
      address: fc.constantFrom(...to),
      purpose: fc.constantFrom('*', 'p', 'class:promotional', 'other'),
      state: fc.constantFrom('granted', 'denied'),
      basis: fc.constantFrom('stop', 'service', 'request', 'bounce', 'complaint'),
      at: moment,
    }),
    { maxLength: 3 },
  ),
  asked: some(fc.constantFrom(...media, 'print')),
  branch: some(fc.constantFrom('East', 'West', 'gone')),
  adapters: some(few(...media)),
  notBefore: some(moment),
  expireAt: some(fc.oneof(moment, day)),
  told: fc.array(fc.record({ at: moment, purpose: fc.constant('p') }), { maxLength: 9 }),
  after: some(fc.record({ why: fc.constantFrom('undeliverable', 'deadline', 'relevance'), media: few(...media) })),
  digest: some(fc.integer({ min: 1, max: 3 })),
  drafts: fc
    .tuple(
      some(fc.record({ at: moment, rank: fc.constant(1), ms: fc.constant(1_000) })),
      fc.boolean(),
      fc.integer({ max: 9, min: 0 }),
    )
    .map(([slot, sender, full]) =>
      media.flatMap((via) =>
        to.map((address) => ({
          via,
          to: address,
          measure: { units: 1, unit: 'part', warnings: [] },
          ...(sender && { from: tel('+12125550188') }),
          ...(full === 0 ? { slot: null } : slot && { slot }),
        })),
      ),
    ),
})

test('any rules and any patron give one decision, the same from what is stored, that keeps to the rules and names nobody', () => {
  const seen = new Set<string>()
  fc.assert(
    fc.property(sharedOnes, owns, (one, two) => {
      const shared = { ...one, library: { ...library, ...one.library } } as unknown as Shared
      const own = two as unknown as Own
      const { outcome, reasons } = decide(shared, own)
      // As the store gives it back: without what is undefined, and its keys in any order.
      const stored = <T>(value: T): T => JSON.parse(JSON.stringify(value))
      expect(decide(stored(shared), stored(own))).toEqual({ outcome, reasons })
      const words = JSON.stringify(reasons)
      for (const secret of [phone, otherPhone, '555-CALL', 'ada@', 'child', 'mother', '2008', '1970'])
        expect(words).not.toContain(secret)
      seen.add(outcome.send ? 'send' : outcome.rule)
      for (const { rule, verdict } of reasons) if (verdict !== 'reject') seen.add(`${rule} ${verdict}`)
      if (!outcome.send) {
        expect(reasons.some(({ verdict }) => verdict === 'reject')).toBe(true)
        return
      }
      expect(own.addresses).toContainEqual(outcome.to)
      expect(outcome.notBefore >= own.now).toBe(true)
      if (own.notBefore) expect(outcome.notBefore >= own.notBefore).toBe(true)
      if (outcome.expireAt) expect(outcome.notBefore < outcome.expireAt).toBe(true)
      if (own.adapters) expect(own.adapters).toContain(outcome.via)
      expect(own.after?.media ?? []).not.toContain(outcome.via)
      const draft = own.drafts.find((one) => one.via === outcome.via && one.to.value === outcome.to.value)
      const { slot, from } = draft as { slot?: { at: string } | null; from?: unknown }
      if (slot !== undefined) expect(outcome.notBefore >= (slot?.at ?? '~')).toBe(true)
      expect(outcome.from).toEqual(from)
    }),
    { numRuns: 1_500 },
  )
  // What the rules come to is all among it: a property of nothing would hold.
  for (const one of ['send', 'minor', 'block', 'deadline', 'suppressed', 'consent', 'address', 'rate', 'rate defer'])
    expect(seen).toContain(one)
  for (const one of ['minor pass', 'proxy pass', 'fallback pass', 'cap defer', 'hours defer', 'quiet defer'])
    expect(seen).toContain(one)
})
