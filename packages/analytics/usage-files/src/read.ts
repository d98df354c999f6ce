import { type Context, type LocalDate, type PageRef, PrmError } from '@prm/core/adapter'
import { dayIn } from '@prm/kit/metrics'
import { type Clock, type Dating, dated, dayOf, type Folder, folded, type Row, readCsv, whenOf } from '@prm/kit-pages'
import { names, type Role } from './columns.ts'
import type { UsageFilesConfig } from './config.ts'
import { type By, counted, request, type What } from './row.ts'
import { type Section, sectionsOf } from './sections.ts'

/** What a file says of one thing on one day. */
export interface Tally {
  readonly page?: PageRef | undefined
  views?: number
  visits?: number
  exits?: number
  /** How many were found; `null` where that differs. */
  results?: number | null
  rows: number
}

/** What a file says of one day. */
export interface Day {
  readonly file: string
  readonly day: LocalDate
  readonly log: boolean
  readonly sampled: boolean
  readonly tallies: Map<string, Tally>
  /** The first and the last moment of a log, in ms. */
  first: number
  last: number
}

/** What a pull gathers: the days of all files, and the days on which there is a line of a log at all. */
export interface Gathered {
  readonly days: Day[]
  readonly lines: Set<LocalDate>
}

/** What became of a table. */
export interface News {
  readonly file: string
  readonly kind: 'counts' | 'log' | 'refused'
  readonly rows: number
  readonly bad: number
  readonly firstBad?: { readonly line: number; readonly why: string }
  readonly other: number
  readonly notSet: number
  readonly robots: number
  readonly sampled: boolean
  readonly withheld: boolean
  readonly why?: string
}

const mostTallies = 1_000_000
/** Times that name no zone are days already; those that do are read by `dayIn`. */
const plain: Clock = { instant: (wall) => new Date(wall).toISOString(), wall: (at) => at.getTime() }

export async function read(
  file: Folder,
  config: UsageFilesConfig,
  asked: { readonly from: LocalDate; readonly to: LocalDate; readonly by: By },
  gathered: Gathered,
  ctx: Context,
): Promise<readonly News[]> {
  const news: News[] = []
  try {
    for await (const section of sectionsOf(file.open(ctx.signal), file.name))
      news.push(await table(section, file.name, config, asked, gathered, ctx))
  } catch (error) {
    if (ctx.signal.aborted) throw new PrmError('unavailable', 'It was called off while files were read.')
    if (!PrmError.is(error) || error.code !== 'invalid') throw error
    news.push({ ...none, file: file.name, kind: 'refused', why: error.message })
  }
  return news
}
const none = { rows: 0, bad: 0, other: 0, notSet: 0, robots: 0, sampled: false, withheld: false }

async function table(
  section: Section,
  file: string,
  config: UsageFilesConfig,
  asked: { readonly from: LocalDate; readonly to: LocalDate; readonly by: By },
  { days, lines }: Gathered,
  ctx: Context,
): Promise<News> {
  const count = { rows: 0, bad: 0, other: 0, notSet: 0, robots: 0 }
  let firstBad: News['firstBad']
  let kind: News['kind'] = 'counts'
  const own = new Map<LocalDate, Day>()
  const site = { ...config, system: ctx.id }
  const dayAt = daysIn(config.timeZone)
  const sampled = section.sampled || config.sampled === true
  const of = ({ day, ms }: When) => ({ file, day, log: kind === 'log', sampled, first: ms, last: ms })
  const wrong = (line: number, why: string): void => {
    count.bad++
    firstBad ??= { line, why }
  }
  // What is configured need not be in each table of a folder.
  const csv = readCsv(section.bytes, { names: named(config.columns), file })
  for await (const { header, rows, bad, dating } of dated(csv, ['when'], config.dates)) {
    const { columns } = header
    const log = columns.views === undefined && columns.visits === undefined
    kind = log ? 'log' : 'counts'
    const why = unfit(columns, log, section)
    if (why) return { ...none, file, kind: 'refused', why, sampled, withheld: section.withheld }
    for (const one of bad) wrong(one.line, one.reason)
    for (const row of rows) {
      if (ctx.signal.aborted) throw new PrmError('unavailable', 'It was called off while files were read.')
      const when = columns.when === undefined ? { day: section.span?.from ?? '', ms: 0 } : whenIn(row, dating, dayAt)
      if (!when) {
        // The sum of all, that explorations have in their first line.
        if (row.cells.when !== undefined) wrong(row.line, 'it has no date that can be read')
        continue
      }
      count.rows++
      if (log) lines.add(when.day)
      if (when.day < asked.from || when.day > asked.to) continue
      const what = log ? request(row, asked.by, site) : counted(row, asked.by, site)
      if (what === undefined) continue
      if (what === 'robot') count.robots++
      else if (what === 'not set') count.notSet++
      else if (what === 'other') count.other++
      else {
        const day = own.get(when.day) ?? { ...of(when), tallies: new Map() }
        own.set(when.day, day)
        day.first = Math.min(day.first, when.ms)
        day.last = Math.max(day.last, when.ms)
        if (!add(day.tallies, what, row, log)) wrong(row.line, 'a count is no whole number')
      }
    }
    const size = [...own.values()].reduce((sum, { tallies }) => sum + tallies.size, 0)
    if (size > mostTallies)
      throw new PrmError(
        'unsupported',
        `${file}: it tells more than a million figures of these days: ask for fewer days.`,
      )
  }
  days.push(...own.values())
  return { file, kind, ...count, ...(firstBad && { firstBad }), sampled, withheld: section.withheld }
}

/** The usual names after the configured one. */
function named(columns: UsageFilesConfig['columns']): typeof names {
  const all = Object.entries(names).map(([role, usual]) => {
    const own = columns?.[role as Role]
    return [role, own === undefined ? usual : [folded(own), ...usual]]
  })
  return Object.fromEntries(all)
}

function unfit(columns: { readonly [role in Role]?: string }, log: boolean, { span }: Section): string | undefined {
  if (!columns.page && !columns.search && !columns.source) return 'it has no column of pages, searches or sources'
  if (columns.when) return undefined
  if (log) return 'it has neither a column of counts nor one of times'
  return span && span.from === span.to
    ? undefined
    : 'it has no column of dates and is of more than one day: add the dimension Date before it is exported'
}

// ── when ─────────────────────────────────────────────────────────────────────────────────────
type When = { readonly day: LocalDate; readonly ms: number }

function whenIn({ cells }: Row<Role>, dating: Dating, dayAt: (ms: number) => LocalDate): When | undefined {
  const text = [cells.when ?? '', cells.clock ?? ''].join(' ').trim()
  const epoch = /^\d{10}(\d{3})?(\.\d+)?$/.exec(text)
  if (epoch) {
    const ms = Number(text) * (epoch[1] === undefined ? 1000 : 1)
    return { day: dayAt(ms), ms }
  }
  // `20261124` of Google Analytics, `[24/Nov/2026:10:05:00 -0600]` of Apache.
  const iso = text
    .replace(/^(\d{4})(\d{2})(\d{2})(?!\d)/, '$1-$2-$3')
    .replace(/^\[?(\d{1,2})\/([a-z]{3})\/(\d{4}):([^\]]*)\]?$/i, '$1 $2 $3 $4')
  const when = whenOf(iso, dating, plain)
  if ('why' in when) return undefined
  const zoned = /\d(Z|\s?UTC|\s?[+-]\d{2}:?\d{2})$/i.test(iso) && when.at.length > 10
  return { day: zoned ? dayAt(when.wall) : dayOf(when.wall), ms: when.wall }
}

/** Quarters of an hour are of one day in every zone. */
function daysIn(zone: string): (ms: number) => LocalDate {
  const quarters = new Map<number, LocalDate>()
  return (ms) => {
    const quarter = Math.floor(ms / 900_000)
    const day = quarters.get(quarter) ?? dayIn(zone, new Date(ms))
    quarters.set(quarter, day)
    return day
  }
}

/** Whether its counts could be read. */
function add(tallies: Map<string, Tally>, { key, page }: What, { cells }: Row<Role>, log: boolean): boolean {
  const tally: Tally = tallies.get(key) ?? { page, rows: 0 }
  tallies.set(key, tally)
  tally.rows++
  let read = true
  for (const name of ['views', 'visits', 'exits'] as const) {
    const count = log && name === 'views' ? 1 : countOf(cells[name])
    if (count === undefined && cells[name] !== undefined) read = false
    if (count !== undefined) tally[name] = (tally[name] ?? 0) + count
  }
  const found = countOf(cells.results)
  if (found !== undefined) tally.results = tally.results === undefined || tally.results === found ? found : null
  return read
}

/** Whole numbers, with or without marks between thousands. */
function countOf(text: string | undefined): number | undefined {
  if (text === undefined || !/^(\d+|\d{1,3}([.,' \u00a0\u202f]\d{3})+)$/.test(text)) return undefined
  return Number(text.replace(/\D/g, ''))
}
