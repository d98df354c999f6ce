import { describe, expect, test } from 'vitest'
import { matomo } from '../src/index.ts'
import { alder, all, host, thrown } from './context.ts'

describe('pages', () => {
  test('a page has its views, visits and exits, its path as id and its URL', async () => {
    const { simulator, pull } = await alder()
    simulator.page('2026-11-24', `${host}/c.php?g=12&p=34`, { views: 7, visits: 5, exits: 2 })
    expect(await pull('page')).toEqual([
      {
        day: '2026-11-24',
        page: { system: 'matomo', id: '/c.php?g=12&p=34', url: `${host}/c.php?g=12&p=34` },
        views: { is: 'value', value: 7 },
        visits: { is: 'value', value: 5 },
        exits: { is: 'value', value: 2 },
        sampled: false,
      },
    ])
  })

  test('Matomo leaves out an exit count of 0: its rate says that it is one', async () => {
    const { simulator, pull } = await alder()
    simulator.page('2026-11-24', `${host}/printing`, { views: 7, visits: 5 })
    expect((await pull('page'))[0]?.exits).toEqual({ is: 'value', value: 0 })
  })

  test('what a row does not tell is unavailable, not 0', async () => {
    const { simulator, ctx } = await alder()
    const rows = { '2026-11-24': [{ label: '/printing', url: `${host}/printing`, nb_visits: 'n/a' }] }
    const adapter = matomo({ ...simulator.credentials, baseUrl: simulator.url, fetch: instead(/getPageUrls/, rows) })
    const [row] = await all(adapter.metrics.pull({ from: '2026-11-24', to: '2026-11-24', by: 'page' }, ctx))
    expect([row?.views.is, row?.visits.is, row?.exits.is]).toEqual(Array(3).fill('unavailable'))
  })

  test('a day of which Matomo says nothing has no row', async () => {
    const { simulator, pull } = await alder()
    simulator.page('2026-11-20', `${host}/printing`, { views: 7, visits: 5 })
    simulator.page('2026-11-24', `${host}/printing`, { views: 1, visits: 1 })
    expect((await pull('page', '2026-11-01', '2026-11-28')).map(({ day }) => day)).toEqual(['2026-11-20', '2026-11-24'])
  })

  test.each([49, 50, 51, 100, 173])(
    '%i pages a day are told once each, whatever fits into one answer',
    async (count) => {
      const { simulator, pull } = await alder({ most: 1000 })
      const paths = Array.from({ length: count }, (_, n) => `/guide/${n}`)
      for (const path of paths) simulator.page('2026-11-24', host + path, { views: 1, visits: 1 })
      expect((await pull('page', '2026-11-23', '2026-11-25')).map(({ page }) => page?.id).sort()).toEqual(paths.sort())
    },
  )

  test('a page that comes first while one reads makes none be told twice or missed', async () => {
    const { simulator, pull } = await alder({ most: 1000 })
    const paths = Array.from({ length: 120 }, (_, n) => `/guide/${n}`)
    for (const path of paths) simulator.page('2026-11-24', host + path, { views: 1, visits: 1 })
    simulator.fault('page-moved', 3)
    const told = (await pull('page')).map(({ page }) => page?.id)
    expect(told).toEqual([...new Set(told)])
    expect(told).toEqual(expect.arrayContaining(paths))
  })

  test('a Matomo that gives the same rows again and again is not read for ever', async () => {
    const { simulator, ctx } = await alder()
    const rows = Array.from({ length: 50 }, (_, n) => ({ label: `/${n}`, url: `${host}/${n}`, nb_hits: 1 }))
    const fetch = instead(/getPageUrls/, { '2026-11-24': rows })
    const adapter = matomo({ ...simulator.credentials, baseUrl: simulator.url, fetch })
    const pulled = all(adapter.metrics.pull({ from: '2026-11-24', to: '2026-11-24', by: 'page' }, ctx))
    expect((await thrown(pulled)).code).toBe('contract')
  })

  test('pages that Matomo folded together are no page, and it is logged how many views they had', async () => {
    const { simulator, ctx, pull } = await alder({ most: 10 })
    for (let n = 0; n < 25; n++) simulator.page('2026-11-24', `${host}/guide/${n}`, { views: 2, visits: 1 })
    const told = await pull('page')
    expect(told).toHaveLength(9)
    expect(JSON.stringify(told)).not.toContain('Others')
    expect(JSON.stringify(ctx.logged)).toContain('"views":32')
  })
})

describe('searches', () => {
  test('a search is told by its words, and that it found nothing', async () => {
    const { simulator, pull } = await alder()
    simulator.search('2026-11-24', 'print from my phone', { views: 3, visits: 2, exits: 1, results: 0 })
    simulator.search('2026-11-24', 'hours', { views: 5, visits: 5, results: 12 })
    const told = await pull('search')
    expect(told.map(({ search, views }) => [search, views])).toEqual([
      [{ text: 'hours' }, { is: 'value', value: 5 }],
      [
        { text: 'print from my phone', results: 0 },
        { is: 'value', value: 3 },
      ],
    ])
  })

  test('a search that found nothing once and something later is not said to find nothing', async () => {
    const { simulator, pull } = await alder()
    simulator.search('2026-11-24', 'hours', { views: 1, visits: 1, results: 0 })
    simulator.search('2026-11-24', 'hours', { views: 1, visits: 1, results: 4 })
    expect((await pull('search'))[0]?.search).toEqual({ text: 'hours' })
  })

  test('those that Matomo folded together are no search, also where it does not mark them; a search for "Others" is one', async () => {
    const { simulator, ctx, pull } = await alder({ most: 10 })
    for (let n = 0; n < 24; n++) simulator.search('2026-11-24', `word ${n}`, { views: 2, visits: 1, results: 0 })
    simulator.search('2026-11-24', 'Others', { views: 9, visits: 9, results: 0 })
    const told = await pull('search')
    expect(told).toHaveLength(9)
    expect(told.find(({ search }) => search?.text === 'Others')?.views).toEqual({ is: 'value', value: 9 })
    expect(JSON.stringify(ctx.logged)).toContain('"views":32')
  })

  test('that it found nothing holds for its day', async () => {
    const { simulator, pull } = await alder()
    simulator.search('2026-11-23', 'hours', { views: 1, visits: 1, results: 0 })
    simulator.search('2026-11-24', 'hours', { views: 1, visits: 1, results: 4 })
    const told = await pull('search', '2026-11-23', '2026-11-24')
    expect(told.map(({ day, search }) => [day, search?.results])).toEqual([
      ['2026-11-23', 0],
      ['2026-11-24', undefined],
    ])
  })
})

test('a source has visits; views and exits are not counted by source', async () => {
  const { simulator, pull } = await alder()
  simulator.source('2026-11-24', 'direct', '', 5)
  simulator.source('2026-11-24', 'search', 'Google', 3)
  simulator.source('2026-11-24', 'website', 'www.other.example', 2)
  simulator.source('2026-11-24', 'campaign', 'Google', 1)
  const told = await pull('source', '2026-11-23', '2026-11-24')
  expect(told.map(({ source, visits }) => [source, visits])).toEqual([
    ['direct', { is: 'value', value: 5 }],
    ['campaign: Google', { is: 'value', value: 1 }],
    ['Google', { is: 'value', value: 3 }],
    ['www.other.example', { is: 'value', value: 2 }],
  ])
  for (const { views, exits } of told) expect([views.is, exits.is]).toEqual(['unavailable', 'unavailable'])
})

describe('days', () => {
  test('are those of the site, and one that goes on is not told', async () => {
    // 15:00 UTC on the 29th is the 29th in Chicago, and the 30th in Kiritimati.
    for (const [timeZone, last] of [
      ['America/Chicago', '2026-11-28'],
      ['Pacific/Kiritimati', '2026-11-29'],
      ['UTC+14', '2026-11-29'],
    ] as const) {
      const { simulator, pull } = await alder({ timeZone })
      for (const day of ['2026-11-27', '2026-11-28', '2026-11-29', '2026-11-30'])
        simulator.page(day, `${host}/printing`, { views: 1, visits: 1 })
      const told = await pull('page', '2026-11-28', '2026-12-31')
      expect(told.at(-1)?.day, timeZone).toBe(last)
    }
  })

  test('of the wrong order, of no calendar and of too many years are refused before a report is asked for', async () => {
    const { simulator, pull } = await alder()
    for (const [from, to] of [
      ['2026-11-24', '2026-11-23'],
      ['2026-02-30', '2026-03-01'],
      ['2000-01-01', '2026-11-01'],
    ])
      expect((await thrown(pull('page', from, to))).code).toBe('invalid')
    expect(simulator.calls().filter(({ method }) => method.startsWith('Actions'))).toEqual([])
  })

  test('of an unknown zone are not guessed', async () => {
    const { pull } = await alder({ timeZone: 'Mars/Olympus' })
    expect((await thrown(pull('page'))).code).toBe('contract')
  })
})

describe('refusals', () => {
  const asked = { from: '2026-11-24', to: '2026-11-24', by: 'page' } as const

  test('the token goes in the body, so that it is in no log', async () => {
    const { simulator, pull } = await alder()
    await pull('source')
    expect(simulator.calls().length).toBeGreaterThan(1)
    expect(simulator.calls().filter(({ inUrl }) => inUrl)).toEqual([])
  })

  test('a wrong token is `auth`, a site that it may not see `forbidden`, and neither holds the token', async () => {
    const { simulator, ctx } = await alder()
    const token = 'c0ffee00c0ffee00c0ffee00c0ffee00'
    const wrong = matomo({ ...simulator.credentials, token, baseUrl: simulator.url })
    expect((await thrown(all(wrong.metrics.pull(asked, ctx)), token)).code).toBe('auth')
    const other = matomo({ ...simulator.credentials, siteId: 99, baseUrl: simulator.url })
    const { token: own } = simulator.credentials
    expect((await thrown(all(other.metrics.pull(asked, ctx)), own)).code).toBe('forbidden')
  })

  test.each([
    ['Unable to authenticate with the provided token. It is either invalid or expired.', 'auth'],
    ["You can't access this resource as it requires 'view' access for the website id = 1.", 'forbidden'],
    ["The method 'getPageUrls' does not exist or is not available in the module 'Actions'.", 'unsupported'],
    ['SQLSTATE[HY000]: General error near Ada Pine', 'invalid'],
  ])('200 with an error is an error: %s', async (message, code) => {
    const { simulator, ctx } = await alder()
    const fetch = instead(/getPageUrls/, { result: 'error', message })
    const adapter = matomo({ ...simulator.credentials, baseUrl: simulator.url, fetch })
    expect((await thrown(all(adapter.metrics.pull(asked, ctx)), 'Ada Pine')).code).toBe(code)
  })

  test('a read that broke is tried again, and a pull that is called off ends', async () => {
    const { simulator, pull } = await alder()
    simulator.page('2026-11-24', `${host}/printing`, { views: 1, visits: 1 })
    simulator.fault('server-error', 2)
    expect(await pull('page')).toHaveLength(1)
    const off = new AbortController()
    off.abort()
    const called = await alder({}, { signal: off.signal })
    expect((await thrown(called.pull('page'))).code).toBe('unavailable')
  })
})

test('check says the version, the zone, more than one host, and that searches are not tracked', async () => {
  const { matomo: adapter, ctx } = await alder({ hosts: [host, 'https://faq.library.example'], siteSearch: false })
  const found = await adapter.check(ctx)
  expect(found.map(({ what, ok }) => [what, ok])).toEqual([
    ['metrics.pull', true],
    ['metrics.page', 'unknown'],
    ['metrics.search', false],
  ])
  expect(found[0]?.detail).toContain('America/Chicago, now 2026-11-29')
})

test.each([
  [{ baseUrl: 'https://stats.library.example/index.php' }, 'baseUrl'],
  [{ siteId: 0 }, 'siteId'],
  [{ token: '' }, 'token'],
])('%j is refused, naming the field', async (wrong, field) => {
  const right = { baseUrl: 'https://stats.library.example', siteId: 1, token: 'x' }
  const error = await thrown(Promise.resolve().then(() => matomo({ ...right, ...wrong })))
  expect([error.code, error.field]).toEqual(['config', field])
})

/** A Matomo that answers one method with this. */
function instead(method: RegExp, body: unknown): typeof fetch {
  return async (...request) => {
    const asked = new Request(...request)
    return method.test(await asked.clone().text()) ? Response.json(body) : fetch(asked)
  }
}
