import type { LocalDate } from '@prm/core'
import { clock, numberOf } from './clock.ts'
import { headingOf, type PageNames, pageNames } from './page-id.ts'
import { addressOf, known, type MetricRow, type Rows, type Said, type Version } from './quotes.ts'
import { type Voices, voices } from './respondents.ts'

/** Where one can ask, and since when. `*` is every page. */
export interface Widget {
  readonly page: string
  readonly from?: LocalDate
  readonly until?: LocalDate
}

export interface Sources {
  readonly said: Rows<Said>
  readonly metrics: Rows<MetricRow>
  readonly versions?: Rows<Version>
  /** Where a question can be asked from. Absent: it is not known, and a page that nobody asks on tells nothing. */
  readonly widgets?: readonly Widget[]
  readonly pages?: PageNames
  /** The library's zone: `America/Chicago`. */
  readonly timeZone: string
}

/** One question on a page. */
export interface Asked {
  /** Its place in `voices.rows`. */
  readonly row: number
  /** Days since 1970; absent where the source does not say when. */
  readonly day?: number
  readonly heading?: string
  readonly version?: string
}

export interface PageData {
  readonly page: string
  readonly asked: Asked[]
  /** Views by day, of days on which a question could be asked and the views are known. */
  readonly views: Map<number, number>
  /** Views of days on which nothing could be asked. */
  readonly closed: Map<number, number>
  readonly exits: Map<number, number>
  sampled: boolean
  readonly metricRows: string[]
  /** What it stood as, oldest first. */
  readonly versions: readonly { readonly version: string; readonly from: number }[]
}

export interface Joined {
  readonly voices: Voices
  readonly pages: ReadonlyMap<string, PageData>
  /** Questions that came from no page that is known. */
  readonly unplaced: readonly Asked[]
  readonly name: (address: string) => string
}

/** Questions, views and versions of each page, under one name a page. */
export async function join(sources: Sources): Promise<Joined> {
  const name = pageNames(sources.pages)
  const local = clock(sources.timeZone)
  const dayOfMoment = (at: string): number => numberOf(local(at).day)
  const pages = new Map<string, PageData>()
  const versions = new Map<string, { version: string; from: number; before?: string | undefined }[]>()
  for await (const { page, version, from, before } of sources.versions ?? []) {
    const list = versions.get(name(page)) ?? []
    versions.set(name(page), list)
    list.push({ version, from: dayOfMoment(from), before })
  }
  for (const list of versions.values()) {
    list.sort((a, b) => a.from - b.from || (a.version < b.version ? -1 : 1))
    const [{ before } = {}] = list
    if (before !== undefined) list.unshift({ version: before, from: Number.NEGATIVE_INFINITY })
  }
  const widgets = sources.widgets?.map(({ page, from, until }) => ({
    page: page === '*' ? page : name(page),
    from: from === undefined ? Number.NEGATIVE_INFINITY : numberOf(local(from).day),
    until: until === undefined ? Number.POSITIVE_INFINITY : numberOf(local(until).day),
  }))
  const open = (page: string, day: number): boolean | undefined =>
    widgets?.some((one) => (one.page === '*' || one.page === page) && one.from <= day && day <= one.until)
  const of = (page: string): PageData => {
    const there = pages.get(page)
    if (there) return there
    const made: PageData = {
      page,
      asked: [],
      views: new Map(),
      closed: new Map(),
      exits: new Map(),
      sampled: false,
      metricRows: [],
      versions: versions.get(page) ?? [],
    }
    pages.set(page, made)
    return made
  }
  const seen = new Set<string>()
  for await (const metric of sources.metrics) {
    if (metric.page === undefined || (metric.id !== undefined && seen.has(metric.id))) continue
    if (metric.id !== undefined) seen.add(metric.id)
    count(of(name(addressOf(metric.page))), metric)
  }
  const all = await voices(sources.said)
  const unplaced: Asked[] = []
  for (const [row, { page, at, heading, version }] of all.rows.entries()) {
    const day = at === undefined ? undefined : dayOfMoment(at)
    if (page === undefined || page.trim() === '') {
      unplaced.push({ row, ...(day !== undefined && { day }) })
      continue
    }
    const data = of(name(page))
    const under = heading ?? headingOf(page)
    const stood = version ?? data.versions.findLast(({ from }) => day !== undefined && from <= day)?.version
    data.asked.push({
      row,
      ...(day !== undefined && { day }),
      ...(under !== undefined && { heading: under }),
      ...(stood !== undefined && { version: stood }),
    })
  }
  return { voices: all, pages, unplaced, name }

  /** A row of several days is spread over them evenly. */
  function count(data: PageData, { day, until = day, views, exits, sampled, id }: MetricRow): void {
    const [first, last] = [numberOf(local(day).day), numberOf(local(until).day)]
    const days = Math.max(1, last - first + 1)
    const seen = known(views)
    const left = known(exits)
    if (sampled) data.sampled = true
    if (id !== undefined) data.metricRows.push(id)
    for (let at = first; at < first + days; at++) {
      if (left !== undefined) data.exits.set(at, (data.exits.get(at) ?? 0) + left / days)
      if (seen === undefined) continue
      const counts = open(data.page, at) === false ? data.closed : data.views
      counts.set(at, (counts.get(at) ?? 0) + seen / days)
    }
  }
}
