import { type Context, type Metric, type Metrics, PrmError } from '@prm/core/adapter'
import { countIn, type Days, dayIn, figure, known, pageAt, spansOf, unavailable } from '@prm/kit/metrics'
import type { Api } from './api.ts'

/** How many days are asked for at a time: few, since Plausible estimates where it would have to count too many events. */
const daysAtOnce = 7
/** From so many events in one question on, plausible.io counts a part (test/plausible/stats/sampling_test.exs). */
const sampledFrom = 10_000_000

export function metrics(api: Api): Metrics {
  return {
    async *pull(query, ctx) {
      if (query.by === 'search' && !api.options.search)
        throw new PrmError(
          'unsupported',
          'Plausible has no site search of its own: set `search`, the event that tells of one.',
        )
      for (const days of spansOf(query, await today(api, ctx), daysAtOnce)) {
        const { results } = await api.ask({ metrics: ['events'], dimensions: [] }, [days.from, days.to], ctx)
        const sampled = (countIn(results[0]?.metrics[0]) ?? 0) >= sampledFrom
        for await (const one of by[query.by](api, days, ctx)) yield { ...one, sampled }
      }
    },
  }
}

type Told = Omit<Metric, 'sampled'>
const by = { page: pages, search: searches, source: sources } as const

/** Plausible says nowhere in which zone the site is, but in its answers it tells the offset. */
export async function today(api: Api, ctx: Context): Promise<string> {
  const { query } = await api.ask({ metrics: ['events'], dimensions: [] }, 'day', ctx)
  const [, offset] = /(Z|[+-]\d{2}:\d{2})$/.exec(query.date_range[1] ?? '') ?? []
  if (offset === undefined) throw new PrmError('contract', 'Plausible did not tell the time zone of the site.')
  return dayIn(offset === 'Z' ? 'UTC' : offset, ctx.now())
}

const missing = 'Plausible did not count it'
/** What Plausible puts where there is nothing. */
const isNone = (text: string): boolean => text === '' || text === '(none)' || text === '(not set)'

// ── pages ────────────────────────────────────────────────────────────────────────────────────
async function* pages(api: Api, days: Days, ctx: Context): AsyncGenerator<Told> {
  const [own] = api.options.siteId.split('/')
  const exits = new Map<string, unknown>()
  const left = { metrics: ['visits'], dimensions: ['time:day', 'visit:exit_page'] }
  for await (const { dimensions, metrics } of api.rows(left, days, ctx)) exits.set(keyOf(dimensions), metrics[0])

  const seen = { metrics: ['pageviews', 'visits'], dimensions: ['time:day', 'event:page', 'event:hostname'] }
  let waiting: { readonly key: string; readonly rows: Told[] } | undefined
  // Rows of one path stand together: only when the next begins is it known how many hosts had it.
  for await (const { dimensions, metrics } of api.rows(seen, days, ctx)) {
    const [day = '', path = '', hostname = ''] = dimensions
    const [views, visits] = metrics
    const key = keyOf([day, path])
    if (waiting?.key !== key) {
      if (waiting) yield* withExits(waiting.rows, exits.get(waiting.key))
      waiting = { key, rows: [] }
    }
    // Views of events without a page.
    if (countIn(views) === 0 || isNone(path)) continue
    const page = pageAt(ctx.id, path, isNone(hostname) ? undefined : hostname, own)
    waiting.rows.push({ day, page, views: figure(views, missing), visits: figure(visits, missing), exits: noExits })
  }
  if (waiting) yield* withExits(waiting.rows, exits.get(waiting.key))
}

const keyOf = (dimensions: readonly string[]): string => JSON.stringify(dimensions)
const noExits = unavailable('Plausible counts exits by path, and this path is on more than one host')

/** A path with no exit is not in that list, which is whole. */
function withExits(rows: readonly Told[], exits: unknown): readonly Told[] {
  return rows.length > 1
    ? rows
    : rows.map((row) => ({ ...row, exits: exits === undefined ? known(0) : figure(exits, missing) }))
}

// ── searches ─────────────────────────────────────────────────────────────────────────────────
async function* searches(api: Api, days: Days, ctx: Context): AsyncGenerator<Told> {
  const { goal = '', property, results } = api.options.search ?? {}
  const asked = {
    filters: [['is', 'event:goal', [goal]]],
    dimensions: ['time:day', `event:props:${property}`],
  }
  /** By day and words, how many were found; `undefined` where that differs. */
  const found = new Map<string, number | undefined>()
  if (results !== undefined) {
    const counted = { ...asked, metrics: ['events'], dimensions: [...asked.dimensions, `event:props:${results}`] }
    for await (const { dimensions } of api.rows(counted, days, ctx)) {
      const [day = '', text = '', count] = dimensions
      const key = keyOf([day, text])
      const many = countIn(count)
      found.set(key, found.has(key) && found.get(key) !== many ? undefined : many)
    }
  }
  for await (const { dimensions, metrics } of api.rows({ ...asked, metrics: ['events', 'visits'] }, days, ctx)) {
    const [day = '', text = ''] = dimensions
    const [events, visits] = metrics
    if (isNone(text)) {
      ctx.log('warn', 'Plausible tells searches without what was searched for', {
        day,
        searches: countIn(events) ?? null,
      })
      continue
    }
    const many = found.get(keyOf(dimensions))
    const search = { text, ...(many !== undefined && { results: many }) }
    const exits = unavailable('Plausible counts exits by page')
    yield { day, search, views: figure(events, missing), visits: figure(visits, missing), exits }
  }
}

// ── sources ──────────────────────────────────────────────────────────────────────────────────
async function* sources(api: Api, days: Days, ctx: Context): AsyncGenerator<Told> {
  const asked = { metrics: ['pageviews', 'visits'], dimensions: ['time:day', 'visit:source'] }
  for await (const { dimensions, metrics } of api.rows(asked, days, ctx)) {
    const [day = '', source = ''] = dimensions
    const [views, visits] = metrics
    const named = source === 'Direct / None' ? 'direct' : source
    const exits = unavailable('Plausible counts exits by page')
    yield { day, source: named, views: figure(views, missing), visits: figure(visits, missing), exits }
  }
}
