import { type Context, type Instant, PrmError } from '@prm/core/adapter'
import { type Call, client, hmacSha256, resolve, type Wire } from '@prm/kit'
import * as z from 'zod/mini'
import type { Options } from './config.ts'
import { codeOf, numbersIn } from './errors.ts'

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

// What Meta says, loosely: ids come as text and as numbers, and almost everything may be missing where a permission is.
const id = z.pipe(z.union([z.string(), z.number()]), z.transform(String))
const maybe = <T extends z.core.$ZodType>(type: T) => z.optional(z.nullable(type))
const text = maybe(z.string())
const time = maybe(z.union([z.string(), z.number()]))
const one = maybe(z.object({ id }))
const anything = z.optional(z.unknown())
type Text = string | null | undefined
type Time = string | number | null | undefined
type One = { readonly id: string } | null | undefined
type Texts<K extends string> = { readonly [name in K]?: Text }
type Unknowns<K extends string> = { readonly [name in K]?: unknown }

// ── webhooks ─────────────────────────────────────────────────────────────────────────────────
/** Of the fields `feed` and `mention`: from whom is in one of two. */
export type Change = Texts<'item' | 'verb' | 'post_id' | 'comment_id' | 'parent_id' | 'sender_id' | 'message'> &
  Texts<'reaction_type'> &
  Unknowns<'photo' | 'photos' | 'video' | 'link'> & {
    readonly from?: One
    readonly created_time?: Time
    readonly edited_time?: Time
  }
const ids = { post_id: maybe(id), comment_id: maybe(id), parent_id: maybe(id), sender_id: maybe(id), from: one }
const files = { photo: anything, photos: anything, video: anything, link: anything }
const times = { created_time: time, edited_time: time }
const words = { item: text, verb: text, message: text, reaction_type: text }
export const wireChange: Wire<Change> = z.object({ ...ids, ...files, ...times, ...words })

export type Attached = Texts<'type' | 'title'> & { readonly payload?: Texts<'url'> | null | undefined }
/** One of Messenger's. */
export interface Event {
  readonly sender?: One
  readonly timestamp?: Time
  readonly message?: Texts<'text' | 'app_id' | 'metadata'> & {
    readonly mid: string
    readonly is_echo?: boolean | null | undefined
    readonly attachments?: readonly Attached[] | null | undefined
  }
  readonly message_edit?: { readonly mid: string; readonly text?: Text; readonly num_edit?: Time }
  readonly postback?: Texts<'mid' | 'title'>
  readonly delivery?: { readonly mids?: readonly string[] | null | undefined; readonly watermark?: Time }
}
const attached = z.object({ type: text, title: text, payload: maybe(z.object({ url: text })) })
const echo = { is_echo: maybe(z.boolean()), app_id: maybe(id), metadata: text }
export const wireEvent: Wire<Event> = z.object({
  sender: one,
  timestamp: time,
  message: z.exactOptional(z.object({ mid: z.string(), text, ...echo, attachments: maybe(z.array(attached)) })),
  message_edit: z.exactOptional(z.object({ mid: z.string(), text, num_edit: time })),
  postback: z.exactOptional(z.object({ mid: text, title: text })),
  delivery: z.exactOptional(z.object({ mids: maybe(z.array(z.string())), watermark: time })),
})

export interface Notification {
  readonly object: string
  readonly entry: readonly ({ readonly id: string } & Lists<'messaging' | 'standby', unknown> &
    Lists<'changes', Unknowns<'value'> & { readonly field?: string | undefined }>)[]
}
type Lists<K extends string, T> = { readonly [name in K]?: readonly T[] | null | undefined }
const changes = maybe(z.array(z.object({ field: z.optional(z.string()), value: anything })))
const messaging = maybe(z.array(z.unknown()))
export const wireNotification: Wire<Notification> = z.object({
  object: z.string(),
  entry: z.array(z.object({ id, changes, messaging, standby: messaging })),
})

// ── the Graph API ────────────────────────────────────────────────────────────────────────────
export interface Page<T> {
  readonly data: readonly T[]
  readonly paging?: (Texts<'next'> & { readonly cursors?: Texts<'after'> | null | undefined }) | null | undefined
}
const paging = maybe(z.object({ next: text, cursors: maybe(z.object({ after: text })) }))
const pageOf = <T extends z.core.$ZodType>(type: T) => z.object({ data: z.array(type), paging })

/** What a post, a comment and a message of a conversation have in common, as far as it is read here. */
export type Node = { readonly id: string; readonly from?: One } & Texts<'message' | 'created_time'>
const node = { id, from: one, message: text, created_time: text }

export type Comment = Node & Unknowns<'attachment'> & { readonly parent?: One }
const comment = z.object({ ...node, parent: one, attachment: anything })
export const wireComments: Wire<Page<Comment>> = pageOf(comment)

export type Post = Node & Unknowns<'attachments'> & { readonly comments?: Page<Comment> | null | undefined }
export const wirePosts: Wire<Page<Post>> = pageOf(
  z.object({ ...node, attachments: anything, comments: maybe(pageOf(comment)) }),
)

export type Message = Node & { readonly attachments?: Page<{ readonly [name: string]: unknown }> | null | undefined }
const message = z.object({ ...node, attachments: maybe(pageOf(z.record(z.string(), z.unknown()))) })
export type Conversation = Texts<'updated_time'> & { readonly messages?: Page<Message> | null | undefined }
export const wireConversations: Wire<Page<Conversation>> = pageOf(
  z.object({ updated_time: text, messages: maybe(pageOf(message)) }),
)

export const wireNode: Wire<Node> = z.object(node)
export const wireSent: Wire<{ readonly message_id: string }> = z.object({ message_id: z.string() })
export const wireDone: Wire<{ readonly success: true }> = z.object({ success: z.literal(true) })

/** Seconds or milliseconds since 1970, or `2026-11-24T16:00:00+0000`. Nothing where it is no time. */
export function instantOf(said: Time): Instant | undefined {
  const ms =
    typeof said === 'number' ? (said < 1e11 ? said * 1000 : said) : Date.parse(said?.replace(zone, '$1:$2') ?? '')
  return Number.isFinite(ms) && Math.abs(ms) < 8.64e15 ? new Date(ms).toISOString() : undefined
}
const zone = /([+-]\d\d)(\d\d)$/

/** What Meta says of what it took: a comment's id, or a message's. */
export interface FacebookReceipt {
  readonly id: string
}
