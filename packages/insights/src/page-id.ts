import { type Instant, type LocalDate, PrmError } from '@prm/core'

/** How the addresses of one library's pages become one name a page. */
export interface PageNames {
  /** Hosts that are another: `{ 'faq.example.org': 'answers.example.org' }`. */
  readonly hosts?: { readonly [host: string]: string }
  /** Hosts of proxies: `login.ezproxy.example.org/login?url=…` and `jstor.org.ezproxy.example.org` are what they stand before. */
  readonly proxies?: readonly string[]
  /** What of the query names a page, beside `g` and `p` (LibGuides), `id`, `page`, `biblionumber`; all else is dropped. */
  readonly params?: readonly string[]
  /** Addresses that lead to another now, friendly ones too. */
  readonly moves?: readonly Move[]
}

/** A page that is found elsewhere. Two that lead to one are merged; one that leads to several was split. */
export interface Move {
  readonly from: string
  readonly to: string | readonly string[]
  readonly at?: Instant | LocalDate
}

const naming = ['g', 'p', 'id', 'page', 'biblionumber']
/** What servers put into a path to know a session by. */
const session = /;(?:jsessionid|phpsessid|sid)=[^/?#]*/gi

/**
 * Names a page by its address: host and path, and what of the query names it, without scheme, `www.`, default file, session,
 * tracking, proxy or heading. A name is its own name. What is no address is left as it is.
 */
export function pageNames(options: PageNames = {}): (address: string) => string {
  const proxies = (options.proxies ?? []).map((host) => host.toLowerCase())
  const params = new Set([...naming, ...(options.params ?? [])])
  const hosts = new Map(Object.entries(options.hosts ?? {}).map(([from, to]) => [plainHost(from), plainHost(to)]))
  const moved = new Map<string, string>()
  for (const { from, to } of options.moves ?? []) if (typeof to === 'string') moved.set(bare(from), bare(to))
  for (const from of moved.keys()) follow(from, true)
  const names = new Map<string, string>()

  return (address) => {
    let name = names.get(address)
    if (name === undefined) {
      name = follow(bare(address))
      names.set(address, name)
    }
    return name
  }

  function follow(name: string, strict = false): string {
    const passed = new Set([name])
    let at = name
    for (let next = moved.get(at); next !== undefined && next !== at; next = moved.get(at)) {
      if (passed.has(next)) {
        if (strict) throw new PrmError('config', `moves: ${name} leads to itself.`, { field: 'moves' })
        break
      }
      passed.add(next)
      at = next
    }
    return at
  }

  function bare(address: string): string {
    const url = parsed(unproxied(address.trim()))
    if (!url) return address.trim()
    const host = hostOf(url)
    const path = pathOf(url)
    const kept = [...url.searchParams].filter(([name, value]) => params.has(name) && value !== '').sort(byName)
    const query = new URLSearchParams(kept).toString()
    return `${host}${path}${query && `?${query}`}`
  }

  function hostOf(url: URL): string {
    const host = plainHost(url.hostname)
    const known = hosts.get(host) ?? host
    return url.port === '' || url.port === '80' || url.port === '443' ? known : `${known}:${url.port}`
  }

  /** EZproxy: a starting point names its target; behind it, the target's name stands before its own, with `-` for `.` under HTTPS. */
  function unproxied(address: string): string {
    const url = parsed(address)
    if (!url) return address
    const host = url.hostname
    const proxy = proxies.find((one) => host === one || host.endsWith(`.${one}`))
    if (!proxy) return address
    const target = url.searchParams.get('url') ?? url.searchParams.get('qurl')
    if (target && url.pathname.startsWith('/login')) return unproxied(target)
    const front = host.slice(0, -proxy.length - 1)
    if (front === '' || front === 'login') return address
    const real = front.includes('.') ? front : front.replace(/--|-/g, (dash) => (dash === '-' ? '.' : '-'))
    return `${real}${url.pathname}${url.search}`
  }
}

function parsed(address: string): URL | undefined {
  const whole = /^[a-z][a-z\d+.-]*:\/\//i.test(address) ? address : `https://${address.replace(/^\/\//, '')}`
  const url = URL.canParse(whole) ? new URL(whole) : undefined
  return url && /^https?:$/.test(url.protocol) && /[^.]\.[^.]|^localhost$/.test(url.hostname) ? url : undefined
}

const plainHost = (host: string): string =>
  host
    .toLowerCase()
    .replace(/^www\d?\./, '')
    .replace(/\.$/, '')

function pathOf(url: URL): string {
  const path = url.pathname
    .replace(session, '')
    .replace(/\/{2,}/g, '/')
    .replace(/\/(?:index|default)\.(?:html?|php|aspx?)$/i, '/')
    .replace(/\/+$/, '')
  return path.replace(/%[\da-f]{2}/gi, (code) => code.toUpperCase())
}

const byName = ([a, x]: readonly [string, string], [b, y]: readonly [string, string]): number =>
  a < b ? -1 : a > b ? 1 : x < y ? -1 : x > y ? 1 : 0

/** The heading that an address points at, if it names one in words. */
export function headingOf(address: string): string | undefined {
  const at = address.indexOf('#')
  if (at < 0) return undefined
  const mark = address.slice(at + 1)
  return /^[\p{L}][\p{L}\p{N}_-]{1,80}$/u.test(mark) ? mark : undefined
}
