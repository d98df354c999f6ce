import type { Wire } from '@prm/kit'
import * as z from 'zod/mini'

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
export const wireAccount: Wire<Account> = account

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
