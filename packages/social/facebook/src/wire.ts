import type { Instant } from '@prm/core'
import type { Wire } from '@prm/kit'
import * as z from 'zod/mini'

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

// ── webhooks ─────────────────────────────────────────────────────────────────────────────────
/** Of the fields `feed` and `mention`. */
export interface Change {
  readonly item?: Text
  readonly verb?: Text
  readonly post_id?: Text
  readonly comment_id?: Text
  readonly parent_id?: Text
  readonly from?: One
  readonly sender_id?: Text
  readonly message?: Text
  readonly reaction_type?: Text
  readonly created_time?: Time
  readonly edited_time?: Time
  readonly photo?: unknown
  readonly photos?: unknown
  readonly video?: unknown
  readonly link?: unknown
}
const change = z.object({
  item: text,
  verb: text,
  post_id: maybe(id),
  comment_id: maybe(id),
  parent_id: maybe(id),
  from: one,
  sender_id: maybe(id),
  message: text,
  reaction_type: text,
  created_time: time,
  edited_time: time,
  photo: anything,
  photos: anything,
  video: anything,
  link: anything,
})
export const wireChange: Wire<Change> = change

export interface Attached {
  readonly type?: Text
  readonly title?: Text
  readonly payload?: { readonly url?: Text } | null | undefined
}
/** One of Messenger's. */
export interface Event {
  readonly sender?: One
  readonly timestamp?: Time
  readonly message?: {
    readonly mid: string
    readonly text?: Text
    readonly is_echo?: boolean | null | undefined
    readonly app_id?: Text
    readonly metadata?: Text
    readonly attachments?: readonly Attached[] | null | undefined
  }
  readonly message_edit?: { readonly mid: string; readonly text?: Text; readonly num_edit?: Time }
  readonly postback?: { readonly mid?: Text; readonly title?: Text }
  readonly delivery?: { readonly mids?: readonly string[] | null | undefined; readonly watermark?: Time }
  readonly read?: { readonly watermark?: Time }
}
const attached = z.object({ type: text, title: text, payload: maybe(z.object({ url: text })) })
const message = z.object({
  mid: z.string(),
  text,
  is_echo: maybe(z.boolean()),
  app_id: maybe(id),
  metadata: text,
  attachments: maybe(z.array(attached)),
})
export const wireEvent: Wire<Event> = z.object({
  sender: one,
  timestamp: time,
  message: z.exactOptional(message),
  message_edit: z.exactOptional(z.object({ mid: z.string(), text, num_edit: time })),
  postback: z.exactOptional(z.object({ mid: text, title: text })),
  delivery: z.exactOptional(z.object({ mids: maybe(z.array(z.string())), watermark: time })),
  read: z.exactOptional(z.object({ watermark: time })),
})

export interface Notification {
  readonly object: string
  readonly entry: readonly {
    readonly id: string
    readonly changes?: readonly { readonly field?: string | undefined; readonly value?: unknown }[] | undefined
    readonly messaging?: readonly unknown[] | undefined
  }[]
}
export const wireNotification: Wire<Notification> = z.object({
  object: z.string(),
  entry: z.array(
    z.object({
      id,
      changes: z.optional(z.array(z.object({ field: z.optional(z.string()), value: z.optional(z.unknown()) }))),
      messaging: z.optional(z.array(z.unknown())),
    }),
  ),
})

// ── the Graph API ────────────────────────────────────────────────────────────────────────────
export interface Paging {
  readonly next?: Text
  readonly cursors?: { readonly after?: Text } | null | undefined
}
export interface Page<T> {
  readonly data: readonly T[]
  readonly paging?: Paging | null | undefined
}
const paging = maybe(z.object({ next: text, cursors: maybe(z.object({ after: text })) }))
const pageOf = <T extends z.core.$ZodType>(type: T) => z.object({ data: z.array(type), paging })

/** A comment, as far as it is read here. */
export interface Comment {
  readonly id: string
  readonly from?: One
  readonly message?: Text
  readonly created_time?: Text
  readonly parent?: One
  readonly attachment?: unknown
}
const comment = z.object({ id, from: one, message: text, created_time: text, parent: one, attachment: anything })
export const wireComment: Wire<Comment> = comment
export const wireComments: Wire<Page<Comment>> = pageOf(comment)

export interface Post {
  readonly id: string
  readonly from?: One
  readonly message?: Text
  readonly story?: Text
  readonly created_time?: Text
  readonly attachments?: unknown
  readonly comments?: Page<Comment> | null | undefined
}
const post = z.object({
  id,
  from: one,
  message: text,
  story: text,
  created_time: text,
  attachments: anything,
  comments: maybe(pageOf(comment)),
})
export const wirePosts: Wire<Page<Post>> = pageOf(post)

/** A message of a conversation; `mime_type` only where there is a file. */
export interface Message {
  readonly id: string
  readonly from?: One
  readonly message?: Text
  readonly created_time?: Text
  readonly attachments?: Page<{ readonly [name: string]: unknown }> | null | undefined
}
const stored = z.object({
  id,
  from: one,
  message: text,
  created_time: text,
  attachments: maybe(pageOf(z.record(z.string(), z.unknown()))),
})
export const wireMessage: Wire<Message> = stored
export interface Conversation {
  readonly updated_time?: Text
  readonly messages?: Page<Message> | null | undefined
}
export const wireConversations: Wire<Page<Conversation>> = pageOf(
  z.object({ updated_time: text, messages: maybe(pageOf(stored)) }),
)

export const wireMade: Wire<{ readonly id: string }> = z.object({ id })
export const wireSent: Wire<{ readonly message_id: string }> = z.object({ message_id: z.string() })
export const wireDone: Wire<{ readonly success?: unknown }> = z.object({ success: anything })

/** Seconds or milliseconds since 1970, or `2026-11-24T16:00:00+0000`. Nothing where it is no time. */
export function instantOf(said: Time): Instant | undefined {
  const ms =
    typeof said === 'number' ? (said < 1e11 ? said * 1000 : said) : Date.parse(said?.replace(zone, '$1:$2') ?? '')
  return Number.isFinite(ms) && Math.abs(ms) < 8.64e15 ? new Date(ms).toISOString() : undefined
}
const zone = /([+-]\d\d)(\d\d)$/
