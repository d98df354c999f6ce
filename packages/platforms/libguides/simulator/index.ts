import { randomBytes } from 'node:crypto'
import type { Fault, Simulator } from '@prm/core/adapter'
import { type Answer, type Asked, anywhere, badDay, type Faults, faults, loopback } from '@prm/kit/simulator'

export interface SimulateOptions {
  readonly clientId?: string
  readonly clientSecret?: string
  /** For API 1.1. */
  readonly key?: string
  /** A port of 127.0.0.1; any free one unless given. */
  readonly port?: number
  readonly now?: () => Date
}
export interface LibGuidesCredentials {
  readonly clientId: string
  readonly clientSecret: string
}
export interface Box {
  readonly id: number
  name: string
  content: string
}
export interface GuidePage {
  readonly id: number
  name: string
  /** Local time. */
  updated: string
  boxes: Box[]
}
export interface Guide {
  readonly id: number
  name: string
  description: string
  /** 0 unpublished, 1 published, 2 private. */
  status: 0 | 1 | 2
  redirect: string
  updated: string
  hits: number
  pages: GuidePage[]
}
export interface Database {
  readonly id: number
  name: string
  description: string
  hidden: boolean
}

export interface LibGuidesSimulator extends Simulator<LibGuidesCredentials> {
  readonly siteId: string
  readonly key: string
  /** By id; change them as an editor does. */
  readonly guides: Map<number, Guide>
  readonly databases: Map<number, Database>
  tokens(): number
  /** The next so many times a call is answered 200 with an object that is no list. */
  failInside(times?: number): void
}

interface Site {
  readonly options: SimulateOptions
  readonly clientId: string
  readonly clientSecret: string
  readonly siteId: string
  readonly key: string
  readonly tokens: Map<string, number>
  readonly guides: Map<number, Guide>
  readonly databases: Map<number, Database>
  readonly faults: Faults
  inside: number
  now(): Date
}

/** A LibGuides site's API on loopback, written from what public clients get; what it assumes is listed in the package's README. */
export async function simulate(options: SimulateOptions = {}): Promise<LibGuidesSimulator> {
  const site: Site = {
    options,
    clientId: options.clientId ?? '91',
    clientSecret: options.clientSecret ?? randomBytes(16).toString('hex'),
    siteId: '4711',
    key: options.key ?? randomBytes(16).toString('hex'),
    tokens: new Map(),
    guides: guides(),
    databases: databases(),
    faults: faults(),
    inside: 0,
    now: () => options.now?.() ?? new Date(),
  }
  const server = await loopback((asked) => serve(site, asked), options)
  return {
    url: server.url,
    credentials: { clientId: site.clientId, clientSecret: site.clientSecret },
    siteId: site.siteId,
    key: site.key,
    guides: site.guides,
    databases: site.databases,
    tokens: () => site.tokens.size,
    received: () => [],
    failInside(times = 1) {
      site.inside += times
    },
    fault(fault: Fault, times) {
      // It is only read, and has no pages.
      if (!anywhere.has(fault)) throw new Error(`LibGuides has no ${fault}.`)
      site.faults.add(fault, times)
    },
    close: () => server.close(),
  }
}

const headers = { 'content-type': 'application/json' }
const said = (status: number, body: unknown): Exclude<Answer, string> => ({
  status,
  headers,
  body: JSON.stringify(body),
})
const refusals = {
  busy: said(429, { error: 'Too many requests' }),
  failed: said(500, { status: 500, error: 'Server error' }),
  denied: said(401, { error: 'invalid_token' }),
}

function serve(site: Site, { method, url, headers, body }: Asked): Answer {
  const { pathname, searchParams: query } = url
  if (method === 'POST' && pathname === '/1.2/oauth/token') return token(site, body)
  const bad = badDay(site.faults.take(false), refusals, site.now())
  if (bad) return bad
  const [, version, path = ''] = /^\/(1\.[12])(\/.*)$/.exec(pathname) ?? []
  const end = site.tokens.get(String(headers.authorization).replace(/^Bearer /, '')) ?? 0
  const known =
    version === '1.2'
      ? end > site.now().getTime()
      : query.get('site_id') === site.siteId && query.get('key') === site.key
  if (!known) return refusals.denied
  if (site.inside > 0) {
    site.inside--
    return said(200, { status: 401, error: 'The access token is invalid' })
  }
  const expand = [...query.getAll('expand'), ...query.getAll('expand[]')].flatMap((one) => one.split(','))
  const [, ids] = /^\/guides\/([\d,]+)$/.exec(path) ?? []
  const chosen = ids?.split(',').map(Number)
  if (path === '/guides' || chosen) {
    const wanted = query.get('status')?.split(',')
    const terms = query.get('search_terms')?.toLowerCase()
    const found = [...site.guides.values()].filter(
      (guide) =>
        (chosen?.includes(guide.id) ?? true) &&
        (wanted?.includes(String(guide.status)) ?? true) &&
        (terms === undefined || `${guide.name} ${guide.description}`.toLowerCase().includes(terms)),
    )
    return said(
      200,
      found.map((guide) => guideOf(guide, expand, url)),
    )
  }
  if (path === '/az') return said(200, [...site.databases.values()].map(databaseOf))
  if (path === '/subjects') return said(200, [{ id: '31', name: 'Law &amp; Politics', slug_id: 0 }])
  if (path === '/assets')
    return said(200, [
      {
        id: 71,
        name: 'Reading list',
        type_id: '1',
        description: '<p>Start <i>here</i>.</p>',
        updated: '2026-11-01 09:00:00',
      },
    ])
  return said(404, { error: 'Not found' })
}

function token(site: Site, body: string): Answer {
  const form = new URLSearchParams(body)
  const known = form.get('client_id') === site.clientId && form.get('client_secret') === site.clientSecret
  if (!known || form.get('grant_type') !== 'client_credentials') return said(400, { error: 'invalid_client' })
  const access_token = randomBytes(20).toString('hex')
  site.tokens.set(access_token, site.now().getTime() + 3_600_000)
  return said(200, { access_token, expires_in: 3600, token_type: 'Bearer' })
}

// ── as the API tells them ────────────────────────────────────────────────────────────────────
function guideOf(guide: Guide, expand: readonly string[], url: URL): object {
  const { id, name, description, status, redirect, updated, hits } = guide
  const home = `${url.origin}/c.php?g=${id}`
  return {
    // A number here, and a text there.
    id: id % 2 ? id : String(id),
    type_id: 1,
    site_id: 4711,
    status,
    name,
    description,
    redirect_url: redirect,
    url: home,
    friendly_url: '',
    created: '2024-01-02 10:00:00',
    updated,
    published: '2024-01-03 10:00:00',
    count_hit: id % 2 ? hits : String(hits),
    ...(expand.some((one) => one.startsWith('pages')) && {
      pages: guide.pages.map((page) => ({
        id: page.id,
        name: page.name,
        url: `${home}&p=${page.id}`,
        updated: page.updated,
        ...(expand.includes('pages.boxes') && { boxes: page.boxes.length > 0 ? page.boxes : {} }),
      })),
    }),
  }
}

function databaseOf({ id, name, description, hidden }: Database): object {
  return {
    id: String(id),
    name,
    description,
    url: `https://databases.example/${id}`,
    alt_names: '',
    enable_hidden: hidden ? '1' : '0',
    az_vendor_name: null,
  }
}

// ── an invented site ─────────────────────────────────────────────────────────────────────────
function guides(): Map<number, Guide> {
  const all = new Map<number, Guide>()
  for (let n = 0; n < 23; n++) {
    const id = 100 + n
    const page = (at: number, name: string): GuidePage => ({
      id: id * 10 + at,
      name,
      updated: `2026-10-${String(1 + n).padStart(2, '0')} 09:00:00`,
      boxes: [{ id: id * 100 + at, name: 'About', content: `<p class="x">Books &amp; articles of field ${n}.</p>` }],
    })
    all.set(id, {
      id,
      name: `Field ${n}`,
      description: `What to read in field ${n}.`,
      status: n === 21 ? 0 : 1,
      redirect: n === 22 ? 'https://elsewhere.example/' : '',
      updated: `2026-10-${String(1 + n).padStart(2, '0')} 09:00:00`,
      hits: n * 7,
      pages: n === 20 ? [] : [page(1, 'Home'), page(2, 'Articles')],
    })
  }
  const law = all.get(103)
  if (law) {
    Object.assign(law, { name: 'Law &amp; Politics', description: 'Statutes and cases.' })
    Object.assign(law.pages[1] ?? {}, { updated: '2026-11-20 10:05:00' })
  }
  return all
}

function databases(): Map<number, Database> {
  return new Map(
    [0, 1, 2].map((n) => [
      2_805_660 + n,
      { id: 2_805_660 + n, name: `Archive ${n}`, description: `<b>Newspapers</b> of century ${n}`, hidden: n === 2 },
    ]),
  )
}
