import { type Context, type Metric, type Metrics, PrmError } from '@prm/core/adapter'
import { countIn, type Days, dayIn, figure, known, spansOf, unavailable } from '@prm/kit/metrics'
import type { Ask } from './api.ts'
import { type Row, report, site } from './api.ts'

/** How many days and how many rows of each are asked for at a time. */
const daysAtOnce = 7
const rowsAtOnce = 50

type Told = { readonly day: string; readonly row: Row }

export function metrics(ask: Ask): Metrics {
  return {
    async *pull(query, ctx) {
      const { timezone } = await ask('SitesManager.getSiteFromId', {}, site, ctx)
      for (const days of spansOf(query, today(timezone, ctx), daysAtOnce)) yield* by[query.by](ask, days, ctx)
    },
  }
}

const by = { page: pages, search: searches, source: sources } as const

/** Besides names of zones Matomo has plain offsets: `UTC-5.5`. */
export function today(zone: string, ctx: Context): string {
  const [, sign, hours = '0'] = /^UTC([+-])(\d+(?:\.\d+)?)$/.exec(zone) ?? []
  const minutes = Math.round(Number(hours) * 60)
  const two = (n: number) => String(Math.floor(n)).padStart(2, '0')
  try {
    return dayIn(sign ? `${sign}${two(minutes / 60)}:${two(minutes % 60)}` : zone, ctx.now())
  } catch {
    throw new PrmError('contract', 'Matomo has this site in a time zone that is not known here.')
  }
}

// ── pages ────────────────────────────────────────────────────────────────────────────────────
async function* pages(ask: Ask, days: Days, ctx: Context): AsyncGenerator<Metric> {
  const taken = new Map<string, Set<string>>()
  for await (const { day, row } of rowsOf(ask, 'Actions.getPageUrls', days, ctx, { flat: 1 })) {
    // Without a URL it is what was tracked without one.
    const url = row.url !== undefined && URL.canParse(row.url) ? new URL(row.url) : undefined
    if (!url) {
      ctx.log('warn', 'Matomo tells views of no page', { day, views: countIn(row.nb_hits) ?? null })
      continue
    }
    const ids = taken.get(day) ?? new Set()
    taken.set(day, ids)
    const path = url.pathname + url.search
    // Matomo's own name where two of its pages have one path: `/a b` and `/a%20b`.
    const id = ids.has(path) ? row.label : path
    ids.add(id)
    yield { day, page: { system: ctx.id, id, url: url.href }, ...figures(row), sampled: false }
  }
}

const hidden = 'Matomo did not tell it of this row'
const figures = (row: Row): Pick<Metric, 'views' | 'visits' | 'exits'> => ({
  views: figure(row.nb_hits, hidden),
  visits: figure(row.nb_visits, hidden),
  // It leaves out a sum that is 0; the rate beside it says so.
  exits:
    row.exit_nb_visits === undefined && countIn(row.exit_rate) === 0 ? known(0) : figure(row.exit_nb_visits, hidden),
})

// ── searches ─────────────────────────────────────────────────────────────────────────────────
async function* searches(ask: Ask, days: Days, ctx: Context): AsyncGenerator<Metric> {
  const nothing = new Set<string>()
  for await (const { day, row } of rowsOf(ask, 'Actions.getSiteSearchNoResultKeywords', days, ctx))
    nothing.add(`${day} ${row.label}`)
  for await (const { day, row } of rowsOf(ask, 'Actions.getSiteSearchKeywords', days, ctx)) {
    const search = { text: row.label, ...(nothing.has(`${day} ${row.label}`) && { results: 0 }) }
    yield { day, search, ...figures(row), sampled: false }
  }
}

// ── sources ──────────────────────────────────────────────────────────────────────────────────
/** By Matomo's number of the kind, the report that has its single sources. */
const named: { readonly [kind: number]: { readonly report: string; readonly before: string } } = {
  2: { report: 'Referrers.getSearchEngines', before: '' },
  3: { report: 'Referrers.getWebsites', before: '' },
  6: { report: 'Referrers.getCampaigns', before: 'campaign: ' },
  7: { report: 'Referrers.getSocials', before: '' },
}

async function* sources(ask: Ask, days: Days, ctx: Context): AsyncGenerator<Metric> {
  const kinds = new Set<number>()
  for await (const { day, row } of rowsOf(ask, 'Referrers.getReferrerType', days, ctx)) {
    const kind = countIn(row.referrer_type) ?? 0
    kinds.add(kind)
    if (!named[kind]) yield sourced(day, kind === 1 ? 'direct' : row.label, row)
  }
  for (const kind of kinds) {
    const one = named[kind]
    if (!one) continue
    for await (const { day, row } of rowsOf(ask, one.report, days, ctx)) yield sourced(day, one.before + row.label, row)
  }
}

const sourced = (day: string, source: string, row: Row): Metric => ({
  day,
  source,
  views: unavailable('Matomo counts actions by source: views, downloads and searches together'),
  visits: figure(row.nb_visits, hidden),
  exits: unavailable('Matomo counts exits by page'),
  sampled: false,
})

// ── rows ─────────────────────────────────────────────────────────────────────────────────────
/**
 * Every row of a report once, day by day. By name, since a place among the most viewed changes while one reads. What Matomo
 * folded into "Others" is of no single page, and is logged.
 */
async function* rowsOf(
  ask: Ask,
  method: string,
  { from, to }: Days,
  ctx: Context,
  more: { readonly flat?: 1 } = {},
): AsyncGenerator<Told> {
  const seen = new Set<string>()
  for (let offset = 0; ; offset += rowsAtOnce) {
    const asked = {
      period: 'day',
      date: `${from},${to}`,
      format_metrics: 0,
      filter_sort_column: 'label',
      filter_sort_order: 'asc',
      filter_limit: rowsAtOnce,
      filter_offset: offset,
      showColumns: 'nb_hits,nb_visits,exit_nb_visits,exit_rate,url',
      ...more,
    }
    const days = Object.entries(await ask(method, asked, report, ctx))
    const before = seen.size
    for (const [day, rows] of days) {
      if (day < from || day > to)
        throw new PrmError('contract', `Matomo told ${method} of a day that was not asked for.`)
      for (const row of rows) {
        const folded = isFolded(row)
        const key = JSON.stringify([day, row.label, folded])
        if (seen.has(key)) continue
        seen.add(key)
        if (folded) ctx.log('warn', `Matomo folded rows of ${method} into one`, { day, ...told(row) })
        else yield { day, row }
      }
    }
    if (days.every(([, rows]) => rows.length < rowsAtOnce)) return
    if (seen.size === before) throw new PrmError('contract', `Matomo gives the same rows of ${method} again and again.`)
  }
}
/** Searches that were folded are not marked (5.3.1): they alone have no segment, and a patron may have searched for "Others". */
const isFolded = ({ is_summary, label, segment }: Row): boolean =>
  Boolean(is_summary) || (label === 'Others' && segment === undefined)
const told = ({ nb_hits, nb_visits }: Row): { views: number | null; visits: number | null } => ({
  views: countIn(nb_hits) ?? null,
  visits: countIn(nb_visits) ?? null,
})
