import type { Json } from '@prm/core/adapter'
import type { Fields, Town } from './state.ts'

/** An answer as Koha gives it. */
export interface Answer {
  readonly status: number
  readonly body?: Json | undefined
  readonly headers?: { readonly [name: string]: string } | undefined
}

export const refuse = (status: number, error: string, more: Fields = {}): Answer => ({
  status,
  body: { error, ...more },
})

/** What does not fit the description: a bare array in old releases, an object in newer ones. */
export function malformed(town: Town, errors: readonly { message: string; path: string }[], body = false): Answer {
  return { status: 400, body: town.old && !body ? [...errors] : { errors: [...errors], status: 400 } }
}

/** 500 hides many a bad request in old releases. */
export const broken = (town: Town): Answer =>
  town.old
    ? refuse(500, 'Something went wrong, check the logs.')
    : refuse(500, 'Something went wrong, check Koha logs for details.', { error_code: 'internal_server_error' })

const reserved = ['_match', '_order_by', '_page', '_per_page', 'q']

export interface Listing {
  readonly rows: readonly Fields[]
  /** What may be asked for by name. */
  readonly filters: readonly string[]
  readonly id: string
  readonly embeds?: readonly string[]
  /** Releases before `q` know these of the reserved parameters only. */
  readonly oldReserved?: readonly string[]
  readonly show: (row: Fields, embed: readonly string[]) => Fields
}

/** A list with filters, `q`, order, pages and their headers, or what is wrong with the request. */
export function list(town: Town, url: URL, embedHeader: string | undefined, listing: Listing): Answer {
  const { searchParams: asked } = url
  const allowed = town.old ? (listing.oldReserved ?? ['_match', '_order_by', '_page', '_per_page']) : reserved
  const odd = [...asked.keys()].filter((name) => !listing.filters.includes(name) && !allowed.includes(name))
  if (odd.length > 0)
    return malformed(
      town,
      odd.map((name) => ({ message: 'Malformed query string', path: `/query/${name}` })),
    )
  const embed = embedsOf(town, embedHeader, listing.embeds ?? [])
  if (!Array.isArray(embed)) return embed as Answer

  let rows = listing.rows.filter((row) => filtered(row, asked, listing.filters))
  const q = asked.get('q')
  if (q !== null) {
    const query = parsed(q)
    if (typeof query !== 'object' || query === null)
      return refuse(400, 'Invalid query', { error_code: 'invalid_query' })
    try {
      rows = rows.filter((row) => fits(row, query))
    } catch {
      return refuse(400, 'Invalid query', { error_code: 'invalid_query' })
    }
  }
  const order = asked.get('_order_by')
  if (order !== null) {
    const field = order.replace(/^[+\- ]/, '')
    // Old releases order by columns of the database, and break on the API's own names.
    if (town.old && (field === listing.id || !listing.filters.includes(field))) return broken(town)
    const sign = order.startsWith('-') ? -1 : 1
    rows = rows.toSorted((a, b) => sign * compare(a[field], b[field]))
  }
  return paged(
    town,
    url,
    rows.map((row) => listing.show(row, embed)),
  )
}

function embedsOf(town: Town, header: string | undefined, known: readonly string[]): readonly string[] | Answer {
  const wanted = header?.split(/\s*,\s*/).filter(Boolean) ?? []
  if (town.old) return []
  const odd = wanted.find((one) => !known.includes(one))
  return odd === undefined ? wanted : malformed(town, [{ message: 'Not in enum list.', path: '/x-koha-embed' }])
}

/** `contains` unless `_match` says otherwise. */
function filtered(row: Fields, asked: URLSearchParams, filters: readonly string[]): boolean {
  const match = asked.get('_match') ?? 'contains'
  return [...asked].every(([name, wanted]) => {
    if (!filters.includes(name)) return true
    const value = collated(row[name])
    const text = collated(wanted)
    if (row[name] === null || row[name] === undefined) return false
    if (match === 'exact') return value === text
    if (match === 'starts_with') return value.startsWith(text)
    return match === 'ends_with' ? value.endsWith(text) : value.includes(text)
  })
}

function fits(row: Json | undefined, query: Json): boolean {
  if (Array.isArray(query)) return query.some((one) => fits(row, one))
  return Object.entries(query as Fields).every(([name, wanted]) => {
    if (name === '-and') return (wanted as Json[]).every((one) => fits(row, one))
    if (name === '-or') return (wanted as Json[]).some((one) => fits(row, one))
    const value = name
      .replace(/^me\./, '')
      .split('.')
      .reduce<Json | undefined>((one, step) => (one as Fields | null | undefined)?.[step], row)
    return holds(value, wanted)
  })
}

function holds(value: Json | undefined, wanted: Json): boolean {
  if (Array.isArray(wanted)) return wanted.some((one) => holds(value, one))
  if (typeof wanted !== 'object' || wanted === null) {
    return wanted === null ? (value ?? null) === null : collated(value ?? '\0') === collated(wanted)
  }
  return Object.entries(wanted).every(([operator, operand]) => {
    if (operator === '-like' || operator === 'like')
      return value !== null && value !== undefined && like(String(value), String(operand))
    if (operator === '!=') return !holds(value, operand as Json)
    if (operator === '=') return holds(value, operand as Json)
    const order = compare(value, operand as Json)
    if (operator === '>') return order > 0
    if (operator === '<') return order < 0
    if (operator === '>=') return order >= 0
    if (operator === '<=') return order <= 0
    throw new Error('no such operator')
  })
}

/** utf8mb4_unicode_ci, near enough: neither case nor accents nor blanks at the end count. */
const collated = (value: Json | undefined): string =>
  String(value ?? '')
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .trimEnd()
    .toLowerCase()

function like(value: string, pattern: string): boolean {
  const source = [...pattern].map((one) =>
    one === '%' ? '.*' : one === '_' ? '.' : one.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'),
  )
  return new RegExp(`^${source.join('')}$`, 'is').test(value)
}

function compare(a: Json | undefined, b: Json | undefined): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  const [one, two] = [String(a ?? ''), String(b ?? '')]
  return one < two ? -1 : one > two ? 1 : 0
}

/** Headers come with the page, in old releases only where a page was asked for. The URL is of the host it thinks it has. */
function paged(town: Town, url: URL, rows: readonly Fields[]): Answer {
  const asked = url.searchParams.has('_page') || url.searchParams.has('_per_page')
  if (town.old && !asked) return { status: 200, body: [...rows] }
  const wanted = Number(url.searchParams.get('_per_page') ?? 20)
  const size = Math.min(wanted, town.options.mostPerPage ?? wanted)
  const page = Number(url.searchParams.get('_page') ?? 1)
  const last = Math.max(1, Math.ceil(rows.length / size))
  const link = (number: number, rel: string) => {
    const to = new URL(url.pathname, town.options.host ?? 'http://koha.internal')
    to.search = url.search
    to.searchParams.set('_page', String(number))
    return `<${to.href}>; rel="${rel}"`
  }
  const links = [link(1, 'first'), ...(page < last ? [link(page + 1, 'next')] : []), link(last, 'last')]
  const total = String(rows.length)
  return {
    status: 200,
    body: rows.slice((page - 1) * size, page * size),
    headers: { 'x-total-count': total, ...(!town.old && { 'x-base-total-count': total }), link: links.join(',') },
  }
}

export function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
