import type { Json } from '@prm/core'
import { describe, expect, test } from 'vitest'
import { rig, spent } from './rig.ts'

describe('the budget', () => {
  test('what a page can cost is set aside, and stored, before it is asked', async () => {
    const { simulator, look } = await rig({ userToken: undefined })
    for (let n = 0; n < 5; n++) simulator.post({ text: `Alder Library ${n}` })
    const before = await look(undefined, 1)
    expect(simulator.calls()).toEqual([])
    expect(spent(before.cursor)).toBe(20 * 5_000)
    const after = await look()
    expect(spent(after.cursor)).toBe(5 * 5_000)
    expect(simulator.bill()).toBe(5 * 5_000)
  })

  test('a kill in between leaves it spent: the bill is never more than what was counted', async () => {
    const { simulator, look } = await rig()
    for (let n = 0; n < 300; n++) simulator.post({ text: n % 2 ? `Alder Library ${n}` : `@AlderLibrary ${n}` })
    let cursor: Json | undefined
    for (let batches = 1; batches < 9; batches++) {
      ;({ cursor } = await look(cursor, batches))
      expect(spent(cursor)).toBeGreaterThanOrEqual(simulator.bill())
    }
  })

  test('who is refused or hears nothing pays nothing', async () => {
    const { simulator, look } = await rig()
    simulator.fault('server-error', 20)
    const { cursor, error } = await look()
    expect(error).toMatchObject({ code: 'unavailable' })
    expect(spent(cursor)).toBe(0)
  })

  test('a search of 100 posts a day into the next month: never more than the budget, and said once a month, with when it begins again', async () => {
    const budget = 2_000_000
    const { simulator, look, clock } = await rig({ userToken: undefined, budget, keepDays: 2 })
    const said: string[] = []
    let cursor: Json | undefined
    let [month, before] = ['2026-11', 0]
    for (let half = 0; half < 56; half++) {
      for (let n = 0; n < 50; n++) simulator.post({ text: `Alder Library ${half} ${n}` })
      const next = await look(cursor)
      cursor = next.cursor
      said.push(...next.bad.filter(({ source }) => source === 'budget').map(({ reason }) => reason))
      const now = clock.at.toISOString().slice(0, 7)
      if (now !== month) [month, before] = [now, simulator.bill() - spent(cursor)]
      expect(simulator.bill() - before).toBeLessThanOrEqual(budget)
      expect(spent(cursor)).toBeLessThanOrEqual(budget)
      clock.pass(12)
    }
    expect(said).toEqual(
      ['2026-12-01', '2027-01-01'].map(
        (day) =>
          `The 2.00 USD of this month are used up, or set aside to ask again what was told. It begins again at ${day}T00:00:00.000Z.`,
      ),
    )
  })

  test('what was not read for lack of money is read when there is some, as far as X goes back', async () => {
    const { simulator, look, make } = await rig({ userToken: undefined, budget: 2_500_000 })
    const ids = Array.from({ length: 60 }, (_, n) => simulator.post({ text: `Alder Library ${n}` }))
    const poor = await look()
    expect(poor.facts.length).toBeGreaterThan(0)
    expect(poor.facts.length).toBeLessThan(60)
    const rich = await look(poor.cursor, undefined, make({ budget: 100_000_000 }))
    expect([...poor.facts, ...rich.facts].map(({ key }) => key).sort()).toEqual(ids.sort())
  })

  test('a price that changed counts from the next call on', async () => {
    const { simulator, look, make, clock } = await rig({ userToken: undefined, keepDays: 1 })
    simulator.post({ text: 'Alder Library one' })
    const one = await look()
    expect(spent(one.cursor)).toBe(5_000)
    clock.pass(1)
    simulator.post({ text: 'Alder Library two' })
    const dear = make({ prices: { asOf: '2026-11-10', read: 50_000 }, userToken: undefined, keepDays: 1 })
    const two = await look(one.cursor, undefined, dear)
    expect(spent(two.cursor)).toBe(55_000)
    // With a budget that it eats up at once.
    const dearer = make({ prices: { read: 500_000 }, budget: 1_000_000, userToken: undefined, keepDays: 1 })
    const { bad, cursor } = await look(two.cursor, undefined, dearer)
    expect(bad).toMatchObject([
      { source: 'budget', reason: expect.stringContaining('1.00 USD of this month are used up') },
    ])
    expect((await look(cursor, undefined, dearer)).bad).toEqual([])
  })

  test.each(['capped', 'unpaid'] as const)(
    '%s: X wants to be paid, which is said once, and asked again the next day',
    async (kind) => {
      const { simulator, look, clock } = await rig()
      simulator.trouble(kind)
      const one = await look()
      expect(one.error).toBeUndefined()
      expect(one.bad.at(-1)?.reason).toContain('asked again at 2026-11-11T00:00:00.000Z')
      const calls = simulator.calls().length
      expect(calls).toBe(1)
      const quiet = await look(one.cursor)
      expect(quiet).toMatchObject({ facts: [], bad: [] })
      expect(simulator.calls()).toHaveLength(calls)
      simulator.trouble(undefined)
      const id = simulator.post({ text: '@AlderLibrary hello' })
      clock.pass(16)
      expect((await look(one.cursor)).facts.map(({ key }) => key)).toEqual([id])
    },
  )

  test('a limit of X ends that source for now, by its own header, and no other', async () => {
    const { simulator, look } = await rig()
    const id = simulator.post({ text: 'Alder Library' })
    simulator.fault('rate-limited-seconds')
    const { facts, bad, error } = await look()
    expect(error).toBeUndefined()
    expect(facts.map(({ key }) => key)).toEqual([id])
    expect(bad).toMatchObject([{ source: 'mentions', reason: expect.stringContaining('429') }])
  })
})
