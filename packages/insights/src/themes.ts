import { type LocalDate, PrmError } from '@prm/core'
import { type Cell, threshold } from './cells.ts'
import { clock, numberOf } from './clock.ts'
import { type PageNames, pageNames } from './page-id.ts'
import type { Told } from './pages.ts'
import { addressOf, type Frame, type Kind, known, type MetricRow, type Rows, type Said } from './quotes.ts'
import { type Rate, rounded, roundedRate, share, sum } from './rate.ts'
import { voices } from './respondents.ts'
import { type Quote, type Reading, topics } from './topics.ts'

export interface ThemesOptions extends Reading {
  readonly said: Rows<Said>
  /** How much there was of each kind in all, where `said` holds only a part: `{ search: 9_120 }`, of which 400 found nothing. */
  readonly of?: { readonly [kind: string]: number }
  /** Of whom each survey and each focus group was asked. Throws `config` where one is missing. */
  readonly frames?: { readonly [kind: string]: Frame }
  /** Views and exits, of before `since` too: a page that people leave more often than they did speaks for its theme. */
  readonly metrics?: Rows<MetricRow>
  /** The first day of the time that is told of. Without it, no exits are compared. */
  readonly since?: LocalDate
  readonly pages?: PageNames
  readonly timeZone: string
  /** No figure tells of fewer people; 5 by default. */
  readonly k?: number
  /** How many themes are told; 30 by default. */
  readonly most?: number
}

export interface ThemesReport {
  readonly k: number
  /** How many independent voices each kind has in all, its own denominator. */
  readonly kinds: readonly { readonly kind: Kind; readonly voices: Cell; readonly of: Cell; readonly frame?: Frame }[]
  /** Best corroborated first. */
  readonly themes: readonly Theme[]
  /** How many concerns are not told: said fewer than `k` times, or past `most`. */
  readonly untold: number
  readonly method: string
  readonly summary: readonly string[]
}

/**
 * `general`: at least two sources, each of at least `k` voices or an exit spike. `one source`: only one. `scattered`: a few
 * in each of several. `isolated`: fewer than `k` voices of one source, however often they are repeated.
 */
export type Standing = 'general' | 'one source' | 'scattered' | 'isolated'

export interface Theme {
  readonly topic: number
  /** Words that at least `k` of them wrote. */
  readonly label: string
  readonly standing: Standing
  /** Sum of the square roots of the shares, so that two sources count for more than one that is twice as loud. */
  readonly score: Rate
  readonly sources: readonly Source[]
  readonly exits: readonly Exits[]
  /** How often it was said, copies and all. */
  readonly rows: Cell
  readonly ref: string
  readonly quotes: readonly Quote[]
  readonly text: string
}
/** How many independent voices of one kind, beside how many there are of that kind at all. */
export interface Source {
  readonly kind: Kind
  readonly voices: Cell
  readonly of: Cell
  /** `null` where one of the two is not shown, or where nobody knows the denominator. */
  readonly share: Rate | null
  readonly frame?: Frame
  readonly ref: string
}
/** A page that people leave more often than before. */
export interface Exits {
  readonly page: string
  readonly share: Rate
  readonly before: Rate
  /** How much more of its views are exits, with an interval (Newcombe). */
  readonly more: Rate
}

/** What is heard of fewer is taken as if it were so many: one of three is no third of everybody. */
const least = 100

const method =
  'A voice is a person, a thread or a post with its copies; it counts once, for the kind it came by first. Each kind is a share of ' +
  'its own denominator, of at least 100, with Wilson’s interval; the score is the sum of their square roots, and the order is that of its lower end.'

/** Which concerns are heard in several places at once, and which are one voice said often. */
export async function themes(options: ThemesOptions): Promise<Told<ThemesReport>> {
  const { frames = {}, most = 30 } = options
  const k = threshold(options.k)
  const name = pageNames(options.pages)
  const all = await voices(options.said)
  const topic = topics(all, k, options)
  const spikes = await spikesOf(options, name, k)
  const rows: Record<string, readonly string[]> = {}

  const kinds = [...new Set(all.rows.map(({ kind }) => kind))].sort()
  for (const kind of kinds)
    if (/^(?:survey|focus-group)\b/.test(kind) && !frames[kind])
      throw new PrmError('config', `frames: ${kind} needs its sampling frame: of whom was it asked?`, {
        field: 'frames',
      })
  const members = Map.groupBy(all.rows.keys(), (row) => topic.of[row] ?? -1)
  const themed = [...members.keys()].filter((one) => one >= 0).sort((a, b) => a - b)
  const counts = new Map(themed.map((one) => [one, byKind(members.get(one) ?? [])]))
  const inAll = byKind([...all.rows.keys()])
  const denominators = new Map(kinds.map((kind) => [kind, denominatorOf(kind)]))
  const spoken = spikes.map(({ page }) => pageOf(page))
  const loud = themed.filter((one) => timesOf(members.get(one) ?? []) >= k)
  const ranked = loud
    .map(scored)
    .sort((a, b) => b.score.low - a.score.low || b.score.value - a.score.value || a.topic - b.topic)
    .slice(0, most)
  const totals = new Map(kinds.map((kind) => [kind, totalsOf(kind)]))
  const list = ranked.map(themeOf)
  const report = {
    k,
    kinds: kinds.map((kind) => ({
      kind,
      voices: totals.get(kind)?.heard ?? null,
      of: totals.get(kind)?.of ?? null,
      ...framed(kind),
    })),
    themes: list,
    untold: themed.length - list.length,
    method,
    summary: [
      list.length === 0 ? 'No concern was raised often enough to be shown.' : `${list.length} concerns.`,
      ...list.slice(0, 3).map(({ text }, at) => `${at + 1}. ${text}`),
    ],
  }
  return { report, rows }

  /** How many voices of each kind: each counts for one kind, where it was heard first. */
  function byKind(of: readonly number[]): ReadonlyMap<Kind, number> {
    const first = new Map<string, { readonly row: number; readonly times: number }>()
    for (const row of of) {
      const voice = all.of[row] ?? ''
      const there = first.get(voice)
      const times = Math.max(all.rows[row]?.times ?? 1, there?.times ?? 1)
      first.set(voice, { row: there && !earlier(row, there.row) ? there.row : row, times })
    }
    const counted = new Map<Kind, number>()
    for (const { row, times } of first.values()) {
      const kind = all.rows[row]?.kind ?? ''
      counted.set(kind, (counted.get(kind) ?? 0) + times)
    }
    return counted
  }
  function earlier(a: number, b: number): boolean {
    const [at, other] = [all.rows[a]?.at ?? '~', all.rows[b]?.at ?? '~']
    return at === other ? a < b : at < other
  }
  function timesOf(of: readonly number[]): number {
    return sum(of.map((row) => all.rows[row]?.times ?? 1))
  }

  function denominatorOf(kind: Kind): number | undefined {
    const given = frames[kind] ? frames[kind].answered : options.of?.[kind]
    return frames[kind] && given === undefined ? undefined : Math.max(inAll.get(kind) ?? 0, given ?? 0)
  }

  /**
   * A total is shown only where what stands in no theme that is told is enough to hide in: nobody subtracts the shown from it
   * and has the few. What is hidden counts in scores as half the threshold, so that no score tells it either.
   */
  function totalsOf(kind: Kind): Totals {
    const own = ranked.map(({ topic: one }) => counts.get(one)?.get(kind) ?? 0)
    const safe = (total = 0) => (total >= k && (!own.some(few) || total - sum(own) >= k) ? total : null)
    return { heard: safe(inAll.get(kind)), of: safe(denominators.get(kind)) }
  }
  function few(count: number): boolean {
    return count > 0 && count < k
  }
  function framed(kind: Kind): { readonly frame?: Frame } {
    return frames[kind] ? { frame: frames[kind] } : {}
  }

  function scored(one: number): Scored {
    const exits = spikes.filter((_, at) => spoken[at] === one)
    const own = counts.get(one) ?? new Map()
    const parts = [...own].flatMap(([kind, count]) => {
      const of = denominators.get(kind)
      return of === undefined ? [] : [share(few(count) ? k / 2 : count, Math.max(least, of))]
    })
    for (const { more } of exits) parts.push(more)
    const [value, low, high] = (['value', 'low', 'high'] as const).map((end) =>
      sum(parts.map((part) => Math.sqrt(Math.max(0, part[end])))),
    ) as [number, number, number]
    return { topic: one, exits, score: { value, low, high } }
  }

  /** The theme that most of those speak of who spoke on a page. */
  function pageOf(page: string): number | undefined {
    const here = [...all.rows.keys()].filter((row) => {
      const address = all.rows[row]?.page
      return address !== undefined && name(address) === page && (topic.of[row] ?? -1) >= 0
    })
    const sizes = [...Map.groupBy(here, (row) => topic.of[row] ?? -1)]
    return sizes.sort(([a, x], [b, y]) => y.length - x.length || a - b)[0]?.[0]
  }

  function themeOf({ topic: one, exits, score }: Scored): Theme {
    const own = members.get(one) ?? []
    const ref = `themes ${one}`
    rows[ref] = own.map((row) => all.rows[row]?.id ?? '')
    const sources = [...(counts.get(one) ?? [])]
      .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
      .map(([kind, count]): Source => {
        const where = `${ref} ${kind}`
        rows[where] = own.filter((row) => all.rows[row]?.kind === kind).map((row) => all.rows[row]?.id ?? '')
        const of = totals.get(kind)?.of ?? null
        const shown = few(count) ? null : count
        const part = shown === null || of === null || of === 0 ? null : roundedRate(share(shown, Math.max(shown, of)))
        return { kind, voices: shown, of, share: part, ...framed(kind), ref: where }
      })
    const counted = [...(counts.get(one) ?? [])]
    const strong = counted.filter(([, count]) => count >= k).length + (exits.length > 0 ? 1 : 0)
    const inFew = counted.length > 1 && sum(counted.map(([, count]) => count)) >= k
    const standing: Standing = strong > 1 ? 'general' : strong === 1 ? 'one source' : inFew ? 'scattered' : 'isolated'
    const theme = {
      topic: one,
      label: topic.label(own),
      standing,
      score: { value: rounded(score.value), low: rounded(score.low), high: rounded(score.high) },
      sources: sources.sort((a, b) => (b.voices ?? 0) - (a.voices ?? 0) || (a.kind < b.kind ? -1 : 1)),
      exits,
      rows: counted.length > 1 && counted.some(([, count]) => few(count)) ? null : timesOf(own),
      ref,
      quotes: topic.quotes(own),
    }
    return { ...theme, text: sentence(theme, k) }
  }
}

/** What may be shown of how many voices a kind has, and of its denominator. */
interface Totals {
  readonly heard: Cell
  readonly of: Cell
}
interface Scored {
  readonly topic: number
  readonly exits: readonly Exits[]
  readonly score: Rate
}

async function spikesOf(
  { metrics = [], since, timeZone }: ThemesOptions,
  name: (address: string) => string,
  k: number,
): Promise<readonly Exits[]> {
  if (since === undefined) return []
  const local = clock(timeZone)
  const first = numberOf(local(since).day)
  const pages = new Map<string, { exits: number; views: number; exitsBefore: number; viewsBefore: number }>()
  for await (const { day, page, views, exits } of metrics) {
    const [seen, left] = [known(views), known(exits)]
    if (page === undefined || seen === undefined || left === undefined) continue
    const one = pages.get(name(addressOf(page))) ?? { exits: 0, views: 0, exitsBefore: 0, viewsBefore: 0 }
    pages.set(name(addressOf(page)), one)
    if (numberOf(local(day).day) < first) {
      one.exitsBefore += left
      one.viewsBefore += seen
    } else {
      one.exits += left
      one.views += seen
    }
  }
  return [...pages]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([page, { exits, views, exitsBefore, viewsBefore }]) => {
      if (exits < k || exitsBefore < k || exits > views || exitsBefore > viewsBefore) return []
      const [now, then] = [share(exits, views), share(exitsBefore, viewsBefore)]
      const value = now.value - then.value
      const low = value - Math.hypot(now.value - now.low, then.high - then.value)
      const high = value + Math.hypot(now.high - now.value, then.value - then.low)
      return low > 0
        ? [{ page, share: roundedRate(now), before: roundedRate(then), more: roundedRate({ value, low, high }) }]
        : []
    })
}

function sentence({ label, standing, sources, exits, rows }: Omit<Theme, 'text'>, k: number): string {
  const parts = sources.map(({ kind, voices: count, of, frame }) => {
    const beside = of === null ? '' : ` of ${of}`
    const asked = frame ? ` (${frame.population}, ${frame.chosen})` : ''
    return `${kind} ${count === null ? 'a few' : count}${beside}${asked}`
  })
  const left = exits.map(({ page, share: now, before }) => `${percent(now)} leave ${page}, before ${percent(before)}`)
  return `${label === '' ? 'Words of few people' : label}: ${standingIn(standing, k)}; ${[...parts, ...left].join(', ')}${rows === null ? '' : `; ${rows} rows`}.`
}
const percent = ({ value }: Rate): string => `${rounded(value * 100)} %`
const standingIn = (standing: Standing, k: number): string =>
  ({
    general: 'general, since several sources agree',
    'one source': 'heard in one source only',
    scattered: 'a few in each of several sources',
    isolated: `isolated, fewer than ${k} people of one source`,
  })[standing]
