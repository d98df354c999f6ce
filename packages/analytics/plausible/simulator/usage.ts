import type { LocalDate } from '@prm/core/adapter'

export interface Usage {
  readonly pages: { day: LocalDate; url: string; views: number; visits: number; exits?: number }[]
  readonly searches: { day: LocalDate; text: string; events: number; visits: number; results?: number }[]
  readonly sources: { day: LocalDate; name: string; views: number; visits: number }[]
  readonly events: { day: LocalDate; count: number }[]
}

export interface Row {
  readonly dimensions: readonly string[]
  readonly metrics: readonly number[]
}

export const known: RegExp =
  /^(time:day|event:page|event:hostname|event:props:(query|result_count)|visit:exit_page|visit:source|events|pageviews|visits)$/

/** One thing that was counted, with all that can be said of it. */
interface Fact {
  readonly day: LocalDate
  readonly says: Readonly<Record<string, string>>
  readonly counts: Readonly<Record<string, number>>
}

/** Summed by the dimensions; what has none of them is not in the list, and what is nothing has no row. */
export function dimensionsOf(
  usage: Usage,
  dimensions: readonly string[],
  metrics: readonly string[],
  from: LocalDate,
  to: LocalDate,
  goal?: string,
): readonly Row[] {
  const rows = new Map<string, { dimensions: readonly string[]; metrics: number[] }>()
  for (const { day, says, counts } of facts(usage, dimensions)) {
    if (day < from || day > to || (goal !== undefined && says['event:goal'] !== goal)) continue
    const named = dimensions.map((name) =>
      name === 'time:day' ? day : (says[name] ?? (/props/.test(name) ? '(none)' : '')),
    )
    if (named.includes('')) continue
    const row = rows.get(JSON.stringify(named)) ?? { dimensions: named, metrics: metrics.map(() => 0) }
    rows.set(JSON.stringify(named), row)
    for (const [at, metric] of metrics.entries()) row.metrics[at] = (row.metrics[at] ?? 0) + (counts[metric] ?? 0)
  }
  return dimensions.length === 0 && rows.size === 0
    ? [{ dimensions: [], metrics: metrics.map(() => 0) }]
    : [...rows.values()].filter(({ metrics }) => dimensions.length === 0 || metrics.some((count) => count > 0))
}

function facts(usage: Usage, dimensions: readonly string[]): readonly Fact[] {
  if (dimensions.includes('visit:exit_page'))
    return usage.pages.map(({ day, url, exits = 0 }) => ({
      day,
      says: { 'visit:exit_page': new URL(url).pathname },
      counts: { visits: exits },
    }))
  if (dimensions.includes('visit:source'))
    return usage.sources.map(({ day, name, views, visits }) => ({
      day,
      says: { 'visit:source': name },
      counts: { pageviews: views, visits },
    }))
  const pages = usage.pages.map(({ day, url, views, visits }): Fact => {
    const { pathname, hostname } = new URL(url)
    return {
      day,
      says: { 'event:page': pathname, 'event:hostname': hostname },
      counts: { pageviews: views, events: views, visits },
    }
  })
  const searches = usage.searches.map(({ day, text, events, visits, results }): Fact => {
    const found = results !== undefined && { 'event:props:result_count': String(results) }
    const words = text !== '' && { 'event:props:query': text }
    return { day, says: { 'event:goal': 'Search', ...words, ...found }, counts: { events, visits } }
  })
  return [
    ...pages,
    ...searches,
    ...usage.events.map(({ day, count }) => ({ day, says: {}, counts: { events: count } })),
  ]
}
