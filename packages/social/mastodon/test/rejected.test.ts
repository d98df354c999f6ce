import { thrown } from '@prm/conformance'
import { PrmError } from '@prm/core'
import { describe, expect, test } from 'vitest'
import { hour, minute, rig } from './rig.ts'

/** Answers some calls itself, and passes the others on. */
const instead = (answer: (url: URL, init: Request) => Response | undefined | Promise<Response | undefined>) => ({
  fetch: async (...[input, init]: Parameters<typeof fetch>) => {
    const request = new Request(input, init)
    return (await answer(new URL(request.url), request)) ?? fetch(request)
  },
})
const busy = (headers: Record<string, string>) => () =>
  Response.json({ error: 'Too many requests' }, { status: 429, headers })
const date = 'Tue, 24 Nov 2026 16:00:00 GMT'

describe('an instance that limits', () => {
  test.each([
    ['by its ISO time', { date, 'x-ratelimit-reset': '2026-11-24T16:03:00.000000Z' }, 3 * minute],
    [
      'by its own clock, not by ours',
      { date: 'Tue, 24 Nov 2020 16:00:00 GMT', 'x-ratelimit-reset': '2020-11-24T16:01:00Z' },
      minute,
    ],
    ['by Retry-After in seconds', { date, 'retry-after': '42' }, 42_000],
    ['by a date', { date, 'retry-after': 'Tue, 24 Nov 2026 16:00:30 GMT' }, 30_000],
    ['without a word', {}, 5 * minute],
    ['without a date', { 'x-ratelimit-reset': '2026-11-24T16:03:00Z' }, 5 * minute],
    ['with a word that is no time', { date, 'x-ratelimit-reset': 'soon' }, 5 * minute],
    ['until 2099', { date, 'x-ratelimit-reset': '2099-01-01T00:00:00Z' }, 30 * minute],
    ['for ten years', { date, 'retry-after': '315360000' }, 30 * minute],
    ['until yesterday', { date, 'x-ratelimit-reset': '2026-11-23T16:00:00Z' }, 1000],
  ])('%s is not asked before, and never waited for without end', async (_, headers, ms) => {
    const all = await rig(instead(busy(headers as Record<string, string>)), {}, true)
    const { error } = await all.look()
    expect(PrmError.is(error) && [error.code, error.retryAfterMs]).toEqual(['rate_limited', ms])
  })

  test('is left room for answers, and the next pull goes on where this one stopped', async () => {
    const { simulator, look, wait } = await rig({}, { limit: 40 })
    wait(hour)
    const ids = Array.from({ length: 100 }, (_, n) => simulator.post({ by: 'ife', text: `#AlderLibrary ${n}` }))
    await Promise.all(Array.from({ length: 8 }, () => asked(simulator.url, simulator.credentials.accessToken)))
    const told: (string | undefined)[] = []
    for (let n = 0; n < 4; n++) {
      const before = simulator.visits().length
      const { facts, error } = await look()
      expect([error, simulator.visits().length - before <= 11]).toEqual([undefined, true])
      told.push(...facts.map(({ who }) => who?.value))
      if (n === 0) expect(told.length).toBeLessThanOrEqual(40)
      wait(6 * minute)
    }
    expect(told).toEqual(ids)
  })

  test('for real, throws what it says', async () => {
    const all = await rig({}, { limit: 20 })
    const id = all.simulator.post({ by: 'ife', text: 'Open?' })
    await Promise.all(Array.from({ length: 20 }, () => asked(all.simulator.url, all.simulator.credentials.accessToken)))
    const message = { key: '1', to: { scheme: 'post', value: id }, content: { text: 'Yes' }, purpose: 'answer' }
    const error = await thrown(all.adapter.channel.send(message, all.ctx()))
    expect([error.code, error.retryAfterMs]).toEqual(['rate_limited', 5 * minute])
    expect(all.simulator.received()).toEqual([])
  })

  test('and says that nothing is left until 2099, is read all the same, a page at a time', async () => {
    const { simulator, look } = await rig({}, { headers: 'lying' })
    const ids = Array.from({ length: 100 }, (_, n) => simulator.post({ by: 'ife', text: `#AlderLibrary ${n}` }))
    const told: (string | undefined)[] = []
    for (let n = 0; n < 4; n++) told.push(...(await look()).facts.map(({ who }) => who?.value))
    expect(told).toEqual(ids)
  })

  test('and says nothing of it, is read as a whole', async () => {
    const { simulator, look } = await rig({}, { headers: 'absent' })
    for (let n = 0; n < 100; n++) simulator.post({ by: 'ife', text: `#AlderLibrary ${n}` })
    expect((await look()).facts.length).toBe(100)
  })
})

const asked = (url: string, token: string) =>
  fetch(`${url}/api/v1/accounts/verify_credentials`, { headers: { authorization: `Bearer ${token}` } })

test('an instance that is slow is read', async () => {
  const { simulator, look } = await rig({}, { latencyMs: 300 })
  simulator.post({ by: 'ife', text: '#AlderLibrary' })
  expect((await look()).facts.length).toBe(1)
})

test('an instance that hangs is stopped waiting for when the host stops', async () => {
  const all = await rig(
    instead(() => new Promise<undefined>(() => undefined)),
    {},
    true,
  )
  const stop = new AbortController()
  const batch = all.adapter.feed
    .pull(undefined, all.ctx({ signal: stop.signal }))
    [Symbol.asyncIterator]()
    .next()
  setTimeout(() => stop.abort(), 50)
  expect((await thrown(batch)).code).toBe('unavailable')
})

test('a token that is void, and an account that is suspended, stop the adapter and say why', async () => {
  const all = await rig()
  const other = all.remade({ accessToken: 'void' })
  const next = (adapter = all.adapter) => adapter.feed.pull(undefined, all.ctx())[Symbol.asyncIterator]().next()
  expect((await thrown(next(other), 'void-')).code).toBe('auth')
  all.simulator.suspend('library')
  const error = await thrown(next())
  expect([error.code, error.message]).toEqual(['forbidden', expect.stringContaining('suspended')])
})

test('a tag that is closed is an empty list, and what else there is is told', async () => {
  const { simulator, look } = await rig()
  simulator.offers.tags = false
  simulator.post({ by: 'ife', text: 'Unseen #AlderLibrary' })
  simulator.post({ by: 'ife', text: '@library seen' })
  const { facts, bad, error } = await look()
  expect([facts.length, bad, error]).toEqual([1, [], undefined])
  // Opened again, it goes on from where it was.
  simulator.offers.tags = true
  expect((await look()).facts.map(({ data }) => data.text)).toEqual(['Unseen #AlderLibrary'])
})

test('one source that fails stops no other', async () => {
  const { simulator, look } = await rig(
    instead((url) => (url.pathname.includes('/tag/') ? Response.json({ error: 'no' }, { status: 403 }) : undefined)),
  )
  simulator.post({ by: 'ife', text: '@library hello' })
  const { facts, bad, error } = await look()
  expect([facts.length, bad.map(({ source }) => source), error]).toEqual([1, ['tag AlderLibrary'], undefined])
})

test('a post in another shape is told as bad, and hides no other', async () => {
  const { simulator, look } = await rig(
    instead(async (url, request) => {
      if (!url.pathname.includes('/tag/')) return undefined
      const posts = (await (await fetch(request)).json()) as object[]
      return Response.json(posts.length > 0 ? [{ id: 7 }, ...posts, null] : posts)
    }),
  )
  simulator.post({ by: 'ife', text: 'Told #AlderLibrary' })
  const { facts, bad } = await look()
  expect(facts.map(({ data }) => data.text)).toEqual(['Told #AlderLibrary'])
  expect(bad[0]).toEqual({ source: 'tag AlderLibrary', reason: '2 of 4 came in another shape than Mastodon describes' })
})

test('an instance that gives the same page for ever is left', async () => {
  let asked = 0
  const { simulator, look } = await rig(
    instead((url) => {
      if (!url.pathname.includes('/tag/')) return undefined
      asked++
      url.searchParams.delete('min_id')
      return fetch(url, { headers: { authorization: `Bearer ${simulator.credentials.accessToken}` } })
    }),
    {},
    true,
  )
  await look()
  expect(asked).toBeLessThan(4)
})

test('a post without a link of its own has one of the instance', async () => {
  const { simulator, look, host } = await rig(
    instead(async (url, request) => {
      if (!url.pathname.includes('/tag/')) return undefined
      const posts = (await (await fetch(request)).json()) as object[]
      return Response.json(posts.map((post) => ({ ...post, url: null, uri: 'tag:else.example,2026:1' })))
    }),
  )
  const id = simulator.post({ by: 'wren@else.example', text: '#AlderLibrary' })
  expect((await look()).facts[0]?.data.url).toBe(`https://${host}/@wren%40else.example/${id}`)
})

test('a cursor of another instance, or of nothing, begins anew', async () => {
  const { look } = await rig()
  expect((await look({ of: 'else.example', notes: '9', tags: {}, told: [] })).facts.length).toBe(3)
  expect((await look(null)).facts.length).toBe(3)
})

test('an instance whose ids are no times (ULIDs, flakes) is read forward from its own ids', async () => {
  const ids: string[] = []
  const ulid = (n: number) => `01KAVR${String(n).padStart(20, '0')}`
  const status = (id: string) => ({
    id,
    created_at: '2026-11-24T15:00:00.000Z',
    visibility: 'public',
    uri: `https://social.example/${id}`,
    content: `<p>${id}</p>`,
    account: { id: ulid(2), acct: 'ife' },
  })
  const { look } = await rig(
    instead(({ pathname, searchParams }) => {
      if (pathname.endsWith('/verify_credentials')) return Response.json({ id: ulid(1), acct: 'library' })
      if (pathname.endsWith('/notifications')) return Response.json([])
      const after = searchParams.get('min_id')
      const found = after === null ? ids.slice(-40) : ids.filter((id) => id > after).slice(0, 40)
      return Response.json(found.toReversed().map(status))
    }),
    {},
    true,
  )
  const told = async () => (await look()).facts.map(({ who }) => who?.value)
  expect(await told()).toEqual([])
  ids.push(ulid(10), ulid(11))
  expect(await told()).toEqual(ids)
  for (let n = 0; n < 100; n++) ids.push(ulid(20 + n))
  expect(await told()).toEqual(ids.slice(2))
  expect(await told()).toEqual([])
})

test('posts of a megabyte hide no others, are cut, and can be answered', async () => {
  const { simulator, look, adapter, ctx } = await rig()
  const huge = `<p>${'x'.repeat(1_200_000)}</p>`
  const ids = Array.from({ length: 9 }, (_, n) =>
    simulator.post({ by: 'ife', text: `@library #AlderLibrary ${n}`, html: huge, warning: 'w'.repeat(5000) }),
  )
  ids.push(simulator.post({ by: 'wren@else.example', text: '@library open?' }))
  const { facts, bad, error } = await look()
  expect([facts.map(({ who }) => who?.value), bad, error]).toEqual([ids, [], undefined])
  expect(facts[0]?.data.text.length).toBeLessThan(10_100)
  expect(facts[0]?.data.title?.length).toBe(500)
  const to = { scheme: 'post', value: simulator.post({ by: 'ife', text: '@library', html: huge }) }
  await adapter.channel.send({ key: '1', to, content: { text: 'Yes' }, purpose: 'answer' }, ctx())
  expect(simulator.received().length).toBe(1)
})
