import { describe, expect, test } from 'vitest'
import { plausible } from '../src/index.ts'
import { alder, all, host, search, thrown } from './context.ts'

describe('pages', () => {
  test('a page has its views, visits and exits, its path as id and its URL', async () => {
    const { simulator, pull } = await alder()
    simulator.page('2026-11-24', `${host}/printing`, { views: 7, visits: 5, exits: 2 })
    expect(await pull('page')).toEqual([
      {
        day: '2026-11-24',
        page: { system: 'plausible', id: '/printing', url: `${host}/printing` },
        views: { is: 'value', value: 7 },
        visits: { is: 'value', value: 5 },
        exits: { is: 'value', value: 2 },
        sampled: false,
      },
    ])
  })

  test('a page at which no visit ended has 0 exits, since the list of those that have some is whole', async () => {
    const { simulator, pull } = await alder()
    simulator.page('2026-11-24', `${host}/printing`, { views: 7, visits: 5 })
    expect((await pull('page'))[0]?.exits).toEqual({ is: 'value', value: 0 })
  })

  test('a path on two hosts is two pages, and whose exits they are is not known', async () => {
    const { simulator, pull } = await alder()
    simulator.page('2026-11-24', `${host}/printing`, { views: 7, visits: 5, exits: 2 })
    simulator.page('2026-11-24', 'https://faq.library.example/printing', { views: 3, visits: 3, exits: 1 })
    simulator.page('2026-11-25', 'https://www.guides.library.example/printing', { views: 1, visits: 1, exits: 1 })
    const told = await pull('page', '2026-11-24', '2026-11-25')
    expect(told.map(({ day, page, exits }) => [day, page?.id, exits.is])).toEqual([
      ['2026-11-24', '//faq.library.example/printing', 'unavailable'],
      ['2026-11-24', '/printing', 'unavailable'],
      ['2026-11-25', '/printing', 'value'],
    ])
  })

  test('a day of which Plausible says nothing has no row', async () => {
    const { simulator, pull } = await alder()
    simulator.page('2026-11-20', `${host}/printing`, { views: 7, visits: 5 })
    simulator.page('2026-11-24', `${host}/printing`, { views: 1, visits: 1 })
    expect((await pull('page', '2026-11-01', '2026-11-28')).map(({ day }) => day)).toEqual(['2026-11-20', '2026-11-24'])
  })

  test.each([1999, 2000, 2001, 4100])('%i pages are told once each, whatever fits into one answer', async (count) => {
    const { simulator, pull } = await alder()
    const paths = Array.from({ length: count }, (_, n) => `/guide/${n}`)
    for (const path of paths) simulator.page('2026-11-24', host + path, { views: 1, visits: 1 })
    const told = (await pull('page', '2026-11-23', '2026-11-25')).map(({ page }) => page?.id)
    expect(told.toSorted()).toEqual(paths.sort())
  })

  test('what is null is unavailable', async () => {
    const { simulator, ctx } = await alder()
    const adapter = plausible({
      ...simulator.credentials,
      baseUrl: simulator.url,
      fetch: instead(/event:page/, [
        { dimensions: ['2026-11-24', '/printing', 'guides.library.example'], metrics: [null, '5'] },
      ]),
    })
    const [row] = await all(adapter.metrics.pull({ from: '2026-11-24', to: '2026-11-24', by: 'page' }, ctx))
    expect([row?.views.is, row?.visits]).toEqual(['unavailable', { is: 'value', value: 5 }])
  })

  test('other columns than were asked for are not read as if they were', async () => {
    const { simulator, ctx } = await alder()
    const fetch = instead(/event:page/, [{ dimensions: ['2026-11-24', '/printing'], metrics: [1, 1] }])
    const adapter = plausible({ ...simulator.credentials, baseUrl: simulator.url, fetch })
    const pulled = all(adapter.metrics.pull({ from: '2026-11-24', to: '2026-11-24', by: 'page' }, ctx))
    expect((await thrown(pulled)).code).toBe('contract')
  })
})

describe('sampling', () => {
  test('from ten million events in one question on the figures are said to be estimates', async () => {
    for (const [count, sampled] of [
      [9_999_992, false],
      [9_999_993, true],
    ] as const) {
      const { simulator, pull } = await alder()
      simulator.page('2026-11-24', `${host}/printing`, { views: 7, visits: 5 })
      simulator.events('2026-11-24', count)
      expect((await pull('page')).map((one) => one.sampled)).toEqual([sampled])
    }
  })

  test('a busy week makes no other week an estimate', async () => {
    const { simulator, pull } = await alder()
    for (const day of ['2026-11-01', '2026-11-20']) simulator.page(day, `${host}/printing`, { views: 7, visits: 5 })
    simulator.events('2026-11-20', 20_000_000)
    expect((await pull('page', '2026-11-01', '2026-11-28')).map((one) => one.sampled)).toEqual([false, true])
  })
})

describe('searches', () => {
  test('are told by the event that tells of them, with how many were found where that was the same each time', async () => {
    const { simulator, pull } = await alder()
    simulator.search('2026-11-24', 'print from my phone', { events: 3, visits: 2, results: 0 })
    simulator.search('2026-11-24', 'hours', { events: 2, visits: 2, results: 12 })
    simulator.search('2026-11-24', 'hours', { events: 1, visits: 1, results: 0 })
    simulator.search('2026-11-25', 'hours', { events: 1, visits: 1, results: 0 })
    const told = await pull('search', '2026-11-24', '2026-11-25')
    expect(told.map(({ day, search, views }) => [day, search, views.is === 'value' && views.value])).toEqual([
      ['2026-11-24', { text: 'hours' }, 3],
      ['2026-11-24', { text: 'print from my phone', results: 0 }, 3],
      ['2026-11-25', { text: 'hours', results: 0 }, 1],
    ])
  })

  test('without a number of results none is made up', async () => {
    const { simulator, pull } = await alder({}, { search: { goal: 'Search', property: 'query' } })
    simulator.search('2026-11-24', 'hours', { events: 1, visits: 1, results: 0 })
    simulator.search('2026-11-25', 'hours', { events: 1, visits: 1 })
    expect((await pull('search', '2026-11-24', '2026-11-25')).map(({ search }) => search)).toEqual([
      { text: 'hours' },
      { text: 'hours' },
    ])
  })

  test('an event without the property is no search, and is logged', async () => {
    const { simulator, pull, ctx } = await alder()
    simulator.search('2026-11-24', '', { events: 4, visits: 4 })
    expect(await pull('search')).toEqual([])
    expect(JSON.stringify(ctx.logged)).toContain('"searches":4')
  })

  test('where no event is set, searches are unsupported; a goal that is not there is `config`', async () => {
    const none = await alder({}, { search: undefined })
    expect((await thrown(none.pull('search'))).code).toBe('unsupported')
    const { pull } = await alder({ goals: [] })
    const error = await thrown(pull('search'))
    expect([error.code, error.field]).toEqual(['config', 'search.goal'])
  })
})

test('a source has views and visits', async () => {
  const { simulator, pull } = await alder()
  simulator.source('2026-11-24', 'Direct / None', { views: 9, visits: 5 })
  simulator.source('2026-11-24', 'Google', { views: 4, visits: 3 })
  const told = await pull('source')
  expect(told.map(({ source, views, visits, exits }) => [source, views, visits, exits.is])).toEqual([
    ['direct', { is: 'value', value: 9 }, { is: 'value', value: 5 }, 'unavailable'],
    ['Google', { is: 'value', value: 4 }, { is: 'value', value: 3 }, 'unavailable'],
  ])
})

test('days are those of the site, and one that goes on is not told', async () => {
  for (const [timeZone, last] of [
    ['America/Chicago', '2026-11-28'],
    ['Pacific/Kiritimati', '2026-11-29'],
    ['UTC', '2026-11-28'],
  ] as const) {
    const { simulator, pull } = await alder({ timeZone })
    for (const day of ['2026-11-27', '2026-11-28', '2026-11-29', '2026-11-30'])
      simulator.page(day, `${host}/printing`, { views: 1, visits: 1 })
    expect((await pull('page', '2026-11-28', '2026-12-31')).at(-1)?.day, timeZone).toBe(last)
  }
})

describe('refusals', () => {
  test('a year of pages and exits takes less than half of the questions of an hour', async () => {
    const { simulator, pull } = await alder()
    await pull('page', '2025-11-29', '2026-11-28')
    expect(simulator.calls().length).toBeLessThan(300)
  })

  test('what is too much for an hour is rate_limited, is not tried again, and waits an hour', async () => {
    const { simulator, pull } = await alder({ perHour: 3 })
    const error = await thrown(pull('page', '2026-10-01', '2026-11-28'))
    expect([error.code, error.retryAfterMs]).toEqual(['rate_limited', 3_600_000])
    expect(simulator.calls()).toHaveLength(3)
  })

  test('what is too fast is asked again after those seconds, unless it is called off', async () => {
    const real = { now: () => new Date(), burst: { questions: 4, seconds: 1 } }
    const { simulator, pull } = await alder(real)
    simulator.page('2026-11-24', `${host}/printing`, { views: 1, visits: 1 })
    expect(await pull('page', '2026-11-10', '2026-11-28')).toHaveLength(1)
    const off = AbortSignal.timeout(200)
    const slow = await alder({ now: () => new Date(), burst: { questions: 0, seconds: 20 } })
    const pulled = slow.plausible.metrics.pull(
      { from: '2026-11-24', to: '2026-11-24', by: 'page' },
      { ...slow.ctx, signal: off },
    )
    expect((await thrown(all(pulled))).code).toBe('unavailable')
  })

  test('a wrong key and another site are `auth`, a plan without the API `forbidden`; none holds the key', async () => {
    const key = 'key-of-nobody-0000'
    const { pull } = await alder({}, { apiKey: key })
    expect((await thrown(pull('page'), key)).code).toBe('auth')
    const { pull: other } = await alder({}, { siteId: 'another.example' })
    expect((await thrown(other('page'))).code).toBe('auth')
    const { pull: small, plausible: adapter, ctx } = await alder({ plan: 'growth' })
    expect((await thrown(small('page'))).code).toBe('forbidden')
    expect((await adapter.check(ctx)).map(({ ok }) => ok)).toEqual([false])
  })

  test('a read that broke is tried again', async () => {
    const { simulator, pull } = await alder()
    simulator.page('2026-11-24', `${host}/printing`, { views: 1, visits: 1 })
    simulator.fault('server-error', 2)
    expect(await pull('page')).toHaveLength(1)
  })

  test('days in the wrong order are refused before a report is asked for', async () => {
    const { simulator, pull } = await alder()
    expect((await thrown(pull('page', '2026-11-24', '2026-11-23'))).code).toBe('invalid')
    expect(simulator.calls().filter(({ dimensions }) => dimensions.length > 0)).toEqual([])
  })
})

test('check says the day of the site, and whether the goal of searches is known', async () => {
  for (const [options, config, ok] of [
    [{}, { search }, [true, true]],
    [{}, { search: undefined }, [true, 'unknown']],
    [{ goals: [] }, { search }, [true, false]],
  ] as const) {
    const { plausible: adapter, ctx } = await alder(options, config)
    const found = await adapter.check(ctx)
    expect(found.map((one) => one.ok)).toEqual(ok)
    expect(found[0]?.detail).toContain('2026-11-29')
  }
})

test.each([
  [{ siteId: 'https://guides.library.example' }, 'siteId'],
  [{ apiKey: '' }, 'apiKey'],
  [{ search: { goal: 'Search' } }, 'search.property'],
])('%j is refused, naming the field', async (wrong, field) => {
  const right = { siteId: 'guides.library.example', apiKey: 'x' }
  const error = await thrown(Promise.resolve().then(() => plausible({ ...right, ...(wrong as object) })))
  expect([error.code, error.field]).toEqual(['config', field])
})

/** A Plausible that answers one question with these rows. */
function instead(question: RegExp, results: unknown): typeof fetch {
  return async (...request) => {
    const asked = new Request(...request)
    const range = ['2026-11-24T00:00:00-06:00', '2026-11-24T23:59:59-06:00']
    return question.test(await asked.clone().text())
      ? Response.json({ results, meta: {}, query: { date_range: range } })
      : fetch(asked)
  }
}
