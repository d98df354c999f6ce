import { messageReceived, notice } from '@prm/core'
import { sqlite } from '@prm/store-sqlite'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  all,
  fakeSms,
  hold,
  person,
  phone,
  plain,
  type Springfield,
  scopeOf,
  springfield,
  storeFile,
  tel,
  texted,
} from './fake.ts'

const tick = (ms = 1): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Two processes at work on one store, as far as one process can show it: two hosts with a connection each. */
function two(): readonly [Springfield, Springfield] {
  const file = storeFile()
  const a = springfield({ store: sqlite({ file }), quietly: true })
  return [a, springfield({ store: sqlite({ file }), quietly: true, clock: a.clock, sms: a.sms })]
}

describe('order inside a conversation', () => {
  test("one person's facts go through the flows one after the other, in the order in which they came, on two hosts", async () => {
    const pair = two()
    const seen = new Map<string, string[]>()
    let most = 0
    const open = new Map<string, number>()
    for (const { prm } of pair)
      prm.flow('f', messageReceived, async ({ event }) => {
        const who = event.who?.value ?? ''
        open.set(who, (open.get(who) ?? 0) + 1)
        most = Math.max(most, open.get(who) ?? 0)
        await tick(Number(event.key.slice(-2)) % 4)
        open.set(who, (open.get(who) ?? 0) - 1)
        seen.set(who, [...(seen.get(who) ?? []), event.key])
      })
    const people = ['+12125550101', '+12125550102', '+12125550103']
    for (let i = 0; i < 30; i++) {
      await pair[0].prm.record(people.map((from) => texted(`${from} ${String(i).padStart(2, '0')}`, 'x', from)))
      pair[0].clock.ms += 1
    }
    await Promise.all(pair.map((one) => one.run()))
    expect(most).toBe(1)
    for (const from of people) expect(seen.get(from)).toEqual(seen.get(from)?.toSorted())
    expect([...seen.values()].map((keys) => keys.length)).toEqual([30, 30, 30])
    for (const { prm } of pair) await prm.close()
  })

  test('messages to one address go one after the other, oldest first', async () => {
    const sms = fakeSms()
    let calls = 0
    let most = 0
    sms.onTaken = async () => {
      most = Math.max(most, ++calls)
      await tick(2)
      calls--
    }
    const one = springfield({ sms, quietly: true })
    for (let i = 0; i < 10; i++) {
      await one.prm.send(plain(`k${i}`, { content: { text: `No ${i}.` } }))
      one.clock.ms += 1
    }
    await one.run()
    expect(most).toBe(1)
    expect(sms.taken.map(({ key }) => key)).toEqual(Array.from({ length: 10 }, (_, i) => `k${i}`))
  })

  test('one that backs off does not hold the others', async () => {
    const sms = fakeSms()
    sms.faults.push('unavailable')
    const one = springfield({ sms, quietly: true })
    await one.prm.send(plain('first'))
    one.clock.ms += 1
    await one.prm.send(plain('second'))
    await one.run()
    expect(sms.taken.map(({ key }) => key)).toEqual(['second'])
    await one.advance('1h')
    expect(sms.taken.map(({ key }) => key)).toEqual(['second', 'first'])
  })

  test('several answers at once wake a run one after the other', async () => {
    const one = springfield({ quietly: true })
    let open = 0
    let most = 0
    let runs = 0
    one.prm.flow('f', notice, async ({ step }) => {
      runs++
      most = Math.max(most, ++open)
      await tick(5)
      open--
      await step.wait('w', messageReceived, { address: tel(phone) }, { timeout: '1h', only: () => false })
    })
    await one.prm.record([hold(1, '7')])
    await one.run()
    await one.prm.record(Array.from({ length: 6 }, (_, i) => texted(`t${i}`, 'x')))
    await one.run()
    expect(runs).toBe(7)
    expect(most).toBe(1)
  })

  test('a run is never in two places at once: an answer, a timer and the fact itself take turns', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 6 }), async (waits) => {
        const pair = two()
        let open = 0
        let most = 0
        const done: string[] = []
        for (const { prm } of pair)
          prm.flow('f', notice, async ({ event, step }) => {
            most = Math.max(most, ++open)
            await tick()
            open--
            const heard = await step.wait('w', messageReceived, { address: tel(phone) }, { timeout: '1h' })
            await step('end', () => void done.push(`${event.key} ${heard?.key}`))
          })
        const [a] = pair
        await a.prm.record([hold(1, '7')], [person('7', phone)])
        for (const [index, wait] of waits.entries()) {
          await Promise.all([...pair.map((one) => one.run()), a.prm.record([texted(`t${index}`, 'x')])])
          a.clock.ms += wait * 7_000
        }
        await Promise.all(pair.map((one) => one.run()))
        a.clock.ms += 3_600_000
        await Promise.all(pair.map((one) => one.run()))
        expect(most).toBe(1)
        expect(done.length).toBe(1)
        expect(await all(scopeOf(a.store).find('run', {}))).toEqual([])
        for (const { prm } of pair) await prm.close()
      }),
      { numRuns: 5 },
    )
  }, 60_000)
})

test('what ignores quiet hours goes before all else that is due, though it was decided last, and never too early', async () => {
  const { prm, sms, run, advance } = springfield({ quietly: true, concurrency: 2 })
  for (let n = 0; n < 100; n++) await prm.send(plain(`b${n}`, { to: tel(`+1212555${2_000 + n}`) }))
  const urgent = { purpose: 'urgent', to: tel('+12125551999') } as const
  sms.onTaken = async () => {
    if (sms.taken.length !== 10) return
    await prm.send(plain('u', urgent))
    await prm.send(plain('later', { ...urgent, notBefore: '2026-11-24T17:00:00.000Z' }))
  }
  await run()
  const keys = sms.taken.map(({ key }) => key)
  expect(keys).toHaveLength(101)
  expect(keys.indexOf('u')).toBeLessThan(16)
  await advance('59m')
  expect(sms.taken).toHaveLength(101)
  await advance('1m')
  expect(sms.taken.at(-1)?.key).toBe('later')
})
