import { describe, expect, test } from 'vitest'
import { rig } from './rig.ts'

const keysOf = (facts: readonly { readonly key: string }[]) => facts.map(({ key }) => key)

describe('since_id without gaps', () => {
  test('all pages are read, each post once', async () => {
    const { simulator, look } = await rig()
    const ids = Array.from({ length: 250 }, (_, n) => simulator.post({ text: `Alder Library ${n}` }))
    const { facts } = await look()
    expect(keysOf(facts).sort()).toEqual(ids.sort())
  })

  test('killed after any batch, the next pull brings the rest: nothing is lost, and nothing twice', async () => {
    for (let batches = 1; batches < 8; batches++) {
      const { simulator, look, clock } = await rig()
      const said: string[] = []
      const post = (n: number) => {
        for (let k = 0; k < n; k++)
          said.push(simulator.post({ text: k % 3 ? `Alder Library ${k}` : `@AlderLibrary ${k}` }))
      }
      post(130)
      const one = await look(undefined, batches)
      clock.pass(0.1)
      post(130) // while it was away
      const two = await look(one.cursor)
      clock.pass(0.1)
      const three = await look(two.cursor)
      const told = keysOf([...one.facts, ...two.facts, ...three.facts])
      expect(new Set(told).size, `${batches}`).toBe(told.length)
      expect(told.sort(), `${batches}`).toEqual(said.sort())
    }
  })

  test('a query that was quiet for a month is no gap', async () => {
    const { simulator, look, clock } = await rig()
    simulator.post({ text: 'Alder Library' })
    let { cursor } = await look()
    for (let day = 0; day < 25; day++) {
      clock.pass(24)
      const next = await look(cursor)
      expect(next.bad).toEqual([])
      expect(next.error).toBeUndefined()
      cursor = next.cursor
    }
    const id = simulator.post({ text: 'Alder Library again' })
    expect(keysOf((await look(cursor)).facts)).toEqual([id])
  })

  test('a search that was away for more than seven days says what it did not read; mentions miss nothing', async () => {
    const { simulator, look, clock } = await rig()
    simulator.post({ text: 'Alder Library' })
    const { cursor } = await look()
    clock.pass(24)
    const mention = simulator.post({ text: '@AlderLibrary hello' })
    simulator.post({ text: 'Alder Library, unread' })
    clock.pass(9 * 24)
    const later = simulator.post({ text: 'Alder Library, read' })
    const { facts, bad } = await look(cursor)
    expect(keysOf(facts).sort()).toEqual([mention, later].sort())
    expect(bad).toEqual([
      {
        source: 'query name',
        reason:
          "X's search goes back 7 days: not all of 2026-11-10T09:00:00.000Z to 2026-11-13T09:01:00.000Z was read.",
      },
    ])
  })

  test('a look that was cut off, and taken up after seven days, says so and goes on with what is new', async () => {
    const { simulator, look, clock } = await rig({ userToken: undefined })
    for (let n = 0; n < 60; n++) simulator.post({ text: `Alder Library ${n}` })
    const first = await look()
    clock.pass(1)
    for (let n = 0; n < 60; n++) simulator.post({ text: `Alder Library then ${n}` })
    const cut = await look(first.cursor, 2)
    expect(cut.facts).toHaveLength(20)
    clock.pass(8 * 24)
    const id = simulator.post({ text: 'Alder Library now' })
    const { facts, bad } = await look(cut.cursor)
    expect(keysOf(facts.filter(({ data }) => !data.gone))).toEqual([id])
    expect(bad).toMatchObject([{ source: 'query name', reason: expect.stringContaining('goes back 7 days') }])
  })

  test('more mentions than X gives are told as a gap', async () => {
    const { simulator, look } = await rig({ queries: [] })
    for (let n = 0; n < 820; n++) simulator.post({ text: `@AlderLibrary ${n}` })
    const { facts, bad } = await look()
    expect(facts).toHaveLength(800)
    expect(bad).toMatchObject([{ source: 'mentions', reason: expect.stringContaining('800') }])
  })

  test('a page without posts is not the last one', async () => {
    const { simulator, look } = await rig({ queries: [] })
    simulator.post({ text: '@AlderLibrary hello' })
    simulator.fault('page-moved')
    const one = await look()
    expect(one.error).toMatchObject({ code: 'invalid' }) // its next page is no more
    expect((await look(one.cursor)).facts).toHaveLength(1)
  })
})
