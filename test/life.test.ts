import type { Delivery, Message } from '@prm/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  all,
  fakeSms,
  jobsOf,
  messageOf,
  morning,
  phone,
  plain,
  reported,
  scopeOf,
  springfield,
  tel,
  webhook,
} from './fake.ts'

const letters = async (host: ReturnType<typeof springfield>) =>
  (await all(host.prm.deadLetters())).map(({ key }) => key)

describe('the life of a message', () => {
  const words = ['accepted', 'sent', 'delivered', 'read', 'undelivered', 'rejected'] as const
  const ends: ReadonlySet<string> = new Set(['delivered', 'read', 'undelivered', 'rejected'])

  test('reports before our own word, twice, in any order and against each other come to one end, and what contradicts is kept', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...words), { maxLength: 6 }),
        fc.integer({ min: 0, max: 6 }),
        async (said, early) => {
          const host = springfield()
          const report = async (state: Delivery, n: number): Promise<void> => {
            const answer = await host.prm.handle(webhook([reported(`${n}`, 'a', { raw: state, state })]))
            expect(answer.status).toBe(200)
          }
          host.sms.onTaken = async () => {
            for (const [n, state] of said.slice(0, early).entries()) await report(state, n)
          }
          await host.prm.send(plain('a'))
          await host.run()
          for (const [n, state] of said.slice(early).entries()) await report(state, early + n)
          for (const [n, state] of said.entries()) await report(state, n) // the same facts again
          const message = (await messageOf(host.store, 'a')) as Message
          const read = said.includes('read')
          const first = said.find((state) => ends.has(state) && state !== 'read')
          const soFar = said.includes('sent') ? 'sent' : 'accepted'
          expect(message.state).toBe(read ? 'read' : (first ?? soFar))
          const before = said.slice(0, read ? said.indexOf('read') : said.length)
          const others = new Set(
            before.filter((state) => ends.has(state) && state !== before.find((one) => ends.has(one))),
          )
          expect(new Set(message.contradictions?.map(({ state }) => state))).toEqual(others)
          expect(host.sms.calls).toBe(1)
        },
      ),
      { numRuns: 60 },
    )
  }, 60_000)
})

describe('a message of which no final report comes', () => {
  test('is asked for at growing ages, costs nothing before, and is then left as it is', async () => {
    const host = springfield()
    host.sms.state = 'sent'
    await host.prm.send(plain('a'))
    await host.run()
    expect(await jobsOf(host.store)).toEqual([])
    const asked: number[] = []
    for (let hour = 3; hour <= 24 * 40; hour += 3) {
      const before = host.sms.sought.length
      await host.advance('3h')
      await host.run()
      if (host.sms.sought.length > before) asked.push(hour)
    }
    expect(asked).toEqual([15, 51, 171, 723])
    expect(host.sms.sought.every(({ id }) => id === 'F1')).toBe(true)
    expect((await messageOf(host.store, 'a'))?.state).toBe('sent')
    expect(host.sms.calls).toBe(1)
  }, 60_000)

  test('comes to its end by what the provider answers, which stops the asking', async () => {
    const host = springfield()
    await host.prm.send(plain('a'))
    await host.run()
    host.sms.state = 'delivered'
    await host.advance('1h')
    await host.advance('12h')
    await host.run()
    expect((await messageOf(host.store, 'a'))?.state).toBe('delivered')
    await host.advance('60d')
    await host.run()
    expect(host.sms.sought).toHaveLength(1)
  })

  /** Hours after it was handed over, at most three too many. */
  const askedFor = async (host: ReturnType<typeof springfield>, hours: number): Promise<number[]> => {
    const asked: number[] = []
    for (let hour = 0; hour <= hours; hour += 3) {
      const before = host.sms.sought.length
      await host.advance('3h')
      const [went] = (await messageOf(host.store, 'a'))?.attempts ?? []
      if (host.sms.sought.length > before) asked.push((host.clock.ms - Date.parse(went?.at ?? '')) / 3_600_000)
    }
    return asked
  }

  test('is asked for as often where it goes long after its decision', async () => {
    const host = springfield()
    host.sms.state = 'sent'
    await host.prm.send(plain('a', { notBefore: '2027-01-08T16:00:00.000Z' }))
    await host.advance('45d')
    expect((await messageOf(host.store, 'a'))?.state).toBe('accepted')
    expect(await askedFor(host, 24 * 40)).toEqual([12, 48, 168, 720])
    expect(await jobsOf(host.store)).toEqual([])
  }, 60_000)

  test('is asked for where staff let it go again after weeks', async () => {
    const host = springfield()
    host.sms.state = 'sent'
    host.sms.faults.push('invalid')
    await host.prm.send(plain('a'))
    await host.advance('1h')
    await host.advance('31d')
    await host.prm.redrive(['deliver:a'])
    await host.run()
    expect((await messageOf(host.store, 'a'))?.state).toBe('accepted')
    await host.advance('13h')
    expect(host.sms.sought).toHaveLength(1)
    expect((await messageOf(host.store, 'a'))?.state).toBe('sent')
  })

  test('is not asked for before it goes, nor when it is erased', async () => {
    const one = springfield()
    await one.prm.send(plain('a', { to: tel(phone), notBefore: '2026-11-28T16:00:00.000Z' }))
    const host = springfield({ ...one, allowlist: ['+12125550199'] }) // which holds it back
    await host.advance('20d')
    expect((await messageOf(host.store, 'a'))?.state).toBe('planned')
    expect((await jobsOf(host.store)).map(({ key }) => key)).toContain('late:a')
    await host.prm.erase(tel(phone))
    expect((await jobsOf(host.store)).map(({ key }) => key)).not.toContain('late:a')
    expect(host.sms.sought).toEqual([])
  })

  test('is asked for after the host was down, as one that was not', async () => {
    const host = springfield()
    await host.prm.send(plain('a'))
    await host.run()
    await host.advance('1h')
    await host.advance('5d')
    await host.run()
    expect(host.sms.sought.length).toBeGreaterThan(0)
  })

  test('is not asked for where its end was reported', async () => {
    const host = springfield()
    await host.prm.send(plain('a'))
    await host.run()
    await host.prm.handle(webhook([reported('1', 'a', { state: 'delivered' })]))
    for (let day = 0; day < 32; day++) await host.advance('1d')
    expect(host.sms.sought).toEqual([])
  })
})

describe('a dead letter', () => {
  test('is listed without the people it concerns, and goes once what failed is mended', async () => {
    const host = springfield()
    host.sms.faults.push('invalid')
    await host.prm.send(plain('a'))
    await host.run()
    const dead = await all(host.prm.deadLetters())
    expect(dead).toEqual([
      {
        key: 'deliver:a',
        name: 'deliver',
        runAt: expect.any(String),
        error: { code: 'invalid', message: 'The provider said invalid.' },
      },
    ])
    expect(JSON.stringify(dead)).not.toContain(phone)
    const desk = host.prm.as({ kind: 'staff', id: 'ada' })
    expect(await desk.redrive(['deliver:a', 'deliver:b'])).toEqual({
      redriven: ['deliver:a'],
      kept: [{ key: 'deliver:b', reason: 'there is no dead letter of this key' }],
    })
    await host.run()
    expect(host.sms.taken.map(({ key }) => key)).toEqual(['a'])
    const message = await messageOf(host.store, 'a')
    expect(message?.state).toBe('accepted')
    expect(message?.attempts.map(({ outcome }) => outcome)).toEqual(['invalid: The provider said invalid.', 'accepted'])
    expect((await all(host.prm.audit())).map(({ action, by }) => [action, by.id])).toEqual([['redrive', 'ada']])
    expect(await desk.redrive(['deliver:a'])).toMatchObject({ redriven: [] })
    await host.run()
    expect(host.sms.calls).toBe(2)
  })

  test.each(['hang', 'unknown', 'throw', 'contract'] as const)(
    'that may have gone (%s) is never sent again',
    async (fault) => {
      const sms = fakeSms({ find: false })
      const host = springfield({ sms })
      sms.faults.push(fault)
      await host.prm.send(plain('a'))
      await host.run()
      await host.advance('1h')
      expect(await letters(host)).toEqual(['deliver:a'])
      expect(await host.prm.redrive(['deliver:a'])).toEqual({
        redriven: [],
        kept: [{ key: 'deliver:a', reason: 'it is unknown' }],
      })
      await host.advance('1h')
      expect(sms.calls).toBe(1)
      expect(await letters(host)).toEqual(['deliver:a'])
    },
  )

  test.each([
    [
      'one start of which was unknown',
      {
        attempts: [
          { at: morning, outcome: 'unknown: no answer' },
          { at: morning, outcome: 'invalid: no' },
        ],
      },
    ],
    ['that the provider has an id for', { providerId: 'F1' }],
    ['of which a report says otherwise', { contradictions: [{ at: morning, state: 'delivered' as const }] }],
    ['a start of which nobody recorded', { attempts: [] }],
  ])('%s is not sent again either', async (_, more) => {
    const host = springfield()
    host.sms.faults.push('invalid')
    await host.prm.send(plain('a'))
    await host.run()
    const row = await scopeOf(host.store).get('message', 'a')
    const value = { ...(row?.value as Message), ...more }
    await scopeOf(host.store).commit([{ put: [{ kind: 'message', value, ifVersion: row?.version ?? 0 }] }])
    expect(await host.prm.redrive(['deliver:a'])).toEqual({
      redriven: [],
      kept: [{ key: 'deliver:a', reason: 'it may have gone' }],
    })
  })

  test('past its retention is nobody’s any more', async () => {
    const host = springfield()
    host.sms.faults.push('invalid')
    await host.prm.send(plain('a'))
    await host.run()
    await host.advance('100d')
    expect(await host.prm.redrive(['deliver:a'])).toEqual({
      redriven: [],
      kept: [{ key: 'deliver:a', reason: 'it is past its retention' }],
    })
  })

  test('past its deadline is cancelled, and one refused meanwhile is not sent', async () => {
    const host = springfield()
    host.sms.faults.push('invalid', 'invalid')
    await host.prm.send(plain('a', { expireAt: '2026-11-24T17:00:00.000Z' }))
    await host.prm.send(plain('b', { to: tel('+12125550177') }))
    await host.run()
    await host.advance('2h')
    await host.prm.recordConsent({ address: tel('+12125550177'), purpose: '*', state: 'denied', basis: 'stop' })
    expect((await host.prm.redrive(['deliver:a', 'deliver:b'])).redriven).toHaveLength(2)
    await host.run()
    expect(host.sms.taken).toEqual([])
    expect((await messageOf(host.store, 'a'))?.state).toBe('expired')
    expect((await messageOf(host.store, 'b'))?.state).toBe('cancelled')
  })

  test('past its deadline has ended, by the daily house-keeping; what may have gone stays unknown', async () => {
    const host = springfield({ quietly: true })
    host.sms.faults.push('invalid')
    await host.prm.send(plain('a', { expireAt: '2026-11-30' }))
    await host.run()
    const [letter] = await all(host.prm.deadLetters())
    // As if it had been left to a person before its call.
    const row = await scopeOf(host.store).get('message', 'a')
    if (row)
      await scopeOf(host.store).commit([
        { put: [{ kind: 'message', value: { ...row.value, state: 'planned' }, ifVersion: row.version }] },
      ])
    expect(letter?.key).toBe('deliver:a')
    await host.advance('3d')
    expect(await messageOf(host.store, 'a')).toMatchObject({ state: 'planned' })
    await host.advance('5d')
    expect(await messageOf(host.store, 'a')).toMatchObject({ state: 'expired' })
    expect(await all(host.prm.deadLetters())).toEqual([])
  })

  test('of a flow goes on', async () => {
    const host = springfield({ quietly: true })
    let broken = true
    host.prm.flow(
      'f',
      { name: 'desk.note', schema: { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } } },
      async () => {
        if (broken) throw new Error('not yet')
      },
    )
    await host.prm.record([{ key: '1', type: 'desk.note', source: 'desk', data: null }])
    for (let n = 0; n < 12; n++) await host.advance('1h')
    const [key] = await letters(host)
    broken = false
    expect((await host.prm.redrive([key as string])).redriven).toEqual([key])
    await host.run()
    expect(await letters(host)).toEqual([])
  })
})
