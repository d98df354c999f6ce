import type { Context } from '@prm/core/adapter'
import { PrmError } from '@prm/core/adapter'
import { type Client, client, resolve } from '@prm/kit'
import type { Options } from './config.ts'
import { type Account, type Status, wireAccount, wireStatus } from './wire.ts'

export interface Api extends Client {
  /** Whose ids they are, and the host of accounts that name none. */
  readonly host: string
  /** Little is left of what the instance allows: leave it to answers. */
  low(): boolean
}

/** Who asked too often waits at least so long, and never longer than the instance's longest window ("Rate limits"). */
const shortestWaitMs = 1000
const longestWaitMs = 30 * 60_000
const usualWaitMs = 5 * 60_000
/** Kept for answers, of 300 in five minutes. */
const reserve = 30

export function apiOf(options: Options): Api {
  let left: number | undefined
  const through: typeof fetch = async (...request) => {
    const response = await (options.fetch ?? fetch)(...request)
    const remaining = response.headers.get('x-ratelimit-remaining') ?? ''
    left = /^\d+$/.test(remaining) ? Number(remaining) : undefined
    if (response.status !== 429) return response
    const headers = new Headers(response.headers)
    headers.set('retry-after', String(waitMs(headers) / 1000))
    return new Response(response.body, { status: response.status, headers })
  }
  return {
    ...client({
      baseUrl: options.baseUrl,
      headers: async () => ({ authorization: `Bearer ${await resolve(options.accessToken)}` }),
      fetch: through,
    }),
    host: new URL(options.baseUrl).host,
    low: () => left !== undefined && left < reserve,
  }
}

/**
 * X-RateLimit-Reset is an ISO time, against the instance's own clock, which stands in `date`. It may be absent, past or in
 * ten years.
 */
function waitMs(headers: Headers): number {
  const now = Date.parse(headers.get('date') ?? '')
  const after = headers.get('retry-after') ?? ''
  const until = /^\d+$/.test(after)
    ? now + Number(after) * 1000
    : Date.parse(after || (headers.get('x-ratelimit-reset') ?? ''))
  const ms = until - now
  return Number.isNaN(ms) ? usualWaitMs : Math.min(Math.max(ms, shortestWaitMs), longestWaitMs)
}

/** Of an answer: a post of another instance may be a megabyte. */
export const maxBytes: number = 8 * 1024 * 1024

export const statusOf = (api: Api, id: string, ctx: Context): Promise<Status> =>
  api.call({ method: 'GET', path: `/api/v1/statuses/${encodeURIComponent(id)}`, maxBytes }, wireStatus, ctx)

/** The library's account. Throws `auth` for a token that is none, `forbidden` where the account is closed. */
export async function ourselves(api: Api, ctx: Context): Promise<Account> {
  try {
    return await api.call({ method: 'GET', path: '/api/v1/accounts/verify_credentials' }, wireAccount, ctx)
  } catch (error) {
    if (!PrmError.is(error) || error.code !== 'forbidden') throw error
    const why = `${api.host} refuses the account: it is suspended, disabled or not confirmed, or the token lacks read:accounts`
    throw new PrmError('forbidden', `${why}. Sign in there to see.`, { vendor: { status: 403 } })
  }
}
