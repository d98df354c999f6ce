import type { Json } from '@prm/core'
import { describe, expect, test } from 'vitest'
import { rig, spent } from './rig.ts'

/** A host that pulls each hour, or less often. */
async function hours(all: Awaited<ReturnType<typeof rig>>, cursor: Json | undefined, count: number, step = 1) {
  const [facts, bad]: [unknown[], unknown[]] = [[], []]
  for (let n = 0; n < count; n += step) {
    all.clock.pass(step)
    const next = await all.look(cursor)
    cursor = next.cursor
    facts.push(...next.facts)
    bad.push(...next.bad)
    expect(next.error).toBeUndefined()
  }
  return { facts, bad, cursor }
}

describe('deletions and edits', () => {
  test.each([
    ['a mention', '@AlderLibrary hello'],
    ['a post that was searched for', 'Alder Library hello'],
  ])('%s that is deleted is told as gone within 24 hours, once, without its words', async (_, text) => {
    const all = await rig()
    const id = all.simulator.post({ text })
    const kept = all.simulator.post({ text: `${text} too` })
    const one = await all.look()
    expect(one.facts).toHaveLength(2)
    all.simulator.delete(id)
    const day = await hours(all, one.cursor, 24)
    expect(day.facts).toEqual([
      {
        key: `${id} gone`,
        type: 'mention.seen',
        source: 'x',
        who: { scheme: 'post', value: id, realm: 'x.com' },
        data: { text: '', gone: true },
      },
    ])
    expect((await hours(all, day.cursor, 1)).facts).toEqual([])
    all.simulator.delete(kept)
    expect((await hours(all, day.cursor, 23, 23)).facts).toMatchObject([{ key: `${kept} gone` }])
  })

  test('an author who protects their posts takes them back', async () => {
    const all = await rig()
    const author = '1600000000000000011'
    const id = all.simulator.post({ text: 'Alder Library hello', author })
    const one = await all.look()
    all.simulator.protect(author)
    expect((await hours(all, one.cursor, 23, 23)).facts).toMatchObject([{ key: `${id} gone` }])
  })

  test('an edit that the search did not bring is told by the look-up', async () => {
    const all = await rig({ userToken: undefined })
    const id = all.simulator.post({ text: 'Alder Library is loud' })
    const one = await all.look()
    const version = all.simulator.edit(id, 'Sorry, it was another one') // the query does not find it any more
    expect((await hours(all, one.cursor, 23, 23)).facts).toMatchObject([
      { key: `${id} ${version}`, who: { value: id }, data: { edited: true, text: 'Sorry, it was another one' } },
    ])
  })

  test('an edited post that is deleted then is gone under its first id', async () => {
    const all = await rig()
    const id = all.simulator.post({ text: 'Alder Library is loud' })
    const one = await all.look()
    const version = all.simulator.edit(id, 'Alder Library is very loud')
    const two = await hours(all, one.cursor, 1)
    expect(two.facts).toMatchObject([{ key: `${id} ${version}` }])
    all.simulator.delete(version)
    expect((await hours(all, two.cursor, 23, 23)).facts).toMatchObject([{ key: `${id} gone`, who: { value: id } }])
  })

  test('mentions are asked again at their own price, and only who is missing is looked up', async () => {
    const all = await rig({ queries: [] })
    const ids = Array.from({ length: 30 }, (_, n) => all.simulator.post({ text: `@AlderLibrary ${n}` }))
    const one = await all.look()
    expect(spent(one.cursor)).toBe(30_000)
    all.simulator.delete(ids[3] ?? '')
    const day = await hours(all, one.cursor, 24, 8)
    expect(day.facts).toHaveLength(1)
    expect(spent(day.cursor)).toBe(30_000 + 29_000) // who is gone costs nothing
    const looked = all.simulator.calls().filter(({ path }) => path.startsWith('/2/tweets?'))
    expect(looked).toHaveLength(1)
    expect(looked[0]?.path).toContain(`ids=${ids[3]}&`)
  })

  test('a hundred to a call, and until their time is over: then they are not asked any more', async () => {
    const all = await rig({ userToken: undefined, keepDays: 3 })
    for (let n = 0; n < 150; n++) all.simulator.post({ text: `Alder Library ${n}` })
    const one = await all.look()
    const looks = () => all.simulator.calls().filter(({ path }) => path.startsWith('/2/tweets?')).length
    const day = await hours(all, one.cursor, 23, 23)
    expect(looks()).toBe(2)
    expect(spent(day.cursor)).toBe(2 * 150 * 5_000)
    const end = await hours(all, day.cursor, 6 * 23, 23)
    expect(looks()).toBe(6) // 3 days
    expect((end.cursor as { readonly told: object }).told).toEqual({})
  })

  test('killed in the middle, the rest is asked by the next pull, and nothing is told twice', async () => {
    const all = await rig({ userToken: undefined })
    const ids = Array.from({ length: 250 }, (_, n) => all.simulator.post({ text: `Alder Library ${n}` }))
    const one = await all.look()
    for (const id of ids) all.simulator.delete(id)
    all.clock.pass(23)
    const two = await all.look(one.cursor, 2)
    expect(two.facts).toHaveLength(100)
    const three = await all.look(two.cursor)
    const keys = [...two.facts, ...three.facts].map(({ key }) => key)
    expect(keys.sort()).toEqual(ids.map((id) => `${id} gone`).sort())
  })

  test('who cannot ask takes nothing back: an outage, an answer that says nothing, an error that is none of these', async () => {
    const all = await rig({ userToken: undefined, queries: [{ name: 'none', query: 'zzz' }] })
    const id = all.simulator.post({ text: 'zzz' })
    const one = await all.look()
    all.clock.pass(23)
    const spoil = async (body: object) => {
      const by = all.make({
        userToken: undefined,
        queries: [{ name: 'none', query: 'zzz' }],
        fetch: async (input, init) =>
          String(new Request(input).url).includes('/2/tweets?') ? Response.json(body) : fetch(input, init),
      })
      return all.look(one.cursor, undefined, by)
    }
    const none = await spoil({})
    expect(none.facts).toEqual([])
    expect(none.bad).toMatchObject([{ reason: 'X does not say whether 1 still stand: nothing.' }])
    const errors = [{ resource_id: id, type: 'https://api.x.com/2/problems/operational-disconnect' }]
    const odd = await spoil({ errors })
    expect(odd.facts).toEqual([])
    expect(odd.bad).toMatchObject([{ reason: expect.stringContaining('operational-disconnect') }])
    all.simulator.fault('server-error', 3)
    expect((await all.look(one.cursor)).facts).toEqual([])
    // Partial success: what came is taken.
    const gone = await spoil({
      data: [],
      errors: [{ ...errors[0], type: 'https://api.x.com/2/problems/resource-not-found' }],
    })
    expect(gone.facts).toMatchObject([{ key: `${id} gone` }])
  })

  test('without money to ask again that is said once, and with how many', async () => {
    const all = await rig({ userToken: undefined })
    for (let n = 0; n < 3; n++) all.simulator.post({ text: `Alder Library ${n}` })
    const one = await all.look()
    all.clock.pass(23)
    const poor = all.make({ userToken: undefined, budget: 0 })
    const two = await all.look(one.cursor, undefined, poor)
    expect(two.bad.map(({ reason }) => reason)).toEqual([
      '3 posts that were told cannot be asked again, whether they still stand: erase their texts. It begins again at 2026-12-01T00:00:00.000Z.',
      'The 0.00 USD of this month are used up, or set aside to ask again what was told. It begins again at 2026-12-01T00:00:00.000Z.',
    ])
    expect((await all.look(two.cursor, undefined, poor)).bad).toEqual([])
  })

  test('the money to ask again is set aside when a post is read: a month ends with none unwatched', async () => {
    const all = await rig({ userToken: undefined, budget: 4_000_000, keepDays: 30 })
    let cursor: Json | undefined
    let told = 0
    for (let day = 0; day < 20; day++) {
      for (let n = 0; n < 20; n++) all.simulator.post({ text: `Alder Library ${day} ${n}` })
      const next = await hours(all, cursor, 24, 12)
      cursor = next.cursor
      expect(next.bad.filter((one) => JSON.stringify(one).includes('erase'))).toEqual([])
      told += next.facts.length
    }
    expect(told).toBeGreaterThan(20)
    expect(spent(cursor)).toBeLessThanOrEqual(4_000_000)
  })
})
