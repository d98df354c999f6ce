import { type Adapter, createPrm, type NoticeResult, notice, PrmError } from '@prm/core'
import { describe, expect, test } from 'vitest'
import {
  card,
  fakeFeed,
  fakeSms,
  hold,
  library,
  otherPhone,
  person,
  phone,
  reported,
  type Springfield,
  springfield,
  tel,
  templates,
  webhook,
} from './fake.ts'
import { mail } from './town.ts'

interface Books extends Adapter {
  readonly told: (readonly NoticeResult[])[]
  readonly faults: string[]
}

/** An ILS that wants to know what became of its notices. */
function withBooks(given: Parameters<typeof springfield>[0] = {}): Springfield & Books {
  const told: (readonly NoticeResult[])[] = []
  const faults: string[] = []
  const outcomes = {
    async report(results: readonly NoticeResult[]) {
      const fault = faults.shift()
      if (fault === 'before') throw new PrmError('unavailable', 'The folder is gone.')
      told.push(results)
      if (fault === 'second') return results.slice(1)
      if (fault === 'after') throw new PrmError('unavailable', 'It was cut off.')
    },
  }
  const ils = Object.assign(given.ils ?? fakeFeed(), { writeBack: outcomes })
  return Object.assign(springfield({ ...given, ils }), { told, faults }) as unknown as Springfield & Books
}

const note = (id: number, number: string, origin = `q${id}`) => ({ ...hold(id, number), origin })
const plainly = (results: readonly NoticeResult[] = []) =>
  results.map(({ origin, state, reason }) => [origin, state, reason].filter(Boolean).join(' ')).toSorted()

describe('what became of a notice', () => {
  test('goes back to its source once it has come to an end, and once', async () => {
    const one = withBooks()
    one.ils.batches = [
      { interactions: [note(1, '7'), note(2, '8'), note(3, '9')], people: [person('7', phone), person('8')] },
    ]
    await one.run()
    expect(one.told.map(plainly)).toEqual([['q2 not-sent address', 'q3 not-sent address']])
    await one.prm.handle(webhook([reported('r', `ils ${hold(1, '7').key}`, { state: 'delivered' })]))
    await one.advance('5m')
    expect(one.told.map(plainly).slice(1)).toEqual([['q1 delivered']])
    await one.advance('2d')
    expect(one.told.length).toBe(2)
  })

  test('is that it was handed over, where a day later no more is heard', async () => {
    const one = withBooks()
    one.ils.batches = [{ interactions: [note(1, '7')], people: [person('7', phone)] }]
    await one.run()
    await one.advance('23h')
    expect(one.told).toEqual([])
    await one.advance('1h')
    expect(one.told.map(plainly)).toEqual([['q1 sent']])
  })

  test('is that of the message which told it by another feed, also where both stood in one digest', async () => {
    const one = withBooks()
    const twin = { ...note(2, '7'), key: 'twin', origin: 'twin' }
    one.ils.batches = [{ interactions: [note(1, '7'), note(2, '7'), twin], people: [person('7', phone)] }]
    await one.run()
    expect(one.sms.taken.map(({ content }) => content.text)).toEqual(['2 to collect at Main.'])
    const decisions = await one.prm.explain(`ils ${twin.key}`).then(({ decision }) => decision.outcome)
    expect(decisions).toEqual({ send: false, rule: 'duplicate' })
    await one.advance('25h')
    expect(one.told.flatMap(plainly)).toEqual(['q1 sent', 'q2 sent', 'twin sent'])
  })

  test('is nothing yet while it is tried again', async () => {
    const one = withBooks()
    one.sms.faults.push('unavailable', 'unavailable')
    one.ils.batches = [{ interactions: [note(1, '7')], people: [person('7', phone)] }]
    await one.run()
    await one.advance('1s')
    expect(one.told).toEqual([])
  })

  test('is nothing yet while another way is promised, which this host cannot decide', async () => {
    const { ils, sms, store, clock, told } = withBooks()
    const email = fakeSms({ medium: 'email', schemes: ['mailto'] })
    const service = { basis: 'service', class: 'service' } as const
    const pickup = { ...service, media: ['sms', 'email'], fallback: ['undeliverable'] } as const
    const shared = { library, adapters: { ils, sms, email }, store, purposes: { pickup }, now: clock.now }
    const url = 'https://library.example/prm'
    const [newer, older] = [
      createPrm({ ...shared, publicUrl: url, templates }),
      createPrm({ ...shared, publicUrl: url }),
    ]
    await newer.record([note(1, '7')], [{ at: card('7'), also: [tel(phone), mail('ada@example.org')] }])
    const content = { template: 'plain', data: { text: 'It is here.' } } as const
    await newer.send({ to: card('7'), purpose: 'pickup', content, key: 'k', about: [note(1, '7')] })
    await newer.run({ once: true })
    await newer.handle(webhook([reported('r', 'k', { state: 'undelivered', addressStatus: 'undeliverable' })]))
    await older.run({ once: true })
    expect(told).toEqual([])
    clock.advance('1m')
    await newer.run({ once: true })
    await newer.handle(webhook([reported('r2', 'k again', { state: 'delivered' })], { path: '/prm/email' }))
    await newer.run({ once: true })
    expect(told.map(plainly)).toEqual([['q1 delivered']])
  })

  test('is told again where the telling failed, and nothing is forgotten', async () => {
    const one = withBooks()
    one.faults.push('before', 'after')
    one.ils.batches = [{ interactions: [note(2, '8')], people: [person('8')] }]
    await one.run()
    expect(one.told).toEqual([])
    expect(one.failed.map(({ error }) => error.code)).toEqual(['unavailable'])
    await one.advance('10m')
    await one.advance('10m')
    await one.advance('10m')
    expect(one.told.map(plainly)).toEqual([['q2 not-sent address'], ['q2 not-sent address']])
  })

  test('is told again alone where its source could be told the others', async () => {
    const one = withBooks()
    one.faults.push('second', 'second')
    one.ils.batches = [
      { interactions: [note(1, '7'), note(2, '8'), note(3, '9')], people: [person('7'), person('8'), person('9')] },
    ]
    await one.run()
    for (let n = 0; n < 3; n++) await one.advance('10m')
    expect(one.told.map(plainly)).toEqual([
      ['q1 not-sent address', 'q2 not-sent address', 'q3 not-sent address'],
      ['q2 not-sent address', 'q3 not-sent address'],
      ['q3 not-sent address'],
    ])
    expect(one.failed).toEqual([])
  })

  test('is told for every number that the source gives one notice in its books', async () => {
    const one = withBooks()
    one.ils.batches = [{ interactions: [note(1, '7')], people: [person('7', phone)] }]
    await one.run()
    await one.prm.handle(webhook([reported('r', `ils ${hold(1, '7').key}`, { state: 'delivered' })]))
    await one.advance('5m')
    one.ils.batches = [{ interactions: [note(1, '7', 'q99')], people: [person('7', phone)] }]
    await one.advance('5m')
    expect(one.told.map(plainly)).toEqual([['q1 delivered'], ['q99 delivered']])
    expect(one.sms.taken.length).toBe(1)
  })

  test('is told under each number that its source gave it before the first was told', async () => {
    const one = withBooks()
    for (const origin of ['q77', 'q88']) {
      one.ils.batches = [{ interactions: [note(1, '7', origin)], people: [person('7', phone)] }]
      await one.run()
      one.clock.advance('20h')
    }
    await one.advance('20h')
    await one.advance('20h')
    expect(one.told.flatMap(plainly).toSorted()).toEqual(['q77 sent', 'q88 sent'])
  })

  test('is not told while a first try holds it back, or a flow sleeps over it', async () => {
    const first = withBooks({ allowlist: [otherPhone] })
    first.ils.batches = [{ interactions: [note(1, '7')], people: [person('7', phone)] }]
    await first.run()
    await first.advance('2d')
    expect(first.told).toEqual([])
    const slow = withBooks({ quietly: true })
    slow.prm.flow('slow', notice, async ({ event, step, prm }) => {
      await step.sleep('a', '30h')
      await prm.send({
        to: event.who ?? { scheme: 'ils', value: '' },
        purpose: 'pickup',
        content: { text: 'x' },
        key: 'k',
        about: [event],
      })
    })
    slow.ils.batches = [{ interactions: [note(1, '7')], people: [person('7', phone)] }]
    await slow.run()
    await slow.advance('25h')
    expect(slow.told).toEqual([])
    await slow.advance('5h')
    await slow.advance('24h')
    expect(slow.told.map(plainly)).toEqual([['q1 sent']])
  })

  test('that it was not sent is told again only when it is sent after all', async () => {
    const one = withBooks()
    one.ils.batches = [{ interactions: [note(1, '7')], people: [person('7')] }]
    await one.run()
    await one.advance('1h')
    one.ils.batches = [{ interactions: [note(1, '7')], people: [person('7', phone)] }]
    await one.advance('1h')
    await one.advance('1d')
    await one.advance('1d')
    expect(one.told.map(plainly)).toEqual([['q1 not-sent address'], ['q1 sent']])
  })

  test('of what no flow is concerned with is `purpose`, a day later', async () => {
    const one = withBooks({ quietly: true })
    one.ils.batches = [{ interactions: [note(1, '7')], people: [person('7', otherPhone)] }]
    await one.run()
    await one.advance('1d')
    expect(one.told.map(plainly)).toEqual([['q1 not-sent purpose']])
  })

  test('is told by a host that goes on running, too', async () => {
    const one = withBooks()
    one.ils.batches = [{ interactions: [note(2, '8')], people: [person('8')] }]
    const stop = new AbortController()
    const run = one.prm.run({ signal: stop.signal })
    const end = performance.now() + 20_000
    for (let i = 0; one.told.length === 0 && performance.now() < end; i++) {
      await new Promise((resolve) => setTimeout(resolve, 100))
      one.clock.advance(i < 20 ? '1s' : '2m') // slowly at first: a digest waits while a feed is due
    }
    stop.abort()
    await run
    expect(one.told.map(plainly)).toEqual([['q2 not-sent address']])
  })
})
