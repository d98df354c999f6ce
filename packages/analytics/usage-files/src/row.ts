import type { PageRef } from '@prm/core/adapter'
import { pageAt } from '@prm/kit/metrics'
import type { Row } from '@prm/kit-pages'
import { isbot } from 'isbot'
import type { Role } from './columns.ts'

/** What a row is of. Pages that a host tells under several names are one by their id. */
export interface What {
  readonly key: string
  readonly page?: PageRef
}
/** Or why it is of nothing; `undefined` for what is not asked for. */
export type Left = 'robot' | 'not set' | 'other' | undefined

export type By = 'page' | 'search' | 'source'

/** The site and the adapter's name, by which pages are known. */
export interface Site {
  readonly system: string
  readonly host?: string | undefined
  readonly searchParameter?: string | undefined
}

/** A row of counts. */
export function counted({ cells }: Row<Role>, by: By, site: Site): What | Left {
  const text = cells[by]
  // What is counted by search is searches, also where the page stands beside.
  if (text === undefined || (cells.search !== undefined && by !== 'search')) return undefined
  if (/^\((other|otros|autres|andere)\)$/i.test(text)) return 'other'
  if (/^\((not set|data not available)\)$/i.test(text)) return 'not set'
  if (by === 'source') return { key: /^\(direct\)|^direct\b/i.test(text) ? 'direct' : text }
  if (by === 'search') return { key: text }
  const at = placeIn(text, cells.host, site)
  return at ? whatOf(at, site) : 'not set'
}

/** A view of a page in a log: answered, by a person as far as one can tell, and no picture or script. */
export function request({ cells }: Row<Role>, by: By, site: Site): What | Left {
  if (cells.agent !== undefined && isbot(cells.agent)) return 'robot'
  if (cells.search !== undefined) return by === 'search' ? { key: cells.search } : undefined
  // `GET /printing HTTP/1.1` in one cell, or in several.
  const [, verb = cells.method ?? 'GET', target = cells.page ?? ''] =
    /^([A-Z]+) (\S+)(?: HTTP\/[\d.]+)?$/.exec(cells.page ?? '') ?? []
  const at = placeIn(target, cells.host, site)
  const answered = cells.status === undefined || /^(2\d\d|304)$/.test(cells.status)
  if (!at || verb.toUpperCase() !== 'GET' || !answered || asset.test(at.path)) return undefined
  if (by === 'page') return whatOf(at, site)
  if (by === 'search') {
    const text = site.searchParameter && new URLSearchParams(at.query).get(site.searchParameter)?.trim()
    return text ? { key: text } : undefined
  }
  if (cells.referrer === undefined) return undefined
  if (cells.referrer === '-') return { key: 'direct' }
  const from = URL.canParse(cells.referrer) ? new URL(cells.referrer).hostname : undefined
  return from === undefined || from === at.host ? undefined : { key: from }
}
const asset =
  /\.(css|js|mjs|map|png|jpe?g|gif|svg|webp|avif|ico|woff2?|ttf|eot|otf|xml|json|rss|txt)$|^\/(favicon|robots|apple-touch-icon)/i

interface Place {
  readonly host: string | undefined
  readonly path: string
  /** With its question mark, where there is one. */
  readonly query: string
}

/** A path, a URL, or a host and a path. */
function placeIn(text: string, host: string | undefined, site: Site): Place | undefined {
  const [, path = '', query = ''] = /^(\/[^?]*)(\?.*)?$/.exec(text) ?? []
  if (path) return { host: host === undefined || host === '-' ? site.host : host, path, query }
  const url = /^https?:\/\//i.test(text) ? text : /^[\w-]+(\.[\w-]+)+\//.test(text) ? `https://${text}` : undefined
  if (url === undefined || !URL.canParse(url)) return undefined
  const { pathname, search, hostname } = new URL(url)
  return { host: hostname, path: pathname, query: search }
}

function whatOf({ host, path, query }: Place, site: Site): What {
  const page = pageAt(site.system, path + query, host, site.host)
  return { key: page.id, page }
}
