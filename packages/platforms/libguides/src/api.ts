import { type Context, PrmError } from '@prm/core/adapter'
import { authorized, client, type Fields, resolve, type Wire } from '@prm/kit'
import { type Clock, clockIn, readDate } from '@prm/kit-pages'
import * as z from 'zod/mini'
import type { Options } from './config.ts'

export type Row = { readonly [field: string]: unknown }

export interface Api {
  readonly options: Options
  readonly clock: Clock
  /** A whole list, which has no pages. What is none, under a 200 too, throws: it is never an empty list. */
  list(path: string, query: Fields, ctx: Context): Promise<readonly Row[]>
}

/** Everything comes in one array. */
const bounds = { maxBytes: 64 * 1024 * 1024 }
const timeoutMs = 60_000

export function api(options: Options): Api {
  const { clientId, clientSecret, siteId, key } = options
  const base = options.baseUrl.replace(/\/$/, '')
  const clock = clockIn(options.timeZone)
  if (clientId === undefined || clientSecret === undefined) {
    const http = client({ baseUrl: `${base}/1.1`, timeoutMs })
    return {
      options,
      clock,
      async list(path, query, ctx) {
        const all = { site_id: siteId, key: await resolve(key ?? ''), ...query }
        return rowsIn(await http.call({ method: 'GET', path, query: all, ...bounds }, anything, ctx))
      },
    }
  }
  const http = authorized({ baseUrl: `${base}/1.2`, timeoutMs }, { path: '/oauth/token', clientId, clientSecret })
  return {
    options,
    clock,
    async list(path, query, ctx) {
      const ask = () => http.call({ method: 'GET', path, query, ...bounds }, anything, ctx)
      try {
        return rowsIn(await ask())
      } catch (error) {
        if (!PrmError.is(error) || error.code !== 'auth' || error.vendor?.status !== 200) throw error
        // A token that it does not like is not always a 401 (UC Davis' indexer asks once more with another).
        http.forget()
        return rowsIn(await ask())
      }
    },
  }
}

const anything: Wire<unknown> = z.unknown()

function rowsIn(said: unknown): readonly Row[] {
  if (Array.isArray(said)) return said.filter((one): one is Row => typeof one === 'object' && one !== null)
  const row = (typeof said === 'object' && said !== null ? said : {}) as Row
  if (idIn(row) !== undefined && row.error === undefined) return [row]
  const status = Number(row.status ?? row.code)
  const code =
    status >= 500
      ? 'unavailable'
      : status === 429
        ? 'rate_limited'
        : row.error !== undefined || status >= 400
          ? 'auth'
          : 'contract'
  throw new PrmError(code, 'LibGuides answered 200 with something that is no list.', { vendor: { status: 200 } })
}

// ── what LibGuides says, loosely: the same field is a number, a digit string or null ──────────
export const idIn = (row: Row, name = 'id'): string | undefined => {
  const value = row[name]
  return (typeof value === 'number' || typeof value === 'string') && !/^0*$/.test(String(value))
    ? String(value)
    : undefined
}
/** The first of these that says something. */
export function textIn(row: Row, ...names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = row[name]
    if (typeof value === 'string' && value.trim() !== '') return value
  }
  return undefined
}
/** True, `1` or `"1"`. */
export const flagIn = (row: Row, ...names: readonly string[]): boolean =>
  names.some((name) => /^(1|true)$/.test(String(row[name])))
/** Nothing, `null`, `""` and `{}` are empty lists. */
export const listIn = (row: Row, name: string): readonly Row[] => {
  const value = row[name]
  return Array.isArray(value) ? value.filter((one): one is Row => typeof one === 'object' && one !== null) : []
}
export const linkIn = (row: Row, ...names: readonly string[]): string | undefined =>
  names.map((name) => textIn(row, name)).find((link) => link !== undefined && /^https?:/.test(link))

export function instantIn(row: Row, clock: Clock, ...names: readonly string[]): string | undefined {
  const wall = readDate(textIn(row, ...names) ?? '')?.walls['month first']
  return wall === undefined ? undefined : clock.instant(wall)
}
