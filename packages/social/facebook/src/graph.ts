import { type Code, type Context, PrmError } from '@prm/core/adapter'
import { type Call, client, hmacSha256, resolve, type Wire } from '@prm/kit'
import type { Options } from './config.ts'
import type { Page } from './wire.ts'

/** A hundred comments of 8,000 letters, each escaped, are 5 MiB. */
const mostBytes = 16 * 1024 * 1024

/** Meta's Graph API, as the page or, for what is said of tokens, as the app. */
export interface Graph {
  call<T>(call: Call, wire: Wire<T>, ctx: Context, as?: 'app'): Promise<T>
}

export function graph(options: Options): Graph {
  const through = options.fetch ?? fetch
  const http = client({
    baseUrl: `${options.baseUrl}/${options.graphVersion}`,
    code: codeOf,
    vendorCode: (body) => numbersIn(body).join('-'),
    fetch: async (input, init) => withWait(await through(input, init)),
  })
  return {
    async call(call, wire, ctx, as) {
      const secret = await resolve(options.appSecret)
      const token = as === 'app' ? `${options.appId}|${secret}` : await resolve(options.pageToken)
      const query = { ...call.query, appsecret_proof: hmacSha256(secret, token).hex }
      const headers = { authorization: `Bearer ${token}` }
      const read = call.method === 'GET' && { maxBytes: mostBytes }
      return http.call({ ...call, ...read, query, headers }, wire, ctx)
    },
  }
}

/** Where the next page begins. Without that, what was read must not pass for all there is. */
export function nextOf({ paging }: Pick<Page<unknown>, 'paging'>): string | undefined {
  if (!paging?.next) return undefined
  if (paging.cursors?.after) return paging.cursors.after
  throw new PrmError('contract', 'Meta says that there is more, and not where: expected paging.cursors.after.')
}

// ── when to ask again ────────────────────────────────────────────────────────────────────────
/** Meta sends no Retry-After, but headers of its own ("Rate Limits"). */
function withWait(response: Response): Response {
  const seconds = response.ok ? 0 : waitIn(response.headers)
  if (!seconds || response.headers.has('retry-after')) return response
  const headers = new Headers(response.headers)
  headers.set('retry-after', String(seconds))
  return new Response(response.body, { status: response.status, headers })
}

/** A page's limit says in how many minutes; an application's, of a rolling hour, how much in the hundred is used. */
function waitIn(headers: Headers): number {
  const page = headers.get('x-business-use-case-usage') ?? ''
  const minutes = [...page.matchAll(/"estimated_time_to_regain_access"\s*:\s*(\d+)/g)].map(([, one]) => Number(one))
  const isFull = /:\s*\d{3,}/.test(headers.get('x-app-usage') ?? '')
  return 60 * (Math.max(0, ...minutes) || (isFull ? appMinutes : 0))
}
const appMinutes = 10

// ── what a refusal means ─────────────────────────────────────────────────────────────────────
/** Its code, and its subcode where it has one. */
function numbersIn(body: unknown): readonly number[] {
  const { error } = (typeof body === 'object' && body !== null ? body : {}) as {
    error?: { code?: unknown; error_subcode?: unknown }
  }
  return [error?.code, error?.error_subcode].filter((number) => typeof number === 'number')
}

/**
 * Meta's error numbers in ours ("Handling Errors", "Rate Limits", and Messenger's "Common Error Codes"). That somebody cannot be
 * written to now is no bad address: they may write again, and then be answered.
 */
export function codeOf(_: number, body: unknown, { method }: Call): Code | undefined {
  const [code = 0, subcode = 0] = numbersIn(body)
  if (closed.has(subcode) || code === 551) return 'unsupported'
  if (code === 1 || code === 2 || code === 1200) return method === 'GET' ? 'unavailable' : 'unknown'
  // "Duplicate": the same was just posted by us, so that an earlier call may have been taken after all.
  if (code === 506) return 'unknown'
  if (limits.has(code) || (code >= 80_000 && code <= 80_014)) return 'rate_limited'
  if (code === 190 || code === 102) return 'auth'
  if (code === 3 || code === 10 || code === 368 || (code >= 200 && code < 300)) return 'forbidden'
  if (code === 33 || code === 803 || subcode === 33 || subcode === 2_018_001) return 'not_found'
  return code === 100 ? 'invalid' : undefined
}
/** Application, user, page, a custom limit, and that of an application again. */
const limits: ReadonlySet<number> = new Set([4, 17, 32, 613, 341])
/** Outside of the allowed window, twice; a person who takes no messages from us, and one who is not available. */
const closed: ReadonlySet<number> = new Set([2_018_278, 2_018_065, 2_018_108, 1_545_041])
