import { type Context, PrmError } from '@prm/core/adapter'
import { type Client, client, resolve, type Wire } from '@prm/kit'
import * as z from 'zod/mini'
import type { Options } from './config.ts'

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

// Entities as docs.joinmastodon.org describes them, of which only what is read here.

const text = z.string()
const maybe = z.optional(z.nullable(text))

export interface Account {
  readonly id: string
  /** Without its host where it is of this instance. */
  readonly acct: string
  readonly bot?: boolean | undefined
}
const account: z.ZodMiniType<Account> = z.object({ id: text, acct: text, bot: z.optional(z.boolean()) })
const wireAccount: Wire<Account> = account

export interface Status {
  readonly id: string
  readonly created_at: string
  readonly edited_at?: string | null | undefined
  readonly visibility: string
  readonly uri: string
  readonly url?: string | null | undefined
  readonly content: string
  readonly spoiler_text: string
  readonly language?: string | null | undefined
  readonly in_reply_to_id?: string | null | undefined
  readonly in_reply_to_account_id?: string | null | undefined
  readonly account: Account
  readonly mentions: readonly Account[]
  readonly reblog?: unknown
  readonly quote?: { readonly quoted_status?: { readonly id: string } | null | undefined } | null | undefined
}
const status: z.ZodMiniType<Status> = z.object({
  id: text,
  created_at: text,
  edited_at: maybe,
  visibility: text,
  uri: text,
  url: maybe,
  content: text,
  spoiler_text: z._default(text, ''),
  language: maybe,
  in_reply_to_id: maybe,
  in_reply_to_account_id: maybe,
  account,
  mentions: z._default(z.array(account), []),
  reblog: z.optional(z.unknown()),
  quote: z.optional(z.nullable(z.object({ quoted_status: z.optional(z.nullable(z.object({ id: text }))) }))),
})
export const wireStatus: Wire<Status> = status

export interface Notification {
  readonly id: string
  readonly type: string
  readonly created_at: string
  readonly account: Account
  readonly status?: Status | null | undefined
}
const notification: z.ZodMiniType<Notification> = z.object({
  id: text,
  type: text,
  created_at: text,
  account,
  status: z.optional(z.nullable(status)),
})

/** One that cannot be read must not hide the others: each is read by itself. */
export const wireList: Wire<readonly unknown[]> = z.array(z.unknown())
export const wireFound: Wire<{ readonly statuses: readonly unknown[] }> = z.object({ statuses: z.array(z.unknown()) })
export const wireSource: Wire<{ readonly text: string }> = z.object({ text })
export const wireText: Wire<string> = text
export const wireApp: Wire<{ readonly scopes?: readonly string[] | undefined }> = z.object({
  scopes: z.optional(z.array(text)),
})

export interface Instance {
  readonly version: string
  readonly configuration: {
    readonly urls?: { readonly streaming?: string | undefined } | undefined
    readonly statuses?:
      | { readonly max_characters?: number | undefined; readonly characters_reserved_per_url?: number | undefined }
      | undefined
    readonly timelines_access?:
      | {
          readonly hashtag_feeds?:
            | { readonly local?: string | undefined; readonly remote?: string | undefined }
            | undefined
        }
      | undefined
  }
}
const number = z.optional(z.number())
export const wireInstance: Wire<Instance> = z.object({
  version: text,
  configuration: z._default(
    z.object({
      urls: z.optional(z.object({ streaming: z.optional(text) })),
      statuses: z.optional(z.object({ max_characters: number, characters_reserved_per_url: number })),
      timelines_access: z.optional(
        z.object({ hashtag_feeds: z.optional(z.object({ local: z.optional(text), remote: z.optional(text) })) }),
      ),
    }),
    {},
  ),
})

/** Nothing where it is none. */
export const statusIn = (value: unknown): Status | undefined => status.safeParse(value).data
export const notificationIn = (value: unknown): Notification | undefined => notification.safeParse(value).data

/** Ids are opaque: the longer is the later, then the letters decide ("API guidelines", IDs). */
export const isLater = (a: string, b: string): boolean => a.length > b.length || (a.length === b.length && a > b)
