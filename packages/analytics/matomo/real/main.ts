// pnpm --filter @prm/matomo run real: the adapter against a Matomo that is started, set up and tracked here. Needs Debian's packages
// (server.ts names them); no part of `npm test`. Exit: 0 all held, 1 something did not.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { report, testContext } from '@prm/conformance'
import type { Metric } from '@prm/core'
import { matomo } from '../src/index.ts'
import { suites } from '../test/suite.ts'
import { type RealMatomo, start } from './server.ts'

const host = 'https://guides.library.example'
const agent = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
const visitor = (n: number) => n.toString(16).padStart(16, 'a')

/** Days and hours of Chicago: UTC-6 in winter. */
const hits = [
  hit(1, '2026-09-07 15:00:00', '/printing', { urlref: 'https://www.google.com/' }),
  hit(1, '2026-09-07 15:01:00', '/c.php?g=12&p=34'),
  hit(2, '2026-09-07 16:00:00', '/printing', { urlref: 'https://www.other.example/links' }),
  hit(2, '2026-09-07 16:01:00', '/'),
  hit(3, '2026-09-07 17:30:00', '/s', { search: 'print from my phone', search_count: '0' }),
  hit(3, '2026-09-07 17:31:00', '/s', { search: 'Hours', search_count: '7' }),
  hit(3, '2026-09-07 17:32:00', '/s', { search: 'Hours', search_count: '0' }),
  hit(3, '2026-09-07 17:33:00', '/s', { search: 'databases' }),
  // 23:30 of the 9th there.
  hit(4, '2026-09-10 04:30:00', '/late'),
  hit(5, '2026-09-10 17:00:00', '/caf%C3%A9%20%26%20tea'),
  hit(5, '2026-09-10 17:05:00', '/printing'),
  { ...hit(6, '2026-09-10 18:00:00', ''), url: 'https://faq.library.example/printing' },
  hit(7, '2026-09-10 19:00:00', '/printing', {
    ua: 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
  }),
  hit(8, '2026-09-10 20:00:00', `/from?utm_campaign=fall&utm_source=letter`),
  ...Array.from({ length: 130 }, (_, n) => hit(9, `2026-09-15 15:${two(n % 60)}:00`, `/guide-${n}`)),
  ...Array.from({ length: 30 }, (_, n) =>
    hit(11, `2026-09-17 15:${two(n)}:00`, '/s', { search: `word ${n}`, search_count: '1' }),
  ),
  ...Array.from({ length: 30 }, (_, n) => hit(10, `2026-09-16 15:${two(n)}:00`, `/p/${n}`)),
]

function hit(
  id: number,
  cdt: string,
  path: string,
  more: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  return { _id: visitor(id), cdt, url: host + path, ua: agent, cip: `192.0.2.${id}`, ...more }
}
function two(n: number): string {
  return String(n).padStart(2, '0')
}

let real: RealMatomo
const ctx = testContext('matomo')
async function pull(by: 'page' | 'search' | 'source', from: string, to: string): Promise<readonly Metric[]> {
  const found: Metric[] = []
  const { metrics } = matomo({ baseUrl: real.url, siteId: real.siteId, token: real.token })
  for await (const one of metrics.pull({ from, to, by }, ctx)) found.push(one)
  return found
}
const short = ({ views, visits, exits }: Metric) =>
  [views, visits, exits].map((one) => (one.is === 'value' ? one.value : one.is))

test.before(async () => {
  real = await start({ folded: 20 })
  await real.track(hits)
})
test.after(() => real?.close())

test('pages: views, visits and exits by day, also an exit count of 0, that Matomo leaves out', async () => {
  const told = await pull('page', '2026-09-07', '2026-09-08')
  assert.deepEqual(
    told.map((one) => [one.day, one.page?.id, ...short(one)]),
    [
      ['2026-09-07', '/', 1, 1, 1],
      ['2026-09-07', '/c.php?g=12&p=34', 1, 1, 1],
      ['2026-09-07', '/printing', 2, 2, 0],
    ],
  )
})

test('a day is that of the site: 4:30 in UTC is the evening before in Chicago', async () => {
  const told = await pull('page', '2026-09-08', '2026-09-09')
  assert.deepEqual(
    told.map((one) => [one.day, one.page?.id]),
    [['2026-09-09', '/late']],
  )
})

test('paths are told as they are in the URL; one path on two hosts is one page, and a robot is nobody', async () => {
  const told = await pull('page', '2026-09-10', '2026-09-10')
  assert.deepEqual(told.map((one) => [one.page?.id, one.page?.url, one.views]).sort(), [
    ['/caf%C3%A9%20%26%20tea', `${host}/caf%C3%A9%20%26%20tea`, { is: 'value', value: 1 }],
    ['/from', `${host}/from`, { is: 'value', value: 1 }],
    // The host that was seen last.
    ['/printing', 'https://faq.library.example/printing', { is: 'value', value: 2 }],
  ])
})

test('130 pages of a day are told once each, over three answers', async () => {
  const told = (await pull('page', '2026-09-15', '2026-09-15')).map(({ page }) => page?.id)
  assert.deepEqual(told.toSorted(), Array.from({ length: 130 }, (_, n) => `/guide-${n}`).sort())
})

test('what a folder has above its limit is folded, told as no page, and logged', async () => {
  const before = ctx.logged.length
  assert.equal((await pull('page', '2026-09-16', '2026-09-16')).length, 19)
  assert.match(JSON.stringify(ctx.logged.slice(before)), /folded rows .*"views":11/)
})

test('searches: what found nothing every time says 0, what found something once does not', async () => {
  const told = await pull('search', '2026-09-06', '2026-09-08')
  assert.deepEqual(
    told.map((one) => [one.day, one.search, one.views]),
    [
      ['2026-09-07', { text: 'databases' }, { is: 'value', value: 1 }],
      ['2026-09-07', { text: 'Hours' }, { is: 'value', value: 2 }],
      ['2026-09-07', { text: 'print from my phone', results: 0 }, { is: 'value', value: 1 }],
    ],
  )
})

test('searches above the limit are folded too', async () => {
  assert.equal((await pull('search', '2026-09-17', '2026-09-17')).length, 19)
})

test('sources have visits, by the name of the engine, the host and the campaign', async () => {
  const told = await pull('source', '2026-09-07', '2026-09-10')
  assert.deepEqual(told.map((one) => [one.day, one.source, one.visits.is === 'value' && one.visits.value]).sort(), [
    ['2026-09-07', 'Google', 1],
    ['2026-09-07', 'direct', 1],
    ['2026-09-07', 'www.other.example', 1],
    ['2026-09-09', 'direct', 1],
    ['2026-09-10', 'campaign: fall', 1],
    ['2026-09-10', 'direct', 2],
  ])
})

test('no figure of a day before the first hit, and none of today', async () => {
  assert.deepEqual(await pull('page', '2026-08-01', '2026-08-20'), [])
  const today = new Date()
  await real.track([hit(1, today.toISOString().slice(0, 19).replace('T', ' '), '/today')])
  assert.deepEqual(
    await pull('page', new Date(+today - 86_400_000).toISOString().slice(0, 10), '2099-12-31').catch(
      (error) => error.code,
    ),
    'invalid',
  )
  const soon = new Date(+today + 86_400_000).toISOString().slice(0, 10)
  assert.deepEqual(await pull('page', today.toISOString().slice(0, 10), soon), [])
})

test('refusals: a wrong token is 401 with a page, a site that it may not see 401 with JSON, an odd date 200 with an error', async () => {
  const odd = await real.ask({
    method: 'Actions.getPageUrls',
    idSite: '1',
    period: 'day',
    date: '2026-13-45',
    token_auth: real.token,
  })
  assert.deepEqual([odd.status, JSON.parse(odd.text).result], [200, 'error'])
  const wrong = await real.ask({ method: 'API.getMatomoVersion', token_auth: 'c0ffee00c0ffee00c0ffee00c0ffee00' })
  assert.deepEqual([wrong.status, /html/.test(wrong.type)], [401, true])
  for (const [config, code] of [
    [{ token: 'c0ffee00c0ffee00c0ffee00c0ffee00' }, 'auth'],
    [{ siteId: 99 }, 'forbidden'],
  ] as const) {
    const adapter = matomo({ baseUrl: real.url, siteId: 1, token: real.token, ...config })
    const [finding] = await adapter.check(ctx)
    assert.equal(finding?.ok, false)
    const pulled = adapter.metrics
      .pull({ from: '2026-09-07', to: '2026-09-07', by: 'page' }, ctx)
      [Symbol.asyncIterator]()
    await assert.rejects(pulled.next(), { code })
  }
})

test('a token for POST only', async () => {
  const only = await real.tokenForPost()
  const fields = { method: 'SitesManager.getSiteFromId', idSite: '1', token_auth: only }
  const [get, post] = [await real.ask(fields, 'GET'), await real.ask(fields)]
  assert.deepEqual([get.status, post.status], [401, 200])
})

test('the checks of the conformance suite that only read', async () => {
  const env = {
    MATOMO_URL: real.url,
    MATOMO_SITE: '1',
    MATOMO_TOKEN: real.token,
    MATOMO_DAY: '2026-09-07',
    MATOMO_PATH: '/printing',
    MATOMO_VIEWS: '2',
  }
  const { matomo: suite } = suites
  assert.ok(suite)
  const passed: string[] = []
  for await (const { check, result, why } of report('matomo', suite, { live: { env } })) {
    assert.notEqual(result, 'fail', `${check}: ${why}`)
    if (result === 'pass') passed.push(check)
  }
  assert.ok(passed.includes('metrics/rows') && passed.includes('metrics/absent-is-not-zero'))
})
