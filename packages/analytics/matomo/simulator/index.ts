import { randomBytes } from 'node:crypto'
import type { LocalDate, Simulator } from '@prm/core/adapter'
import { type Answer, type Asked, badDay, faults, loopback } from '@prm/kit/simulator'
import { type Counts, type Kind, page, rowsOf, type Usage } from './reports.ts'

export type { Counts, Kind } from './reports.ts'

export interface SimulateOptions {
  readonly token?: string
  readonly siteId?: number
  /** Of the site; America/Chicago unless given. */
  readonly timeZone?: string
  readonly hosts?: readonly string[]
  /** `sitesearch` of the site. */
  readonly siteSearch?: boolean
  /** Rows that an archive keeps of one folder, of searches, and of sources; 100 as Matomo's own least. The rest is "Others". */
  readonly most?: number
  readonly port?: number
  readonly latencyMs?: number
  readonly now?: () => Date
}

export interface MatomoCredentials {
  readonly token: string
  readonly siteId: number
}

export interface MatomoSimulator extends Simulator<MatomoCredentials> {
  /** What was counted: as in Matomo pages of one path on two hosts are one. */
  page(day: LocalDate, url: string, counts: Counts): void
  /** `results` is what the search found, by the site's own word. */
  search(day: LocalDate, text: string, counts: Counts & { readonly results?: number }): void
  source(day: LocalDate, kind: Kind, name: string, visits: number): void
  /** `inUrl`: the token was in the URL, where logs keep it. */
  calls(): readonly { readonly method: string; readonly offset: number; readonly inUrl: boolean }[]
}

const json = { 'content-type': 'application/json; charset=utf-8' }
const html = { 'content-type': 'text/html; charset=utf-8' }
type Plain = Exclude<Answer, string | { readonly part: string }>
const ok = (body: unknown): Plain => ({ status: 200, headers: json, body: JSON.stringify(body) })
const error = (message: string, status = 200): Plain => ({ ...ok({ result: 'error', message }), status })
/** A token that nobody has is answered with a page, whatever format was asked for (seen with 5.3.1). */
const denied: Plain = {
  status: 401,
  headers: html,
  body: '<!DOCTYPE html><html><head><title>Matomo &rsaquo; Error</title></head><body>Unable to authenticate with the provided token. It is either invalid or expired.</body></html>',
}
const refusals = {
  busy: { status: 429, headers: html, body: '<html><body>Too many requests</body></html>' }, // of a proxy: Matomo knows no limits
  failed: { status: 500, headers: html, body: '<html><body>An error occurred</body></html>' },
  denied,
}

/** The reporting API of Matomo on loopback, after what 5.3.1 of Debian answers. */
export async function simulate(options: SimulateOptions = {}): Promise<MatomoSimulator> {
  const { siteId = 1, timeZone = 'America/Chicago', hosts = ['https://guides.library.example'], most = 100 } = options
  const token = options.token ?? randomBytes(16).toString('hex')
  const usage: Usage = { pages: [], searches: [], sources: [] }
  const bad = faults()
  const calls: { method: string; offset: number; inUrl: boolean }[] = []

  function serve(asked: Asked): Answer {
    const fault = bad.take(false)
    const spoilt = badDay(fault, refusals, options.now?.() ?? new Date())
    if (spoilt) return spoilt
    const fields = new URLSearchParams([...asked.url.searchParams, ...new URLSearchParams(asked.body)])
    const of = (name: string) => fields.get(name) ?? ''
    if (asked.url.pathname !== '/index.php' || of('module') !== 'API') return { status: 404, headers: html, body: '' }
    const [method, offset] = [of('method'), Number(of('filter_offset') || 0)]
    calls.push({ method, offset, inUrl: asked.url.searchParams.has('token_auth') })
    if (of('token_auth') !== token) return denied
    if (method === 'API.getMatomoVersion') return ok({ value: '5.3.1' })
    if (of('idSite') !== String(siteId))
      return error(
        `You can't access this resource as it requires 'view' access for the website id = ${Number(of('idSite'))}.`,
        401,
      )
    const answer = read(method, fields)
    if (fault === 'page-moved')
      // Somebody opens a page that stands before all others.
      for (const day of new Set(usage.pages.map(({ day }) => day)))
        usage.pages.push({ day, url: `${hosts[0]}/!${calls.length}`, views: 1, visits: 1 })
    return answer
  }

  function read(method: string, fields: URLSearchParams): Answer {
    if (method === 'SitesManager.getSiteFromId')
      return ok({ idsite: siteId, timezone: timeZone, sitesearch: options.siteSearch === false ? 0 : 1 })
    if (method === 'SitesManager.getSiteUrlsFromId') return ok(hosts)
    const rows = rowsOf(method, usage, most)
    if (!rows) {
      const [module = '', name = ''] = method.split('.')
      return error(
        `The method '${name}' does not exist or is not available in the module '\\Piwik\\Plugins\\${module}\\API'.`,
      )
    }
    const [from = '', to] = (fields.get('date') ?? '').split(',')
    if (!/^\d{4}-\d{2}-\d{2}$/.test(from) || fields.get('period') !== 'day')
      return error(
        "Date format must be: YYYY-MM-DD, or 'today' or 'yesterday' or any keyword supported by the strtotime function: false",
      )
    if (to === undefined) return ok(page(rows(from), fields))
    const days: Record<string, unknown> = {}
    for (let ms = Date.parse(from); ms <= Date.parse(to); ms += 86_400_000) {
      const day = new Date(ms).toISOString().slice(0, 10)
      days[day] = page(rows(day), fields)
    }
    return ok(days)
  }

  const server = await loopback(serve, options)
  return {
    url: server.url,
    credentials: { token, siteId },
    received: () => [],
    fault: (fault, times) => bad.add(fault, times),
    page: (day, url, counts) => void usage.pages.push({ day, url, ...counts }),
    search: (day, text, counts) => void usage.searches.push({ day, text, ...counts }),
    source: (day, kind, name, visits) => void usage.sources.push({ day, kind, name, visits }),
    calls: () => calls,
    close: () => server.close(),
  }
}
