import { randomBytes } from 'node:crypto'
import type { LocalDate, Simulator } from '@prm/core/adapter'
import { type Answer, type Asked, badDay, faults, loopback } from '@prm/kit/simulator'
import { dimensionsOf, known, type Row, type Usage } from './usage.ts'

export interface SimulateOptions {
  readonly apiKey?: string
  readonly siteId?: string
  /** Of the site; America/Chicago unless given. */
  readonly timeZone?: string
  /** Goals of the site; `Search` unless given. */
  readonly goals?: readonly string[]
  /** Questions that a key has in an hour; 600 as Plausible's own. */
  readonly perHour?: number
  /** And in some seconds; no such limit unless given. */
  readonly burst?: { readonly questions: number; readonly seconds: number }
  /** Whether the account's plan has the Stats API. */
  readonly plan?: 'business' | 'growth'
  readonly port?: number
  readonly latencyMs?: number
  readonly now?: () => Date
}

export interface PlausibleCredentials {
  readonly siteId: string
  readonly apiKey: string
}

export interface PlausibleSimulator extends Simulator<PlausibleCredentials> {
  page(
    day: LocalDate,
    url: string,
    counts: { readonly views: number; readonly visits: number; readonly exits?: number },
  ): void
  /** An event `Search` with the properties `query` and, where it is given, `result_count`. */
  search(
    day: LocalDate,
    text: string,
    counts: { readonly events: number; readonly visits: number; readonly results?: number },
  ): void
  /** `Direct / None` where there was none. */
  source(day: LocalDate, name: string, counts: { readonly views: number; readonly visits: number }): void
  /** Other events of a day: from 10 million in one question on, plausible.io counts a part. */
  events(day: LocalDate, count: number): void
  calls(): readonly { readonly dimensions: readonly string[]; readonly from: LocalDate; readonly offset: number }[]
}

const headers = { 'content-type': 'application/json; charset=utf-8' }
type Plain = Exclude<Answer, string | { readonly part: string }>
const ok = (body: unknown): Plain => ({ status: 200, headers, body: JSON.stringify(body) })
const refused = (status: number, error: string): Plain => ({ ...ok({ error }), status })
const noKey = refused(
  401,
  "Invalid API key or site ID. Please make sure you're using a valid API key with access to the site you've requested.",
)
const busy = (perHour: number): Plain =>
  refused(429, `Too many API requests. The limit is ${perHour} per hour. Please contact us to request more capacity.`)
const tooFast = (questions: number, seconds: number): Plain =>
  refused(
    429,
    `Too many API requests in a short period of time. The limit is ${questions} per ${seconds} seconds. Please throttle your requests.`,
  )

/** The Stats API of Plausible on loopback, written from its documentation and its published source. */
export async function simulate(options: SimulateOptions = {}): Promise<PlausibleSimulator> {
  const { siteId = 'guides.library.example', timeZone = 'America/Chicago', goals = ['Search'], perHour = 600 } = options
  const apiKey = options.apiKey ?? randomBytes(24).toString('base64url')
  const usage: Usage = { pages: [], searches: [], sources: [], events: [] }
  const bad = faults()
  const calls: { dimensions: readonly string[]; from: LocalDate; offset: number }[] = []
  const times: number[] = []
  const now = () => options.now?.() ?? new Date()

  function serve({ method, url, headers, body }: Asked): Answer {
    const spoilt = badDay(
      bad.take(false),
      { busy: busy(perHour), failed: refused(500, 'Server error'), denied: noKey },
      now(),
    )
    if (spoilt) return spoilt
    if (method !== 'POST' || url.pathname !== '/api/v2/query') return { status: 404, headers: {}, body: 'Not found' }
    if (headers.authorization !== `Bearer ${apiKey}`) return noKey
    const { burst } = options
    if (burst && times.filter((time) => time > now().getTime() - burst.seconds * 1000).length >= burst.questions)
      return tooFast(burst.questions, burst.seconds)
    times.push(now().getTime())
    if (times.filter((time) => time > now().getTime() - 3_600_000).length > perHour) return busy(perHour)
    let asked: Body
    try {
      asked = JSON.parse(body)
    } catch {
      return refused(400, 'Invalid JSON')
    }
    if (asked.site_id !== siteId) return noKey
    if (options.plan === 'growth')
      return refused(402, 'The account that owns this API key does not have access to Stats API.')
    return answer(asked)
  }

  function answer(asked: Body): Answer {
    const { dimensions = [], metrics = [], order_by = [], filters = [], date_range: range } = asked
    const { limit = 10_000, offset = 0 } = asked.pagination ?? {}
    const unknown = [...dimensions, ...metrics].find((name) => !known.test(name))
    if (unknown !== undefined) return refused(400, `Invalid query: ${unknown}`)
    if (metrics.length === 0) return refused(400, '#/metrics: Expected a minimum of 1 items but got 0.')
    const goal = filters.find(([, dimension]) => dimension === 'event:goal')?.[2][0]
    if (goal !== undefined && !goals.includes(goal))
      return refused(
        400,
        `Invalid filters. The goal \`${goal}\` is not configured for this site. Find out how to configure goals here.`,
      )
    const [from, to] = Array.isArray(range) ? range : [dayIn(timeZone, now()), dayIn(timeZone, now())]
    calls.push({ dimensions, from, offset })
    const rows = dimensionsOf(usage, dimensions, metrics, from, to, goal).toSorted((a, b) =>
      order(a, b, order_by, dimensions),
    )
    return ok({
      results: rows.slice(offset, offset + limit),
      meta: {},
      query: {
        site_id: siteId,
        metrics,
        date_range: [`${from}T00:00:00${offsetOf(timeZone, from)}`, `${to}T23:59:59${offsetOf(timeZone, to)}`],
        dimensions,
        filters,
        order_by,
        include: {},
        pagination: { limit, offset },
      },
    })
  }

  const server = await loopback(serve, options)
  return {
    url: server.url,
    credentials: { siteId, apiKey },
    received: () => [],
    fault: (fault, times) => bad.add(fault, times),
    page: (day, url, counts) => void usage.pages.push({ day, url, ...counts }),
    search: (day, text, counts) => void usage.searches.push({ day, text, ...counts }),
    source: (day, name, counts) => void usage.sources.push({ day, name, ...counts }),
    events: (day, count) => void usage.events.push({ day, count }),
    calls: () => calls,
    close: () => server.close(),
  }
}

interface Body {
  readonly site_id?: string
  readonly metrics?: readonly string[]
  readonly date_range?: string | readonly [string, string]
  readonly dimensions?: readonly string[]
  readonly filters?: readonly (readonly [string, string, readonly string[]])[]
  readonly order_by?: readonly (readonly [string, 'asc' | 'desc'])[]
  readonly pagination?: { readonly limit?: number; readonly offset?: number }
}

/** By what was asked; else by the time and then the first metric, the greatest first. */
function order(a: Row, b: Row, by: NonNullable<Body['order_by']>, dimensions: readonly string[]): number {
  for (const [name, way] of by) {
    const at = dimensions.indexOf(name)
    const [x = '', y = ''] = [a.dimensions[at], b.dimensions[at]]
    if (x !== y) return x < y === (way === 'asc') ? -1 : 1
  }
  return (b.metrics[0] ?? 0) - (a.metrics[0] ?? 0)
}

const dayIn = (timeZone: string, at: Date): LocalDate => new Intl.DateTimeFormat('sv', { timeZone }).format(at)

/** `-06:00`, as it is on this day. */
function offsetOf(timeZone: string, day: LocalDate): string {
  const format = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' })
  const name = format.formatToParts(new Date(`${day}T18:00:00Z`)).find(({ type }) => type === 'timeZoneName')?.value
  return name?.replace('GMT', '') || 'Z'
}
