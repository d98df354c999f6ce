import type { Context, Known, Metric, Metrics } from '@prm/core/adapter'
import { type Days, dayIn, known, spansOf, unavailable } from '@prm/kit/metrics'
import { filesSince } from '@prm/kit-pages'
import type { UsageFilesConfig } from './config.ts'
import { type Day, type Gathered, type News, read, type Tally } from './read.ts'
import type { By } from './row.ts'

export function metrics(config: UsageFilesConfig): Metrics {
  return {
    async *pull(query, ctx) {
      const [days] = spansOf(query, dayIn(config.timeZone, ctx.now()), Number.MAX_SAFE_INTEGER)
      if (!days) return
      const { told, news } = await gather(config, { ...days, by: query.by }, ctx)
      for (const one of news) report(one, ctx)
      for (const day of told) for (const [key, tally] of day.tallies) yield metricOf(day, key, tally, query.by)
    },
  }
}

/** What the files of the folder say of these days, each day once. */
export async function gather(
  config: UsageFilesConfig,
  asked: Days & { readonly by: By },
  ctx: Context,
): Promise<{ readonly told: readonly Day[]; readonly news: readonly News[] }> {
  const gathered: Gathered = { days: [], lines: new Set() }
  const news: News[] = []
  for (const file of await filesSince(config.path, undefined))
    news.push(...(await read(file, config, asked, gathered, ctx)))
  const days = Map.groupBy(gathered.days, ({ day, log }) => `${day} ${log}`)
  const told = [...days.keys()].sort().flatMap((key) => once(days.get(key) ?? [], gathered.lines, ctx))
  return { told, news }
}

const total = ({ tallies }: Day): number =>
  [...tallies.values()].reduce((sum, { views, visits }) => sum + (views ?? visits ?? 0), 0)

/**
 * The day as one: of what several files tell of the same pages, or of the same hours of a log, the one that tells more is taken,
 * since a day only grows. A day of a log is whole if there are lines of the days around it.
 */
function once(days: readonly Day[], lines: ReadonlySet<string>, ctx: Context): readonly Day[] {
  const taken: Day[] = []
  for (const day of days.toSorted((a, b) => total(b) - total(a))) {
    if (day.log && !(lines.has(beside(day.day, -1)) && lines.has(beside(day.day, 1)))) continue
    const same = taken.find((one) => (day.log ? one.first <= day.last && day.first <= one.last : shares(one, day)))
    if (!same) taken.push(day)
    else if (same.file !== day.file || total(same) !== total(day))
      ctx.log('info', 'A day is in several exports, and the one that tells more of it is taken', {
        day: day.day,
        file: same.file,
      })
  }
  const [first, ...more] = taken
  if (!first || more.length === 0) return taken
  const tallies = new Map(first.tallies)
  for (const one of more) for (const [id, tally] of one.tallies) tallies.set(id, sum(tallies.get(id), tally))
  return [{ ...first, tallies, sampled: taken.some(({ sampled }) => sampled) }]
}

const shares = (one: Day, other: Day): boolean => [...other.tallies.keys()].some((id) => one.tallies.has(id))
const beside = (day: string, days: number): string =>
  new Date(Date.parse(day) + days * 86_400_000).toISOString().slice(0, 10)

function sum(a: Tally | undefined, b: Tally): Tally {
  if (!a) return b
  const of = (name: 'views' | 'visits' | 'exits') =>
    a[name] === undefined && b[name] === undefined ? {} : { [name]: (a[name] ?? 0) + (b[name] ?? 0) }
  const results = a.results === b.results ? a.results : null
  return {
    page: a.page,
    rows: a.rows + b.rows,
    ...of('views'),
    ...of('visits'),
    ...of('exits'),
    ...(results !== undefined && { results }),
  }
}

// ── as a metric ──────────────────────────────────────────────────────────────────────────────
function metricOf(day: Day, key: string, tally: Tally, by: By): Metric {
  const { page, views, visits, exits, results, rows } = tally
  const what: Pick<Metric, 'page' | 'search' | 'source'> = page
    ? { page }
    : by === 'search'
      ? { search: { text: key, ...(typeof results === 'number' && { results }) } }
      : { source: key }
  const of = (count: number | undefined, name: string): Known<number> =>
    count === undefined ? unavailable(day.log ? `A log has no ${name}` : `The export has no ${name}`) : known(count)
  // One visit may be in several rows of a page, and be counted in each.
  const summed = rows > 1 && visits !== undefined
  return {
    day: day.day,
    ...what,
    views: of(views, 'views'),
    visits: summed
      ? unavailable('The export divides this by other columns, and visits cannot be added')
      : of(visits, 'visits'),
    exits: of(exits, 'exits'),
    sampled: day.sampled,
  }
}

/** Counts and names of files, as the rest may hold what a patron typed. */
function report(
  { file, kind, bad, firstBad, other, notSet, robots, sampled, withheld, why }: News,
  ctx: Context,
): void {
  if (kind === 'refused') ctx.log('warn', 'A table is not read', { file, why: why ?? '' })
  if (bad > 0)
    ctx.log('warn', 'Rows could not be read', { file, rows: bad, line: firstBad?.line ?? 0, why: firstBad?.why ?? '' })
  if (other > 0) ctx.log('warn', 'Rows are folded into "(other)", which is of no single page', { file, rows: other })
  if (withheld) ctx.log('warn', 'Rows are withheld by thresholding: what is not told is not 0', { file })
  if (sampled) ctx.log('info', 'It is an estimate from a part', { file })
  if (notSet + robots > 0) ctx.log('debug', 'Rows are left out', { file, notSet, robots })
}
