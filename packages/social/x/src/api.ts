import { type Client, client, type Wire } from '@prm/kit'
import * as z from 'zod/mini'
import type { Options } from './config.ts'
import { codeOf, vendorCode } from './errors.ts'

// What X says, loosely (openapi.json 2.167, x-api/activity/event-payloads.mdx).

export type Maybe<T> = T | null | undefined
/** A post as far as it is read here. */
export interface XPost {
  readonly id: string
  readonly text?: Maybe<string>
  readonly author_id?: Maybe<string>
  readonly created_at?: Maybe<string>
  readonly lang?: Maybe<string>
  readonly conversation_id?: Maybe<string>
  readonly in_reply_to_user_id?: Maybe<string>
  /** All its versions, the first in front. */
  readonly edit_history_tweet_ids?: Maybe<readonly string[]>
  readonly referenced_tweets?: Maybe<readonly { readonly type: string; readonly id: string }[]>
  readonly entities?: Maybe<Entities>
  /** The whole of a long post, of which `text` is the beginning. */
  readonly note_tweet?: Maybe<{ readonly text?: Maybe<string>; readonly entities?: Maybe<Entities> }>
}
export interface Entities {
  readonly mentions?: Maybe<readonly { readonly id?: Maybe<string> }[]>
  readonly urls?: Maybe<readonly { readonly url: string; readonly expanded_url?: Maybe<string> }[]>
}
/** Asked for by name. No expansions: each user that comes along would be charged as one that was read. */
export const fields =
  'author_id,conversation_id,created_at,edit_history_tweet_ids,entities,in_reply_to_user_id,lang,note_tweet,referenced_tweets'

const maybe = <T>(schema: z.ZodMiniType<T>) => z.optional(z.nullable(schema))
const text = maybe(z.string())
const id = z.string().check(z.regex(/^\d{1,20}$/))
const entities = maybe(
  z.object({
    mentions: maybe(z.array(z.object({ id: text }))),
    urls: maybe(z.array(z.object({ url: z.string(), expanded_url: text }))),
  }),
)
const post = z.object({
  id,
  text,
  author_id: text,
  created_at: text,
  lang: text,
  conversation_id: text,
  in_reply_to_user_id: text,
  edit_history_tweet_ids: maybe(z.array(id)),
  referenced_tweets: maybe(z.array(z.object({ type: z.string(), id }))),
  entities,
  note_tweet: maybe(z.object({ text, entities })),
})

/** Partial success is a success: what could not be given stands in `errors`. */
export interface XPage {
  readonly data?: Maybe<readonly XPost[]>
  readonly errors?: Maybe<readonly XProblem[]>
  readonly meta?: Maybe<{ readonly next_token?: Maybe<string> }>
}
export interface XProblem {
  readonly resource_id?: Maybe<string>
  readonly type?: Maybe<string>
}
const problems = maybe(z.array(z.object({ resource_id: text, type: text })))
export const wirePage: Wire<XPage> = z.object({
  data: maybe(z.array(post)),
  errors: problems,
  meta: maybe(z.object({ next_token: text })),
})
export const wireOne: Wire<{ data?: Maybe<XPost> }> = z.object({ data: maybe(post) })
/** What was posted, or who we are. */
export const wireMade: Wire<{ data: { id: string } }> = z.object({ data: z.object({ id }) })
export const wireDeleted: Wire<{ data: { deleted: true } }> = z.object({ data: z.object({ deleted: z.literal(true) }) })
export const wireCounts: Wire<{ meta: { total_tweet_count: number } }> = z.object({
  meta: z.object({ total_tweet_count: z.number() }),
})
const count = maybe(z.union([z.string(), z.number()]))
export const wireUsage: Wire<{
  data: { project_usage?: Maybe<string | number>; cap_reset_day?: Maybe<string | number> }
}> = z.object({ data: z.object({ project_usage: count, cap_reset_day: count }) })

/** `x-api/activity`, the envelope; `payload` is a post, or what the kind of event says. */
export interface XEvent {
  readonly event_type: string
  readonly payload: { readonly [field: string]: unknown }
}
export const wireEvent: Wire<{ data: XEvent }> = z.object({
  data: z.object({ event_type: z.string(), payload: z.record(z.string(), z.unknown()) }),
})
export const wirePost: Wire<XPost> = post

/** X's API with one of its tokens. X says when its limit ends in seconds since 1970, in a header of its own. */
export function api(options: Options, token: () => Promise<string>): Client {
  return client({
    baseUrl: options.baseUrl,
    headers: async () => ({ authorization: `Bearer ${await token()}` }),
    code: codeOf,
    vendorCode,
    async fetch(input, init) {
      const response = await (options.fetch ?? fetch)(input, init)
      const [reset, date] = [response.headers.get('x-rate-limit-reset'), response.headers.get('date') ?? '']
      const wait = Number(reset) - Date.parse(date) / 1000 // by X's clock: ours may be another
      if (response.status !== 429 || response.headers.has('retry-after') || !(wait > 0)) return response
      const headers = new Headers(response.headers)
      headers.set('retry-after', String(Math.ceil(wait)))
      return new Response(response.body, { status: 429, headers })
    },
  })
}
