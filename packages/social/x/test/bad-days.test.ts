import { describe, expect, test } from 'vitest'
import type { XConfig } from '../src/index.ts'
import { type Rig, rig, spent } from './rig.ts'

type Answer = (url: URL, asked: () => Promise<Response>) => Promise<Response> | Response
/** What X answers goes by this hand. */
const through =
  (answer: Answer): NonNullable<XConfig['fetch']> =>
  async (input, init) =>
    answer(new URL(new Request(input).url), () => fetch(input, init))

/** Answers about told posts that are not X's. */
async function lookUp(all: Rig, body: object) {
  const one = await all.look()
  all.clock.pass(23)
  const by = all.make({
    userToken: undefined,
    fetch: through((url, ask) => (url.pathname === '/2/tweets' ? Response.json(body) : ask())),
  })
  return all.look(one.cursor, undefined, by)
}

describe('pages that do not end', () => {
  test('a next page without a post, for ever: the look ends, and the next one goes on', async () => {
    const all = await rig({ queries: [] })
    let calls = 0
    const by = all.make({
      queries: [],
      fetch: through(() => Response.json({ meta: ++calls < 500 ? { next_token: 'again' } : {} })),
    })
    const one = await all.look(undefined, undefined, by)
    expect(one.error).toMatchObject({ code: 'contract' })
    expect(calls).toBeLessThan(20)
    const id = all.simulator.post({ text: '@AlderLibrary hello' })
    expect((await all.look(one.cursor)).facts.map(({ key }) => key)).toEqual([id])
  })

  test('the same page again and again costs one page more, not the budget', async () => {
    const all = await rig({ queries: [] })
    const id = all.simulator.post({ text: '@AlderLibrary hello' })
    let calls = 0
    const by = all.make({
      queries: [],
      fetch: through(async (url, ask) => {
        url.searchParams.delete('until_id')
        const page = (await (await (calls++ === 0 ? ask() : fetch(url, { headers: auth(all) }))).json()) as object
        return Response.json({ ...page, meta: calls < 500 ? { next_token: 'again' } : {} })
      }),
    })
    const { facts, error } = await all.look(undefined, undefined, by)
    expect(error).toMatchObject({ code: 'contract' })
    expect(facts.map(({ key }) => key)).toEqual([id])
    expect(calls).toBe(2)
  })

  test('of mentions that are asked again, too', async () => {
    const all = await rig({ queries: [] })
    all.simulator.post({ text: '@AlderLibrary hello' })
    const one = await all.look()
    all.clock.pass(23)
    let calls = 0
    const by = all.make({
      queries: [],
      fetch: through(async (url, ask) => {
        if (!url.searchParams.has('until_id')) return ask()
        calls++
        url.searchParams.set('until_id', '9000000000000000000')
        const page = (await (await fetch(url, { headers: auth(all) })).json()) as object
        return Response.json({ ...page, meta: calls < 500 ? { next_token: 'again' } : {} })
      }),
    })
    expect((await all.look(one.cursor, undefined, by)).error).toBeUndefined()
    expect(calls).toBeLessThan(4)
  })
})

const auth = ({ simulator }: Rig) => ({ authorization: `Bearer ${simulator.credentials.userToken}` })

test('a page of the longest posts that there are is read', async () => {
  const all = await rig({ queries: [] })
  for (let n = 0; n < 120; n++) all.simulator.post({ text: `@AlderLibrary ${'図'.repeat(24_000)} ${n}` })
  const { facts, error } = await all.look()
  expect(error).toBeUndefined()
  expect(facts).toHaveLength(120)
})

describe('money', () => {
  test.each([
    ['lost', () => Promise.reject(new TypeError('fetch failed'))],
    ['cut off', () => Promise.resolve(new Response('{"data":[{"id":"1'))],
    ['of another shape', () => Promise.resolve(Response.json({ data: [{ id: 'one' }] }))],
  ])('an answer that was %s is counted as it was set aside, and asked once', async (_, spoil) => {
    const all = await rig({ queries: [] })
    for (let n = 0; n < 30; n++) all.simulator.post({ text: `@AlderLibrary ${n}` })
    let calls = 0
    const by = all.make({
      queries: [],
      fetch: through(async (_, ask) => {
        calls++
        await ask()
        return spoil()
      }),
    })
    const { cursor, error } = await all.look(undefined, undefined, by)
    expect(error).toMatchObject({ code: 'unavailable' })
    expect(calls).toBe(1)
    expect(spent(cursor)).toBeGreaterThanOrEqual(all.simulator.bill())
  })

  test('what could not even be sent costs nothing', async () => {
    const all = await rig({ queries: [] })
    await all.simulator.close()
    const by = all.make({ queries: [] })
    const { cursor, error } = await all.look(undefined, undefined, by)
    expect(error).toMatchObject({ code: 'unavailable' })
    expect(spent(cursor)).toBe(0)
  })

  test('a clock that is moved back over the end of a month is no new month', async () => {
    const all = await rig({ userToken: undefined })
    all.clock.at = new Date('2026-12-01T00:05:00.000Z')
    all.simulator.post({ text: 'Alder Library' })
    const one = await all.look()
    expect(spent(one.cursor)).toBe(5_000)
    all.clock.at = new Date('2026-11-30T23:55:00.000Z')
    const two = await all.look(one.cursor)
    expect(spent(two.cursor)).toBe(5_000)
    all.clock.at = new Date('2026-12-01T00:10:00.000Z')
    expect(spent((await all.look(two.cursor)).cursor)).toBe(5_000)
  })

  test('one that was years ahead does not hold the money back until then', async () => {
    const all = await rig({ userToken: undefined })
    all.clock.at = new Date('2036-12-01T00:05:00.000Z')
    all.simulator.post({ text: 'Alder Library' })
    const one = await all.look()
    all.clock.at = new Date('2026-11-10T09:00:00.000Z')
    expect(spent((await all.look(one.cursor)).cursor)).toBe(0)
  })

  test('on the last day of a month no more is read than the next can ask again', async () => {
    const all = await rig({ userToken: undefined, budget: 4_000_000 })
    all.clock.at = new Date('2026-11-30T10:00:00.000Z')
    for (let n = 0; n < 300; n++) all.simulator.post({ text: `Alder Library ${n}` })
    const one = await all.look()
    let { cursor } = one
    expect(one.facts.length).toBeGreaterThan(10)
    for (let half = 0; half < 62; half++) {
      all.clock.pass(12)
      const next = await all.look(cursor)
      cursor = next.cursor
      expect(next.bad.filter(({ reason }) => reason.includes('erase'))).toEqual([])
      expect(spent(cursor)).toBeLessThanOrEqual(4_000_000)
    }
  })

  test('a budget that was made smaller than what is spent asks nobody again', async () => {
    const all = await rig({ userToken: undefined })
    for (let n = 0; n < 10; n++) all.simulator.post({ text: `Alder Library ${n}` })
    const one = await all.look()
    all.clock.pass(23)
    const bill = all.simulator.bill()
    const { bad } = await all.look(one.cursor, undefined, all.make({ userToken: undefined, budget: 40_000 }))
    expect(all.simulator.bill()).toBe(bill)
    expect(bad[0]?.reason).toContain('10 posts that were told cannot be asked again')
  })
})

describe('what was told is taken back only by what X says of it', () => {
  test.each([
    ['an empty list', { data: [] }],
    ['an error that names none', { errors: [{ title: 'Service Unavailable', type: 'about:blank' }] }],
    ['others alone', { data: [{ id: '1', text: 'another' }] }],
  ])('%s takes nothing back, and is told', async (_, body) => {
    const all = await rig({ userToken: undefined })
    for (let n = 0; n < 3; n++) all.simulator.post({ text: `Alder Library ${n}` })
    const { facts, bad } = await lookUp(all, body)
    expect(facts).toEqual([])
    expect(bad).toMatchObject([{ source: 'posts that were told', reason: expect.stringContaining('3 still stand') }])
  })

  test('a token that has expired stops its own mentions alone: what was searched for is asked again', async () => {
    const all = await rig()
    all.simulator.post({ text: '@AlderLibrary hello' })
    const id = all.simulator.post({ text: 'Alder Library hello' })
    const one = await all.look()
    all.simulator.delete(id)
    all.clock.pass(23)
    const { facts, bad } = await all.look(one.cursor, undefined, all.make({ userToken: 'expired' }))
    expect(facts.map(({ key }) => key)).toEqual([`${id} gone`])
    expect(bad.map(({ source }) => source)).toEqual(['mentions that were told', 'mentions'])
  })
})

test('a link that leads to what reads like another link, or like an escape, is read once', async () => {
  const all = await rig({ queries: [] })
  // The first of the simulator's short links is https://t.co/0000000001.
  all.simulator.post({ text: '@AlderLibrary https://a.example/?https://t.co/0000000002&amp; https://b.example/long' })
  const { facts } = await all.look()
  expect(facts[0]?.data.text).toBe(
    '@AlderLibrary https://a.example/?https://t.co/0000000002&amp; https://b.example/long',
  )
})
