import type { Purpose, Via } from '@prm/core'
import { describe, expect, test } from 'vitest'
import { card, hold, otherPhone, person, phone, tel, texted, webhook } from './fake.ts'
import { idOf, mail, type Town, town } from './town.ts'

const child = (born: string, more: Parameters<typeof person>[2] = {}) =>
  person('child', phone, { birthDate: born, relations: [{ kind: 'guardian', at: card('mother') }], ...more })
const mother = person('mother', otherPhone)
const toChild = { to: card('child') }
const guardian = { pickup: { minor: 'guardian' } } as const

/** What is said of one patron, and what a send to them comes to. */
async function decided(host: Town, key = 'a', more: object = toChild) {
  const decision = await host.send(key, more)
  expect(await host.replayed(decision)).toEqual({ outcome: decision.outcome, reasons: decision.reasons })
  return decision
}

describe('what a source says of a person', () => {
  test('is kept, replaced by its later word, and untouched by what it does not say', async () => {
    const host = town()
    const first = { birthDate: '2011-02-28', category: 'J', expires: '2027-01-01', blocks: ['debt'] } as const
    await host.meet(person('c1', phone, { ...first, relations: [{ kind: 'household', at: card('c2') }] }))
    expect(await host.patron('c1')).toMatchObject({
      ...first,
      relations: [{ kind: 'household', patronId: idOf('c2') }],
    })
    await host.meet(person('c1', phone, { category: 'A', blocks: [] }))
    expect(await host.patron('c1')).toMatchObject({ ...first, category: 'A', blocks: [] })
    expect((await host.patron('c1'))?.relations).toHaveLength(1)
    await host.meet(person('c1', phone, { relations: [] }))
    expect((await host.patron('c1'))?.relations).toEqual([])
  })

  test('is none where it says null, and a birth date that was none is no minor’s any more', async () => {
    const host = town({ purposes: guardian })
    await host.meet(mother, child('2015-01-01', { name: 'Ada', locale: 'es', expires: '2027-01-01' }))
    expect((await decided(host)).outcome).toMatchObject({ send: true, to: tel(otherPhone) })
    await host.meet(child('2015-01-01', { name: null, locale: null, birthDate: null, expires: null }))
    const patron = JSON.parse(JSON.stringify(await host.patron('child'))) as object
    for (const word of ['name', 'locale', 'birthDate', 'expires']) expect(patron).not.toHaveProperty(word)
    expect(patron).toHaveProperty('relations')
    expect((await decided(host, 'b')).outcome).not.toMatchObject({ to: tel(otherPhone) })
  })

  test.each([['before'], ['after'], ['with']])('names a guardian who is met %s the child alike', async (when) => {
    const host = town({ purposes: guardian })
    if (when === 'before') await host.meet(mother)
    await (when === 'with' ? host.meet(child('2015-01-01'), mother) : host.meet(child('2015-01-01')))
    if (when === 'after') await host.meet(mother)
    expect((await decided(host)).outcome).toMatchObject({ send: true, to: tel(otherPhone) })
  })

  test('names a guardian by their mailbox in whatever capitals', async () => {
    const host = town({ purposes: guardian })
    const at = mail('Mother@Example.org')
    await host.meet({ at, also: [tel(otherPhone)] }, child('2015-01-01', { relations: [{ kind: 'guardian', at }] }))
    expect((await decided(host)).outcome).toMatchObject({ send: true, to: tel(otherPhone) })
  })

  test('names nobody by an address of several', async () => {
    const host = town()
    await host.meet(mother, person('father', otherPhone))
    await host.meet(child('2015-01-01', { relations: [{ kind: 'guardian', at: tel(otherPhone) }] }))
    expect((await host.patron('child'))?.relations).toEqual([])
  })

  test('is no day where it is none: it is left out, and told without the word', async () => {
    const said: unknown[] = []
    const host = town({ log: (...one) => said.push(one) })
    await host.meet(person('c1', phone, { birthDate: '28.2.2011', expires: 'never' }))
    await host.meet(person('c2', phone, { birthDate: '1970-01-01' }))
    expect(await host.patron('c1')).not.toHaveProperty('birthDate')
    expect(await host.patron('c1')).not.toHaveProperty('expires')
    expect(await host.patron('c2')).toHaveProperty('birthDate', '1970-01-01')
    expect(JSON.stringify(said)).toContain('birthDate')
    expect(JSON.stringify(said)).not.toContain('28.2.2011')
  })

  test('goes into a decision only where a rule looks at it', async () => {
    const host = town({ purposes: { strict: { minor: 'guardian', exclude: { expired: true, blocks: ['debt'] } } } })
    await host.meet(child('2001-01-01', { category: 'A', expires: '2030-01-01', blocks: [], name: 'Ada' }))
    const kept = async (purpose: string) =>
      Object.keys((await host.send(purpose, { ...toChild, purpose })).inputs.own?.['patron' as never] ?? {})
    expect(await kept('pickup')).toEqual(['id'])
    expect(await kept('strict')).toEqual(['id', 'birthDate', 'category', 'expires', 'blocks'])
  })
})

describe('a minor', () => {
  test.each<[string, Partial<Purpose>, string | undefined]>([
    ['themself of service', {}, phone],
    ['nobody of promotion', { class: 'promotional' }, undefined],
    ['their guardian, where the purpose says so', { minor: 'guardian' }, otherPhone],
    ['nobody, where it says so', { minor: 'nobody' }, undefined],
    ['themself, where it says so', { class: 'promotional', minor: 'patron' }, phone],
  ])('means that the one who is told is %s', async (_, purpose, to) => {
    const host = town({ purposes: { pickup: purpose } })
    await host.meet(child('2015-01-01'), mother)
    const { outcome, patronId, recipient } = await decided(host)
    expect(outcome).toMatchObject(to ? { send: true, to: tel(to) } : { send: false, rule: 'minor' })
    expect(patronId).toBe(idOf('child'))
    expect(recipient).toBe(to === otherPhone ? idOf('mother') : undefined)
    await host.run()
    expect(host.told()).toEqual(to ? [['sms', to]] : [])
    if (to) expect((await host.message('a'))?.recipient).toBe(recipient)
  })

  test.each([
    // Born on, now in UTC, zone, minor.
    ['2008-11-25', '2026-11-25T05:59:59.999Z', 'America/Chicago', true],
    ['2008-11-25', '2026-11-25T06:00:00.000Z', 'America/Chicago', false],
    ['2008-11-25', '2026-11-24T10:59:59.999Z', 'Pacific/Auckland', true],
    ['2008-11-25', '2026-11-24T11:00:00.000Z', 'Pacific/Auckland', false],
    ['2008-02-29', '2026-03-01T05:59:59.999Z', 'America/Chicago', true],
    ['2008-02-29', '2026-03-01T06:00:00.000Z', 'America/Chicago', false],
  ] as const)('who was born on %s is one at %s in %s: %s', async (born, at, timeZone, minor) => {
    const quiet = { from: '00:00', to: '00:00' }
    const host = town({ at, library: { timeZone, quietHours: quiet }, purposes: guardian })
    await host.meet(child(born), mother)
    expect((await decided(host)).recipient).toBe(minor ? idOf('mother') : undefined)
  })

  test('is one by the day of their branch, and by the age and the categories that the library says', async () => {
    const branches = [{ id: 'West', name: 'West', timeZone: 'Pacific/Honolulu' }]
    const at = '2026-11-25T06:30:00.000Z' // already the 25th in Springfield
    const west = town({ at, library: { branches }, purposes: guardian })
    await west.meet(child('2008-11-25', { branch: 'West' }), mother)
    expect((await decided(west)).recipient).toBe(idOf('mother'))
    const host = town({ library: { minors: { below: 13, categories: ['J'] } }, purposes: guardian })
    await host.meet(child('2012-01-01'), mother)
    expect((await decided(host, 'a')).recipient).toBeUndefined()
    await host.meet(child('2012-01-01', { category: 'J' }), mother)
    expect((await decided(host, 'b')).recipient).toBe(idOf('mother'))
  })

  test.each([
    ['is not known', []],
    ['has no address', [person('mother')]],
    ['is themself', [child('2015-01-01', { relations: [{ kind: 'guardian', at: card('child') }] })]],
  ])('whose guardian %s is not told in their stead', async (_, people) => {
    const host = town({ purposes: guardian })
    await host.meet(child('2015-01-01'), ...people)
    expect((await decided(host)).outcome).toEqual({ send: false, rule: 'minor' })
  })

  test('whose guardian asked to stop is not told', async () => {
    const host = town({ purposes: guardian })
    await host.meet(child('2015-01-01'), mother)
    await host.prm.handle(webhook([texted('m1', 'STOP', otherPhone)]))
    const { outcome, reasons } = await decided(host)
    expect(outcome).toEqual({ send: false, rule: 'minor' })
    expect(reasons).toContainEqual(expect.objectContaining({ rule: 'suppressed', verdict: 'reject' }))
  })

  test('with two guardians is told through the first who can be reached', async () => {
    const host = town({ purposes: guardian })
    const relations = ['father', 'mother'].map((one) => ({ kind: 'guardian' as const, at: card(one) }))
    await host.meet(child('2015-01-01', { relations }), person('father'), mother)
    expect((await decided(host)).recipient).toBe(idOf('mother'))
  })

  test("is told by the guardian's preferences, language and quiet hours, and of the child's titles no word", async () => {
    const seen: Via[] = []
    const template = (data: unknown, via: Via) => {
      if (via.patron) seen.push(via)
      return { text: `Ready: ${(via.exposure === 'private' && (data as { title?: string }).title) || 'something'}.` }
    }
    const branches = [{ id: 'West', name: 'West', timeZone: 'America/Los_Angeles' }]
    const content = { template: 'tell', data: { title: 'A Secret History' } }
    for (const titles of ['private-channels', 'everywhere'] as const) {
      const at = '2026-11-24T15:00:00.000Z' // nine in Springfield, seven in the West
      const host = town({
        at,
        library: { branches, showTitles: titles },
        purposes: guardian,
        templates: { tell: template },
      })
      const email = { preferences: { '*': ['email'] }, locale: 'es', branch: 'West' }
      await host.meet(child('2015-01-01', { locale: 'en', name: 'Tom' }), {
        ...mother,
        ...email,
        also: [tel(otherPhone), mail('m@example.org')],
      })
      const { outcome } = await decided(host, 'a', { ...toChild, content })
      expect(outcome).toMatchObject({ via: 'email', notBefore: '2026-11-24T16:00:00.000Z' })
      expect(seen.at(-1)).toMatchObject({ locale: 'es', patron: { id: idOf('mother') }, whose: { id: idOf('child') } })
      await host.advance('2h')
      expect(host.email.taken[0]?.content.text).toContain(titles === 'everywhere' ? 'A Secret History' : 'something')
    }
  })

  test("whose guardian's number changes while it waits is told at the new one, and never at the child's", async () => {
    const host = town({ purposes: guardian, at: '2026-11-25T05:30:00.000Z' })
    await host.meet(child('2015-01-01'), mother)
    await decided(host)
    await host.meet({ ...mother, also: [tel('+12125550177')] })
    await host.advance('10h')
    expect(host.told()).toEqual([['sms', '+12125550177']])
    await host.send('b', toChild)
    await host.meet({ ...mother, also: [] })
    await host.run()
    expect(host.told()).toHaveLength(1)
    expect((await host.message('b'))?.state).toBe('cancelled')
  })

  test("who is no guardian's any more by the time of release is not told through them", async () => {
    const host = town({ purposes: guardian, at: '2026-11-25T05:30:00.000Z' })
    await host.meet(child('2015-01-01'), mother)
    await decided(host)
    await host.meet(child('2015-01-01', { relations: [{ kind: 'household', at: card('father') }] }))
    await host.advance('10h')
    expect(host.told()).toEqual([])
    expect((await host.message('a'))?.attempts.at(-1)?.outcome).toMatch(/^cancelled: who is to be told/)
    expect((await host.prm.explain('a again')).decision.outcome).toMatchObject({ send: false, rule: 'minor' })
  })

  test('who comes of age in the night before it goes is told themself, and a child that is known for one since is not', async () => {
    const host = town({ purposes: guardian, at: '2026-11-25T05:30:00.000Z' }) // 23:30, quiet until 8:00
    await host.meet(child('2008-11-25'), mother)
    await decided(host)
    await host.advance('10h')
    expect(host.told().map(([, to]) => to)).toEqual([phone])
    const other = town({ purposes: guardian, at: '2026-11-25T05:30:00.000Z' })
    await other.meet(person('child', phone, { relations: [{ kind: 'guardian', at: card('mother') }] }), mother)
    await decided(other)
    await other.meet(child('2016-01-01'), mother)
    await other.advance('10h')
    expect(other.told().map(([, to]) => to)).toEqual([otherPhone])
  })

  test('is reached at an address given for them only where the purpose lets them be', async () => {
    const host = town({ purposes: guardian })
    await host.meet(child('2015-01-01'), mother)
    expect((await decided(host, 'a', { to: tel(phone) })).outcome).toMatchObject({ to: tel(otherPhone) })
  })
})

describe('who acts for somebody', () => {
  const relations = [{ kind: 'proxy', at: card('mother') }] as const

  test('is told of what cannot reach them, and only then', async () => {
    const host = town()
    await host.meet(person('old', undefined, { relations }), mother)
    const { outcome, recipient, reasons } = await decided(host, 'a', { to: card('old') })
    expect(outcome).toMatchObject({ to: tel(otherPhone) })
    expect(recipient).toBe(idOf('mother'))
    expect(reasons).toContainEqual(expect.objectContaining({ rule: 'proxy', verdict: 'pass' }))
    await host.meet(person('old', phone, { relations }))
    expect((await decided(host, 'b', { to: card('old') })).outcome).toMatchObject({ to: tel(phone) })
    await host.run()
    expect(host.told()).toHaveLength(2)
  })

  test('is not told where the one address there is asked to stop, nor of a minor whom nobody is told of', async () => {
    const host = town()
    await host.meet(person('old', phone, { relations, birthDate: '2015-01-01' }), mother)
    await host.prm.handle(webhook([texted('m1', 'STOP')]))
    expect((await decided(host, 'a', { to: card('old') })).outcome).toEqual({ send: false, rule: 'suppressed' })
    await host.meet(person('old', undefined, { relations }))
    const news = await decided(host, 'b', { to: card('old'), purpose: 'news' })
    expect(news.outcome).toEqual({ send: false, rule: 'minor' })
    expect(news.recipient).toBeUndefined()
  })
})

describe('two patrons on one phone', () => {
  const household = [{ kind: 'household', at: card('c2') }] as const
  const both = [person('c1', phone, { relations: household }), person('c2', phone)]

  test('get each their own message, the same text twice, and no digest mixes them', async () => {
    const host = town()
    await host.meet(...both)
    const content = { template: 'pickup', data: { pickup: 'Main' } }
    for (const [key, to] of [
      ['1', 'c1'],
      ['2', 'c2'],
      ['3', 'c1'],
    ] as const)
      await host.send(key, { to: card(to), content, digest: 'd' })
    await host.run()
    expect(host.sms.taken.map(({ key, content: { text } }) => [key, text]).sort()).toEqual([
      ['1', '2 to collect at Main.'],
      ['2', '1 to collect at Main.'],
    ])
    expect((await host.message('1'))?.patronId).toBe(idOf('c1'))
    expect((await host.message('2'))?.patronId).toBe(idOf('c2'))
    for (const key of ['4', '5']) await host.send(key, { to: card(key === '4' ? 'c1' : 'c2') })
    await host.run()
    expect(host.sms.taken.slice(2).map(({ content: { text } }) => text)).toEqual(Array(2).fill('Your hold is ready.'))
  })

  test('are each told of their own hold, though two sources tell of two that look alike', async () => {
    const host = town()
    await host.meet(...both)
    await host.prm.record([hold(1, 'c1'), { ...hold(2, 'c2'), source: 'desk' }])
    await host.send('1', { to: card('c1'), about: [hold(1, 'c1')] })
    await host.send('2', { to: card('c2'), about: [{ ...hold(2, 'c2'), source: 'desk' }] })
    await host.run()
    expect(host.sms.taken.map(({ key, to: { value } }) => [key, value])).toEqual([
      ['1', phone],
      ['2', phone],
    ])
  })

  test('have caps of their own', async () => {
    const host = town({ library: { frequencyCap: { max: 1, per: '1d' } } })
    await host.meet(...both)
    await host.send('1', { to: card('c1') })
    expect((await decided(host, '2', { to: card('c2') })).outcome).toMatchObject({
      notBefore: '2026-11-24T16:00:00.000Z',
    })
    await host.run()
    expect(host.told()).toHaveLength(2)
    expect((await decided(host, '3', { to: card('c2') })).reasons).toContainEqual(
      expect.objectContaining({ rule: 'cap', verdict: 'defer' }),
    )
  })

  test('are both silent after its STOP, also what waits', async () => {
    const host = town({ at: '2026-11-25T05:30:00.000Z' })
    await host.meet(...both)
    for (const one of ['c1', 'c2']) await host.send(one, { to: card(one) })
    await host.prm.handle(webhook([texted('m1', 'STOP', phone, { confirmed: true })]))
    for (const one of ['c1', 'c2'])
      expect((await decided(host, `${one} later`, { to: card(one) })).outcome).toEqual({
        send: false,
        rule: 'suppressed',
      })
    await host.advance('10h')
    expect(host.told()).toEqual([])
  })

  test('are not told in place of each other when one moves away', async () => {
    const host = town({ at: '2026-11-25T05:30:00.000Z' })
    await host.meet(...both)
    await host.send('1', { to: card('c1') })
    await host.send('2', { to: card('c2') })
    await host.meet({ ...both[0], also: [] } as (typeof both)[0])
    await host.advance('10h')
    expect(host.sms.taken.map(({ key }) => key)).toEqual(['2'])
    expect((await host.message('1'))?.state).toBe('cancelled')
  })

  test('are nobody in particular when only the phone is known, and its minors keep nobody from a service', async () => {
    const host = town({ purposes: guardian })
    await host.meet(child('2015-01-01'), person('c2', phone))
    const { patronId, outcome } = await decided(host, 'a', { to: tel(phone) })
    expect(patronId).toBeUndefined()
    expect(outcome).toMatchObject({ to: tel(phone) })
  })
})

describe('who is not told', () => {
  const rules: Purpose['exclude'] = { blocks: ['debt', 'card-lost'], categories: ['STAFF'], expired: true }
  test.each([
    ['block', { blocks: ['other', 'debt'] }, 'The card is blocked: debt.'],
    ['block', { blocks: ['expired'] }, 'The card has expired.'],
    ['block', { expires: '2026-11-23' }, 'The card has expired.'],
    ['category', { category: 'STAFF' }, 'Patrons of this category do not get messages of this purpose.'],
    [undefined, { blocks: ['other'], category: 'A', expires: '2026-11-24' }, ''],
  ] as const)('is decided by %s for %j', async (why, more, detail) => {
    const host = town({ purposes: { renew: { exclude: rules } } })
    await host.meet(person('c1', phone, more as object))
    const { outcome, reasons } = await decided(host, 'a', { to: card('c1'), purpose: 'renew' })
    if (!why) return expect(outcome.send).toBe(true)
    expect(outcome).toEqual({ send: false, rule: why })
    expect(reasons.at(-1)?.detail).toBe(detail)
    expect((await decided(host, 'b', { to: card('c1') })).outcome.send).toBe(true)
  })

  test('by a card that ends is told until the end of that day where they live', async () => {
    const branches = [{ id: 'West', name: 'West', timeZone: 'America/Los_Angeles' }]
    const quiet = { from: '00:00', to: '00:00' }
    for (const [at, sent] of [
      ['2026-11-25T07:59:59.999Z', true],
      ['2026-11-25T08:00:00.000Z', false],
    ] as const) {
      const host = town({ at, library: { branches, quietHours: quiet }, purposes: { renew: { exclude: rules } } })
      await host.meet(person('c1', phone, { expires: '2026-11-24', branch: 'West' }))
      expect((await decided(host, 'a', { to: card('c1'), purpose: 'renew' })).outcome.send).toBe(sent)
    }
  })

  test('is asked again at release', async () => {
    const host = town({ purposes: { renew: { exclude: rules } }, at: '2026-11-25T05:30:00.000Z' })
    await host.meet(person('c1', phone))
    await host.send('a', { to: card('c1'), purpose: 'renew' })
    await host.meet(person('c1', phone, { blocks: ['card-lost'] }))
    await host.advance('10h')
    expect(host.told()).toEqual([])
    expect((await host.prm.explain('a')).text).toContain('cancelled: The card is blocked: card-lost.')
  })
})

describe('what concerns a branch', () => {
  const branches = [{ id: 'East', name: 'East', adapters: ['phone', 'email'] }]

  test('is carried by its own adapters, unless the send names others', async () => {
    const host = town({ library: { branches } })
    await host.meet(person('c1', phone, { branch: 'East' }), person('c2', phone))
    await host.prm.record([hold(1, 'c2', { branch: 'East' })])
    expect((await decided(host, 'home', { to: card('c1') })).outcome).toMatchObject({ via: 'phone' })
    expect((await decided(host, 'pickup', { to: card('c2'), about: [hold(1, 'c2')] })).outcome).toMatchObject({
      via: 'phone',
    })
    expect((await decided(host, 'none', { to: card('c2') })).outcome).toMatchObject({ via: 'sms' })
    expect((await decided(host, 'named', { to: card('c1'), adapters: ['sms'] })).outcome).toMatchObject({ via: 'sms' })
  })
})
