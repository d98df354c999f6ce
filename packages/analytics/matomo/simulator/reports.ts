import type { LocalDate } from '@prm/core/adapter'

export interface Counts {
  readonly views: number
  readonly visits: number
  readonly exits?: number
}
export type Kind = 'direct' | 'search' | 'website' | 'campaign' | 'social'

export interface Usage {
  readonly pages: (Counts & { readonly day: LocalDate; readonly url: string })[]
  readonly searches: (Counts & { readonly day: LocalDate; readonly text: string; readonly results?: number })[]
  readonly sources: { readonly day: LocalDate; readonly kind: Kind; readonly name: string; readonly visits: number }[]
}

type Row = { readonly label: string; readonly [column: string]: string | number | boolean }

/** `Referrer type`, as Matomo numbers and names it. */
const kinds: { readonly [kind in Kind]: readonly [number: number, label: string, report: string] } = {
  direct: [1, 'Direct Entry', ''],
  search: [2, 'Search Engines', 'Referrers.getSearchEngines'],
  website: [3, 'Websites', 'Referrers.getWebsites'],
  campaign: [6, 'Campaigns', 'Referrers.getCampaigns'],
  social: [7, 'Social Networks', 'Referrers.getSocials'],
}

/** What a report says of a day; `undefined` where there is no such report. */
export function rowsOf(method: string, usage: Usage, most: number): ((day: LocalDate) => readonly Row[]) | undefined {
  if (method === 'Actions.getPageUrls') return (day) => pages(usage, day, most)
  if (method === 'Actions.getSiteSearchKeywords') return (day) => searches(usage, day, most)
  // The row of "Others" is not in it (Actions/API.php).
  if (method === 'Actions.getSiteSearchNoResultKeywords')
    return (day) => searches(usage, day, most, (one) => one === 0).filter((row) => !row.is_summary)
  if (method === 'Referrers.getReferrerType')
    return (day) =>
      Object.entries(kinds).flatMap(([kind, [number, label]]) => {
        const visits = sum(usage.sources.filter((one) => one.day === day && one.kind === kind).map((one) => one.visits))
        return visits > 0 ? [{ label, nb_visits: visits, referrer_type: number }] : []
      })
  const kind = Object.entries(kinds).find(([, [, , report]]) => report === method)?.[0]
  if (!kind) return undefined
  return (day) =>
    folded(
      usage.sources
        .filter((one) => one.day === day && one.kind === kind)
        .map(({ name, visits }) => ({ label: name, nb_visits: visits })),
      most,
      'Others',
    )
}

/** By path: Matomo does not look at the host. What is above the limit of a folder is folded together. */
function pages({ pages }: Usage, day: LocalDate, most: number): readonly Row[] {
  const paths = new Map<string, Row & { readonly folder: string }>()
  for (const { url, ...one } of pages) {
    if (one.day !== day) continue
    const { pathname, search } = new URL(url)
    const label = decodeURI(pathname) + search
    const before = paths.get(label)
    const folder = /^(\/[^/]+\/)./.exec(pathname)?.[1] ?? ''
    // The last URL is told for all of them.
    paths.set(label, { ...merged(label, before, one), url, folder })
  }
  const folders = Map.groupBy(paths.values(), ({ folder }) => folder)
  return [...folders].flatMap(([folder, rows]) =>
    folded(
      rows.map(({ folder: _, ...row }) => row as Row),
      most,
      folder ? `${folder} - Others` : 'Others',
    ),
  )
}

/**
 * A search is "no result" only if all of a day were: Matomo keeps the least. What is folded is in both reports (seen with
 * 5.3.1), and has neither mark nor segment.
 */
function searches(
  { searches }: Usage,
  day: LocalDate,
  most: number,
  is?: (results: number) => boolean,
): readonly Row[] {
  const texts = new Map<string, { row: Row; results: number }>()
  for (const { text, results = 1, ...one } of searches) {
    if (one.day !== day) continue
    const before = texts.get(text)
    const row = { ...merged(text, before?.row, one), segment: `siteSearchKeyword==${encodeURIComponent(text)}` }
    texts.set(text, { row, results: Math.max(before?.results ?? 0, results) })
  }
  const rows = folded(
    [...texts.values()].map(({ row }) => row),
    most,
    'Others',
  ).map(({ is_summary: _, ...row }) => row as Row)
  return rows.filter(({ label, segment }) => !is || segment === undefined || is(texts.get(label)?.results ?? 1))
}

function merged(label: string, before: Row | undefined, { views, visits, exits = 0 }: Counts): Row {
  const of = (name: string) => Number(before?.[name] ?? 0)
  const [hits, all, out] = [of('nb_hits') + views, of('nb_visits') + visits, of('exit_nb_visits') + exits]
  // A sum of nothing is left out, others are text.
  const exit = out > 0 && { exit_nb_visits: String(out) }
  const rate = { exit_rate: all > 0 ? Math.round((out / all) * 100) / 100 : 0 }
  return { ...before, label, nb_hits: hits, nb_visits: all, ...exit, ...rate }
}

function folded(rows: readonly Row[], most: number, label: string): readonly Row[] {
  if (rows.length <= most) return rows
  const sorted = rows.toSorted((a, b) => Number(b.nb_visits) - Number(a.nb_visits))
  const rest = sorted.slice(most - 1)
  const total = (name: string) => sum(rest.map((row) => Number(row[name] ?? 0)))
  const others = { label, nb_visits: total('nb_visits'), nb_hits: total('nb_hits'), is_summary: true }
  return [...sorted.slice(0, most - 1), others]
}

const sum = (all: readonly number[]): number => all.reduce((total, one) => total + one, 0)

/** `filter_sort_*`, `filter_offset` and `filter_limit`, 100 where none is asked for. */
export function page(rows: readonly Row[], fields: URLSearchParams): readonly Row[] {
  const [offset, limit] = [Number(fields.get('filter_offset') ?? 0), Number(fields.get('filter_limit') ?? 100)]
  const key = ({ label }: Row) => label.toLowerCase()
  const sorted =
    fields.get('filter_sort_column') === 'label'
      ? rows.toSorted((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0))
      : rows.toSorted((a, b) => Number(b.nb_visits) - Number(a.nb_visits))
  return limit < 0 ? sorted.slice(offset) : sorted.slice(offset, offset + limit)
}
