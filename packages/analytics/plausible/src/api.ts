import { setTimeout } from 'node:timers/promises'
import { type Context, type Json, PrmError } from '@prm/core/adapter'
import { client, resolve, type Wire } from '@prm/kit'
import type { Days } from '@prm/kit/metrics'
import * as z from 'zod/mini'
import type { Options } from './config.ts'
import { inWords } from './errors.ts'

export interface Query {
  readonly metrics: readonly string[]
  readonly dimensions: readonly string[]
  readonly filters?: Json
}
/** In the order in which they were asked for. */
export interface Row {
  readonly dimensions: readonly string[]
  readonly metrics: readonly unknown[]
}
interface Answer {
  readonly results: readonly Row[]
  readonly query: { readonly date_range: readonly string[] }
}

export interface Api {
  readonly options: Options
  /** One question; `range` is `day` or two days. */
  ask(
    query: Query,
    range: Json,
    ctx: Context,
    page?: { readonly limit: number; readonly offset: number },
  ): Promise<Answer>
  /** Every row once, in the order of its dimensions, whatever fits into one answer. */
  rows(query: Query, days: Days, ctx: Context): AsyncGenerator<Row>
}

const rowsAtOnce = 2000
const maxBytes = 8 * 1024 * 1024

const text = z.pipe(
  z.union([z.string(), z.number(), z.null()]),
  z.transform((value) => String(value ?? '')),
)
const answer: Wire<Answer> = z.looseObject({
  results: z.array(z.looseObject({ dimensions: z._default(z.array(text), []), metrics: z.array(z.unknown()) })),
  query: z.looseObject({ date_range: z.array(z.string()).check(z.minLength(2)) }),
})

/** Its Stats API, version 2. */
export function api(options: Options): Api {
  const self: Api = { options, ask, rows }
  return self

  async function ask(...question: Parameters<Api['ask']>): Promise<Answer> {
    for (let times = 0; ; times++) {
      try {
        return await once(...question)
      } catch (error) {
        const [, , ctx] = question
        const ms = PrmError.is(error) && error.code === 'rate_limited' ? error.retryAfterMs : undefined
        if (ms === undefined || ms > shortMs || times >= 5) throw error
        await pause(ms, ctx.signal)
      }
    }
  }

  async function once(...[query, range, ctx, pagination]: Parameters<Api['ask']>): Promise<Answer> {
    let refused = ''
    const http = client({
      baseUrl: options.baseUrl,
      headers: async () => ({ authorization: `Bearer ${await resolve(options.apiKey)}` }),
      code(status, body) {
        const { error } = (typeof body === 'object' && body ? body : {}) as { error?: unknown }
        refused = typeof error === 'string' ? error : ''
        return status === 402 ? 'forbidden' : undefined
      },
      timeoutMs: 30_000,
      ...(options.fetch && { fetch: options.fetch }),
    })
    const { metrics, dimensions, filters } = query
    const json: Json = {
      site_id: options.siteId,
      metrics,
      date_range: range,
      dimensions,
      order_by: dimensions.map((dimension) => [dimension, 'asc']),
      ...(filters !== undefined && { filters }),
      ...(pagination && { pagination }),
    }
    try {
      return await http.call({ method: 'POST', path: '/api/v2/query', json, write: false, maxBytes }, answer, ctx)
    } catch (error) {
      throw PrmError.is(error) ? inWords(error, refused) : error
    }
  }

  async function* rows(query: Query, { from, to }: Days, ctx: Context): AsyncGenerator<Row> {
    const seen = new Set<string>()
    for (let offset = 0; ; offset += rowsAtOnce) {
      const { results } = await ask(query, [from, to], ctx, { limit: rowsAtOnce, offset })
      const before = seen.size
      for (const row of results) {
        if (row.dimensions.length !== query.dimensions.length || row.metrics.length !== query.metrics.length)
          throw new PrmError('contract', 'Plausible answered with other columns than were asked for.')
        const key = JSON.stringify(row.dimensions)
        if (seen.has(key)) continue
        seen.add(key)
        yield row
      }
      if (results.length < rowsAtOnce) return
      if (seen.size === before) throw new PrmError('contract', 'Plausible gives the same rows again and again.')
    }
  }
}

/** So long is waited here, as a year has more questions than Plausible takes within some seconds; the host waits for the rest. */
const shortMs = 30_000

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await setTimeout(ms, undefined, { signal })
  } catch {
    throw new PrmError('unavailable', 'It was called off while Plausible takes no questions.')
  }
}
