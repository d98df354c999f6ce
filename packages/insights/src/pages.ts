import type { LocalDate } from '@prm/core'
import { type Cell, hide, threshold } from './cells.ts'
import { numberOf } from './clock.ts'
import { type Asked, join, type PageData, type Sources } from './join.ts'
import type { Move } from './page-id.ts'
import { poissonRate, type Rate, roundedRate, sum } from './rate.ts'
import { type Quote, type Reading, topics } from './topics.ts'

export interface PagesOptions extends Sources, Reading {
  /** Only what lies within these days. */
  readonly from?: LocalDate
  readonly until?: LocalDate
  /** No figure tells of fewer people; 5 by default. */
  readonly k?: number
  /** By page or address: to name pages, and to show their words in quotes. */
  readonly titles?: { readonly [page: string]: string }
}

/** What may be shown to anybody; and apart from it, for those who may see them, the rows behind each number, by its `ref`. */
export interface Told<Report> {
  readonly report: Report
  readonly rows: { readonly [ref: string]: readonly string[] }
}

export interface PagesReport {
  readonly k: number
  readonly questions: Cell
  /** On pages that fewer than `k` people asked on, or that are hidden beside such. */
  readonly elsewhere: Cell
  /** From no page that is known. */
  readonly unplaced: Cell
  /** On days whose views are not known, or when the page had no way to ask: in no rate. */
  readonly uncovered: Cell
  /** Most questions per view first; then those without a rate. */
  readonly pages: readonly PageRow[]
  /** Pages on which nobody asked, and why that is no zero. */
  readonly silent: readonly SilentPage[]
  readonly method: string
  /** For those who do not see the table. */
  readonly summary: readonly string[]
}
export type Why = 'no widget' | 'widget not known' | 'views not known' | 'few views'
export interface SilentPage {
  readonly page: string
  readonly title?: string
  readonly views: number
  readonly why: Why
}

export interface PageRow extends Part {
  readonly title?: string
  readonly questions: number
  readonly clusters: readonly Cluster[]
  /** Questions in no cluster that may be shown. */
  readonly rest: number
  readonly versions: readonly Part[]
  readonly headings: readonly Part[]
  /** What one must know to read the figures: sampled, merged, split. */
  readonly notes: readonly string[]
  readonly text: string
}
export interface Cluster extends Part {
  /** The same number on every page. */
  readonly topic: number
  readonly questions: number
  readonly quotes: readonly Quote[]
}
export interface Part {
  /** A page, a version, a heading, or the words of those who ask. */
  readonly name: string
  readonly ref: string
  readonly questions: Cell
  /** On days when a question could be asked; `null` where they are not known, or not those of the part. */
  readonly views: number | null
  /** Questions per 1,000 such views. */
  readonly per1000: Rate | null
  /** Why there is no rate. */
  readonly why?: Why
}

/** How the figures are made, for the foot of a table. */
const method =
  'Questions per 1,000 page views, on days when a question could be asked there and the views are known. The interval is ' +
  'Byar’s for a Poisson count, 95 %. Several texts of one exchange are one question.'

/** A page with its questions in the time that is asked for. */
interface Counted {
  readonly data: PageData
  /** Those that stand over views. */
  readonly asked: readonly Asked[]
  readonly uncovered: readonly Asked[]
  readonly views: number | null
  /** Views on days without a way to ask. */
  readonly closed: number
}

/** Which pages make people ask, about what, and in which words. */
export async function pages(options: PagesOptions): Promise<Told<PagesReport>> {
  const k = threshold(options.k)
  const joined = await join(options)
  const { voices } = joined
  const [from, until] = [bound(options.from, Number.NEGATIVE_INFINITY), bound(options.until, Number.POSITIVE_INFINITY)]
  const titles = new Map(Object.entries(options.titles ?? {}).map(([page, title]) => [joined.name(page), title]))
  const topic = topics(voices, k, { ...options, own: [...(options.own ?? []), ...titles.values()] })
  const rows: Record<string, readonly string[]> = {}

  const list = [...joined.pages.values()].map(counted).sort((a, b) => (a.data.page < b.data.page ? -1 : 1))
  const uncovered = list.flatMap((one) => one.uncovered)
  const unplaced = joined.unplaced.filter(({ day }) => within(day))
  const groups = [...list.map(({ asked }) => asked), uncovered, unplaced]
  const hidden = hide(groups.map(people), k)
  const cell = (at: number, ref: string): Cell => (hidden.cells[at] ? null : told(groups[at] ?? [], ref))
  const silent = list.flatMap(silentOf).sort((a, b) => b.views - a.views || (a.page < b.page ? -1 : 1))
  const quiet = new Set(silent.map(({ page }) => page))
  const table = list
    .filter(
      ({ data, asked, views }, at) =>
        !hidden.cells[at] && !quiet.has(data.page) && (asked.length > 0 || views !== null),
    )
    .map(rowOf)
    .sort(byPain)
  const all = questions(groups.flat())
  const apart = hidden.cells[list.length] || hidden.cells[list.length + 1]
  const elsewhere = questions(groups.slice(0, list.length).flatMap((asked, at) => (hidden.cells[at] ? asked : [])))
  const total = hidden.total ? null : all
  const report = {
    k,
    questions: total,
    elsewhere: total === null || apart ? null : elsewhere,
    unplaced: cell(list.length + 1, 'pages unplaced'),
    uncovered: cell(list.length, 'pages uncovered'),
    pages: table,
    silent,
    method,
    summary: summaryOf(table, total, silent.length, k),
  }
  return { report, rows }

  function within(day: number | undefined): boolean {
    return day === undefined || (day >= from && day <= until)
  }

  function counted(data: PageData): Counted {
    const views = [...data.views].filter(([day]) => within(day))
    const covers = (day: number | undefined) => views.length > 0 && (day === undefined || data.views.has(day))
    const mine = data.asked.filter(({ day }) => within(day))
    return {
      data,
      // A page whose views nobody knows keeps its questions: they are in no rate anyway.
      asked: views.length === 0 ? mine : mine.filter(({ day }) => covers(day)),
      uncovered: views.length === 0 ? [] : mine.filter(({ day }) => !covers(day)),
      views: views.length === 0 ? null : sum(views.map(([, seen]) => seen)),
      closed: sum([...data.closed].map(([day, seen]) => (within(day) ? seen : 0))),
    }
  }

  function people(asked: readonly Asked[]): number {
    return new Set(asked.map(({ row }) => voices.of[row])).size
  }
  function questions(asked: readonly Asked[]): number {
    return new Set(asked.map(({ row }) => voices.rows[row]?.thread ?? `row ${row}`)).size
  }
  function told(asked: readonly Asked[], ref: string): number {
    rows[ref] = asked.map(({ row }) => voices.rows[row]?.id ?? '')
    return questions(asked)
  }
  function part(
    name: string,
    ref: string,
    asked: readonly Asked[],
    views: number | null,
  ): Part & { questions: number } {
    const count = told(asked, ref)
    const seen = views === null ? null : Math.round(views)
    if (seen === null || seen < k)
      return {
        name,
        ref,
        questions: count,
        views: null,
        per1000: null,
        why: seen === null ? 'views not known' : 'few views',
      }
    return { name, ref, questions: count, views: seen, per1000: roundedRate(poissonRate(count, seen, 1_000)) }
  }

  function rowOf({ data, asked, views, closed }: Counted): PageRow {
    const { page } = data
    const title = titles.get(page)
    const whole = part(page, `pages ${page}`, asked, views)
    const byTopic = Map.groupBy(asked, ({ row }) => topic.of[row] ?? -1)
    const none = byTopic.get(-1) ?? []
    byTopic.delete(-1)
    const groups = [...byTopic].sort(([a], [b]) => a - b)
    const cut = hide([...groups.map(([, some]) => people(some)), people(none)], k)
    const clusters = groups
      .filter((_, at) => !cut.cells[at])
      .map(([number, some]): Cluster => {
        const members = some.map(({ row }) => row)
        const name = topic.label(members) || 'no words in common'
        const of = part(name, `${whole.ref} topic ${number}`, some, views)
        return { ...of, topic: number, quotes: topic.quotes(members) }
      })
      .sort((a, b) => b.questions - a.questions || a.topic - b.topic)
    const versions = parts(
      whole.ref,
      'version',
      asked,
      ({ version }) => version,
      (version) => viewsOf(data, version),
    )
    const row = {
      ...whole,
      ...(closed > 0 && views === null && { why: 'no widget' as const }),
      ...(title !== undefined && { title }),
      clusters,
      rest: whole.questions - sum(clusters.map((one) => one.questions)),
      versions,
      headings: parts(
        whole.ref,
        'heading',
        asked,
        ({ heading }) => heading,
        () => null,
      ),
      notes: notesOf(data, options.pages?.moves ?? [], joined.name),
    }
    return { ...row, text: sentence(row) }
  }

  /** The questions of a page by what stands beside them; without a name, those of which it is not known. */
  function parts(
    of: string,
    kind: string,
    asked: readonly Asked[],
    nameOf: (one: Asked) => string | undefined,
    views: (name: string) => number | null,
  ): readonly Part[] {
    const named = [...Map.groupBy(asked, (one) => nameOf(one) ?? '')].sort(([a], [b]) => (a < b ? -1 : 1))
    if (!named.some(([name]) => name !== '')) return []
    const cut = hide(
      named.map(([, some]) => people(some)),
      k,
    )
    if (cut.total) return []
    return named.map(([name, some], at) => {
      const ref = `${of} ${kind} ${name}`
      if (cut.cells[at]) return { name, ref, questions: null, views: null, per1000: null }
      return part(name, ref, some, views(name))
    })
  }

  /** Views while the page stood as this version. */
  function viewsOf({ views, versions }: PageData, name: string): number | null {
    const days = [...views].filter(
      ([day]) => within(day) && versions.findLast(({ from }) => from <= day)?.version === name,
    )
    return days.length === 0 ? null : sum(days.map(([, seen]) => seen))
  }

  function silentOf({ data, asked, views, closed }: Counted): readonly SilentPage[] {
    const seen = Math.round((views ?? 0) + closed)
    if (data.asked.length > 0 || asked.length > 0 || seen < k) return []
    const why = views === null ? 'no widget' : options.widgets === undefined ? 'widget not known' : undefined
    const title = titles.get(data.page)
    return why ? [{ page: data.page, ...(title !== undefined && { title }), views: seen, why }] : []
  }
}

const bound = (day: LocalDate | undefined, otherwise: number): number => (day === undefined ? otherwise : numberOf(day))

function byPain(a: PageRow, b: PageRow): number {
  const pain = (b.per1000?.value ?? -1) - (a.per1000?.value ?? -1)
  return pain || b.questions - a.questions || (a.name < b.name ? -1 : 1)
}

function notesOf(data: PageData, moves: readonly Move[], name: (address: string) => string): readonly string[] {
  const notes = moves.flatMap(({ from, to, at }) => {
    const when = at === undefined ? '' : ` on ${at.slice(0, 10)}`
    if (typeof to !== 'string')
      return name(from) === data.page
        ? [`Split${when} into ${to.map(name).join(' and ')}: not one page before and after.`]
        : []
    return name(to) === data.page && name(from) === data.page
      ? [`Holds what was ${from}${when && ` until it moved${when}`}.`]
      : []
  })
  return data.sampled ? [...notes, 'Its views are an estimate from a sample.'] : notes
}

function sentence({ title, name, questions, views, per1000, clusters, why }: Omit<PageRow, 'text'>): string {
  const rate = per1000
    ? `${per1000.value} questions per 1,000 views (${per1000.low} to ${per1000.high}): ${questions} in ${views} views`
    : `${questions} questions; no rate, since ${reasons[why ?? 'views not known']}`
  const most = clusters[0] ? ` Most are about: ${clusters[0].name} (${clusters[0].questions}).` : ''
  return `${title ?? name}: ${rate}.${most}`
}

const reasons: Readonly<Record<Why, string>> = {
  'no widget': 'nothing could be asked there on the days that were counted',
  'widget not known': 'it is not known whether one could ask there',
  'views not known': 'its views are not known',
  'few views': 'it has too few views',
}

function summaryOf(table: readonly PageRow[], total: Cell, silent: number, k: number): readonly string[] {
  if (total === null) return [`Fewer than ${k} people asked: too few to show anything.`]
  const rated = table.filter(({ per1000 }) => per1000)
  return [
    `${total} questions; ${rated.length} pages with a rate.`,
    ...rated.slice(0, 3).map(({ text }, at) => `${at + 1}. ${text}`),
    ...(silent > 0
      ? [`${silent} pages without questions tell nothing: one cannot ask there, or nobody knows whether one can.`]
      : []),
  ]
}
