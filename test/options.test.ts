import { createPrm, type Decision, notice, type Options } from '@prm/core'
import { testPrm } from '@prm/core/testing'
import { sqlite } from '@prm/store-sqlite'
import { describe, expect, test } from 'vitest'
import {
  card,
  fakeFeed,
  fakeSms,
  jobsOf,
  library,
  member,
  morning,
  phone,
  plain,
  purposes,
  springfield,
  tel,
  templates,
} from './fake.ts'

const options = () => ({
  library,
  adapters: { sms: fakeSms(), ils: fakeFeed() },
  store: sqlite({ memory: true }),
  purposes,
  templates: { ...templates },
})
type Any = Options<Record<string, never>, string, string>

describe('a host that is set up wrong', () => {
  const branch = (more: object) => ({
    library: {
      ...library,
      branches: [
        { id: 'East', name: 'East' },
        { id: 'West', name: 'West', ...more },
      ],
    },
  })
  test.each<[string, object]>([
    ['library', { library: undefined }],
    ['library', { library: 'maple' }],
    ['store', { store: undefined }],
    ['store', { store: 'prm.db' }],
    ['adapters', { adapters: undefined }],
    ['adapters', { adapters: [fakeSms()] }],
    ['adapters.sms', { adapters: { sms: undefined } }],
    ['purposes', { purposes: undefined }],
    ['purposes', { purposes: ['pickup'] }],
    ['purposes.pickup', { purposes: { pickup: true } }],
    ['library.region', { library: { ...library, region: 'USA' } }],
    ['library.region', { library: { ...library, region: 'us' } }],
    ['library.region', { library: { ...library, region: 'UK' } }],
    ['library.region', { library: { ...library, region: 'ZZ' } }],
    ['library.region', { library: { ...library, region: undefined } }],
    ['library.locale', { library: { ...library, locale: 'en_US!' } }],
    ['library.locale', { library: { ...library, locale: 'en_US' } }],
    ['library.locale', { library: { ...library, locale: '' } }],
    ['library.locale', { library: { ...library, locale: undefined } }],
    ['library.name', { library: { ...library, name: '' } }],
    ['pseudonymKey', { pseudonymKey: 'k' }],
    ['pseudonymKey', { pseudonymKey: '' }],
    ['pseudonymKey', { pseudonymKey: 1234567890123456 }],
    ['library.id', { library: { ...library, id: '' } }],
    ['library.timeZone', { library: { ...library, timeZone: 'America/Springfield' } }],
    ['library.timeZone', { library: { ...library, timeZone: '' } }],
    ['library.timeZone', { library: { ...library, timeZone: undefined } }],
    ['library.branches[1].timeZone', branch({ timeZone: 'Chicago' })],
    ['library.quietHours', { library: { ...library, quietHours: { from: '9pm', to: '08:00' } } }],
    ['library.quietHours', { library: { ...library, quietHours: { from: '21:00', to: '' } } }],
    ['library.quietHours', { library: { ...library, quietHours: { from: '00:00', to: '24:00' } } }],
    ['library.branches[1].quietHours', branch({ quietHours: { from: '21:00', to: '8' } })],
    ['library.quietHours', { library: { ...library, quietHours: { from: '21:00', to: '8', media: ['sms'] } } }],
    [
      'library.openingHours.tue',
      { library: { ...library, openingHours: { mon: [], tue: [{ from: '10:00', to: '10:00' }] } } },
    ],
    ['library.openingHours.fri', { library: { ...library, openingHours: { fri: [{ from: '20:00', to: '02:00' }] } } }],
    ['library.openingHours.fri', { library: { ...library, openingHours: { fri: [{ from: '9', to: '10:00' }] } } }],
    ['library.openingHours.Monday', { library: { ...library, openingHours: { Monday: [] } } }],
    ['library.branches[1].openingHours.sun', branch({ openingHours: { sun: [{ from: '9am', to: '10:00' }] } })],
    ['library.closedDays', { library: { ...library, closedDays: ['25.12.2026'] } }],
    ['library.branches[1].closedDays', branch({ closedDays: ['tomorrow'] })],
    ['library.branches[1].adapters', branch({ adapters: ['sms', 'pigeon'] })],
    ['library.branches[1].adapters', branch({ adapters: ['ils'] })],
    ['library.frequencyCap', { library: { ...library, frequencyCap: { max: 0, per: '1d' } } }],
    ['library.frequencyCap', { library: { ...library, frequencyCap: { max: 1.5, per: '1d' } } }],
    ['library.frequencyCap', { library: { ...library, frequencyCap: { max: 1, per: 'day' } } }],
    ['library.frequencyCap', { library: { ...library, frequencyCap: { max: 1, per: '91d' } } }],
    ['library.frequencyCap', { library: { ...library, frequencyCap: { max: 1, per: '8d' } }, retention: '7d' }],
    ['library.quite', { library: { ...library, quite: { from: '21:00', to: '08:00' } } }],
    ['library.branches[1].clsoed', branch({ clsoed: ['2026-12-25'] })],
    ['library.minors.under', { library: { ...library, minors: { under: 16 } } }],
    ['sekret', { sekret: 'k' }],
    ['purposes.pickup.kap', { purposes: { pickup: { ...purposes.pickup, kap: { max: 1, per: '1d' } } } }],
    ['purposes.pickup.exclude.block', { purposes: { pickup: { ...purposes.pickup, exclude: { block: ['debt'] } } } }],
    ['purposes.pickup.class', { purposes: { pickup: { basis: 'service' } } }],
    ['purposes.pickup.basis', { purposes: { pickup: { class: 'service' } } }],
    ['purposes.news.class', { purposes: { news: { ...purposes.news, class: 'promotion' } } }],
    ['purposes.pickup.quietHours', { purposes: { pickup: { ...purposes.pickup, quietHours: 'ignored' } } }],
    ['purposes.pickup.minor', { purposes: { pickup: { ...purposes.pickup, minor: 'parents' } } }],
    ['library.minors.below', { library: { ...library, minors: { below: 'x' } } }],
    [
      'purposes.pickup.frequencyCap',
      { purposes: { pickup: { ...purposes.pickup, frequencyCap: { max: 1, per: '0d' } } } },
    ],
    ['purposes.pickup.media', { purposes: { pickup: { ...purposes.pickup, fallback: ['deadline'] } } }],
    ['purposes.*', { purposes: { '*': purposes.pickup } }],
    ['purposes.class:news', { purposes: { 'class:news': purposes.pickup } }],
    ['purposes.promotional', { purposes: { promotional: purposes.news } }],
    ['purposes', { purposes: {} }],
    ['adapters.a b', { adapters: { 'a b': fakeSms() } }],
    ['adapters.1st', { adapters: { '1st': fakeSms() } }],
    ['adapters.sms', { adapters: { sms: { ...fakeSms(), spec: 2 } } }],
    [
      'adapters.sms.channel.senders',
      {
        adapters: { sms: fakeSms({ senders: [{ address: { scheme: 'tel', value: '+12125550100' }, perSecond: 0 }] }) },
      },
    ],
    ['publicUrl', { publicUrl: 'library.example/prm' }],
    ['concurrency', { concurrency: 0 }],
    ['concurrency', { concurrency: 1.5 }],
  ])('is refused, naming %s and what was expected (%#)', (field, wrong) => {
    const make = () => createPrm({ ...options(), ...wrong } as unknown as Any)
    expect(make).toThrowError(expect.objectContaining({ code: 'config', field }))
    expect(make).toThrowError(field.split('[')[0])
  })

  test.each([[undefined], [null], ['prm.config.ts']])('is refused where the options are %j', (given) => {
    expect(() => createPrm(given as never)).toThrowError(expect.objectContaining({ code: 'config', field: 'options' }))
  })

  test('is told which settings there are', () => {
    const wrong = { ...options(), library: { ...library, quite: { from: '21:00', to: '08:00' } } }
    expect(() => createPrm(wrong)).toThrow(
      /^createPrm: library\.quite is no setting: there are id, name, timeZone, quietHours, openingHours, .*branches\.$/,
    )
  })

  test('is refused before any adapter is called', () => {
    const sms = fakeSms()
    expect(() => createPrm({ ...options(), adapters: { sms }, publicUrl: 'nowhere' })).toThrow()
    expect(sms.calls).toBe(0)
  })

  test('is refused a second flow of one name', () => {
    const { prm } = springfield()
    expect(() => prm.flow('tell', notice, async () => {})).toThrowError(
      expect.objectContaining({ code: 'config', field: 'name' }),
    )
  })

  test.each([
    ['on', ['b', 'notice', async () => {}]],
    ['on', ['b', undefined, async () => {}]],
    ['name', ['', notice, async () => {}]],
    ['run', ['b', notice, undefined]],
  ])('is refused a flow whose %s is wrong', (field, given) => {
    const flow = springfield().prm.flow as (...given: unknown[]) => void
    expect(() => flow(...given)).toThrowError(expect.objectContaining({ code: 'config', field }))
  })

  test('is told which events and adapters there are', () => {
    const { prm } = springfield()
    expect(() => prm.on('sent' as 'message', () => {})).toThrow(/^on: event must be one of recorded, .*adapter\.$/)
    expect(() => prm.context('koha' as 'sms')).toThrow(/^context: adapter must be one of .*sms/)
  })

  test('tells its clock, also without an adapter', () => {
    const at = new Date('2026-11-24T16:00:00.000Z')
    const prm = createPrm({ ...options(), adapters: {}, now: () => at })
    expect(prm.now()).toEqual(at)
    expect(prm.as({ kind: 'staff', id: 'sam' }).now()).toEqual(at)
  })

  test('is made when all is right, with as little as may be', () => {
    const { id, name, timeZone, locale, region } = library
    expect(() =>
      createPrm({
        library: { id, name, timeZone, locale, region },
        adapters: {},
        store: sqlite({ memory: true }),
        purposes,
      }),
    ).not.toThrow()
  })
})

describe('a send that is wrong', () => {
  class Row {
    due = 1
  }
  const data = (value: unknown) => ({ content: { template: 'plain', data: value } })
  test.each<[string, object]>([
    ['key', { key: '' }],
    ['key', { key: undefined }],
    ['purpose', { purpose: 'gossip' }],
    ['purpose', { purpose: 'constructor' }],
    ['content', { digest: 'd' }],
    ['content.text', { content: { text: '' } }],
    ['content.text', { content: { text: ' \n' } }],
    ['content.text', { content: {} }],
    ['content.template', { content: { template: 'gossip', data: {} } }],
    ['content.template', { content: { template: 'toString', data: {} } }],
    ['content.data', data(undefined)],
    ['content.data', data(new Date(0))],
    ['content.data', data(Number.NaN)],
    ['content.data.when', data({ when: new Date(0) })],
    ['content.data.items[1].due', data({ items: [{ due: 1 }, { due: undefined }] })],
    ['content.data.items[0]', data({ items: [new Row()] })],
    ['content.data.run', data({ run: () => 1 })],
    ['content.data.big', data({ big: 1n })],
    ['content.data.sum', data({ sum: Number.POSITIVE_INFINITY })],
    ['notBefore', { notBefore: 'tomorrow' }],
    ['expireAt', { expireAt: 'never' }],
    ['adapters', { adapters: ['pigeon'] }],
    ['adapters', { adapters: ['ils'] }],
    ['to', { to: 'nobody' }],
  ])('throws invalid naming %s, and stores nothing (%#)', async (field, wrong) => {
    const { prm, store, decided } = springfield()
    const send = { ...plain('a'), ...wrong } as never
    await expect(prm.send(send)).rejects.toMatchObject({ code: 'invalid', field })
    expect(decided).toEqual([])
    expect(await jobsOf(store)).toEqual([])
  })

  test('quotes no data in its error', async () => {
    const { prm } = springfield()
    const wrong = plain('a', { content: { template: 'plain', data: { text: 'A Secret History', when: new Date(0) } } })
    await expect(prm.send(wrong)).rejects.toThrow(/^send: content.data.when must be JSON, not Date.$/)
  })

  test('lists the kinds of a notice where one is not known', async () => {
    const { prm } = springfield()
    const data = { kind: 'hold-redy', subjectKey: 'm', items: [] }
    await expect(prm.record([{ key: 'a', type: 'notice', source: 'desk', data }])).rejects.toThrow(
      /^record: notice: kind: expected one of hold-ready, hold-expiring, .*suspended$/,
    )
  })

  test('says how a number is written where it is not in E.164', async () => {
    const { prm } = springfield()
    const { reasons } = await prm.send(plain('a', { to: tel('(212) 555-0142') }))
    expect(reasons.at(-1)?.detail).toBe('The phone number is not in E.164 format, such as +12125550142.')
    const { reasons: tooShort } = await prm.send(plain('b', { to: tel('+1') }))
    expect(tooShort.at(-1)?.detail).toBe('Invalid phone number.')
  })

  test('names what there is to choose from', async () => {
    const { prm } = springfield()
    await expect(prm.send(plain('a', { purpose: 'gossip' as 'pickup' }))).rejects.toThrow('one of pickup, news, urgent')
    await expect(prm.send(plain('a', { content: { template: 'gossip' as 'plain', data: {} } }))).rejects.toThrow(
      'one of pickup, plain, long',
    )
  })

  test.each([null, true, 0, '', [], {}, [[1, 'a', { b: null }]]])('is none for the data %j', async (value) => {
    const { prm } = springfield()
    await expect(prm.send(plain('a', { content: { template: 'plain', data: value } }))).resolves.toMatchObject({
      key: 'a',
    })
  })
})

describe('what the types know', () => {
  test('a purpose, a template and an adapter that are not there are errors of type', async () => {
    const prm = createPrm(options())
    const never = async (): Promise<Decision> => {
      // @ts-expect-error no such purpose
      await prm.send({ to: tel(phone), purpose: 'gossip', content: { text: 'x' }, key: 'a' })
      // @ts-expect-error no such template
      await prm.send({ to: tel(phone), purpose: 'pickup', content: { template: 'gossip', data: {} }, key: 'a' })
      // @ts-expect-error no such adapter
      await prm.send({ to: tel(phone), purpose: 'pickup', content: { text: 'x' }, key: 'a', adapters: ['pigeon'] })
      // @ts-expect-error no such feed
      await prm.pull('pigeon')
      // @ts-expect-error no such event
      prm.on('eaten', () => {})
      prm.flow('tell', notice, async ({ event }) => {
        // @ts-expect-error a notice has no colour
        event.data.colour
      })
      return prm.send({
        to: card('c1'),
        purpose: 'news',
        content: { template: 'pickup', data: [] },
        key: 'a',
        adapters: ['sms'],
      })
    }
    expect(never).toBeTypeOf('function')
    expect(Object.keys(prm.adapters)).toEqual(['sms', 'ils'])
  })
})

describe('the host for tests', () => {
  const base = () => ({ library, adapters: { sms: fakeSms() }, purposes, store: sqlite({ memory: true }) })
  const recorded = {
    key: 'a',
    type: 'notice',
    source: 'desk',
    data: { kind: 'hold-ready', subjectKey: 'm', items: [] },
  }

  test('names `at` where it is missing', async () => {
    await expect(testPrm(base() as never)).rejects.toMatchObject({ code: 'config', field: 'at' })
  })

  test('throws what a flow can never do, after one try', async () => {
    const prm = await testPrm({ ...base(), at: morning })
    let tries = 0
    prm.flow('twice', notice, async ({ step }) => {
      tries++
      await step('one', () => 1)
      await step('one', () => 2)
    })
    await prm.record([recorded])
    await expect(prm.settled()).rejects.toThrow(/two steps "one"/)
    expect(tries).toBe(1)
    await prm.settled()
    await prm.close()
  })

  test('answers a request after it was closed with 503, and says so', async () => {
    const prm = await testPrm({ ...base(), at: morning })
    await prm.close()
    const answer = await prm.handle(new Request('http://127.0.0.1/sms', { method: 'POST' }))
    expect([answer.status, await answer.text()]).toEqual([503, 'This host is closed. Please send it again.'])
  })

  test('stands still until the test moves it, and runs flows and sends to rest', async () => {
    const sms = fakeSms()
    const prm = await testPrm({
      at: morning,
      store: sqlite({ memory: true }),
      library,
      adapters: { sms },
      purposes,
      templates: { ...templates },
    })
    prm.flow('tell', notice, async ({ event }) => void (await prm.send(member(event.key) as never)))
    await prm.record([
      { key: 'a', type: 'notice', source: 'desk', data: { kind: 'hold-ready', subjectKey: 'm', items: [] } },
    ])
    expect(sms.taken).toEqual([])
    await prm.settled()
    expect(sms.taken).toHaveLength(1)
    await prm.send({
      to: tel(phone),
      purpose: 'pickup',
      content: { text: 'Later.' },
      key: 'b',
      notBefore: '2026-11-24T17:00:00.000Z',
    })
    await prm.advance('59m')
    expect(sms.taken).toHaveLength(1)
    await prm.advance('1m')
    expect(sms.taken).toHaveLength(2)
    await prm.close()
  })
})
