import type { Wire } from '@prm/kit'
import * as z from 'zod/mini'

const text = z.string()
export interface StrongRef {
  readonly uri: string
  readonly cid: string
}
const strongRef = z.object({ uri: text, cid: text })

/** What a post is made of, as far as we read it. Anybody writes these: what is no good in it is as if it were not there. */
export interface PostRecord {
  readonly text: string
  readonly createdAt: string
  readonly langs: readonly string[]
  readonly tags: readonly string[]
  readonly reply?: { readonly root: StrongRef; readonly parent: StrongRef } | undefined
  /** The accounts that it names. */
  readonly mentions: readonly string[]
  /** What a card or a picture in it says. */
  readonly beside: readonly string[]
}
const feature = z.object({ $type: text, did: z.optional(text) })
const shown = {
  external: z.catch(z.optional(z.object({ title: text, description: text })), undefined),
  images: z.catch(z.optional(z.array(z.object({ alt: text })).check(z.maxLength(10))), undefined),
}
export const postRecord: Wire<PostRecord> = z.pipe(
  z.object({
    text: text.check(z.maxLength(3000)),
    createdAt: text,
    langs: z.catch(z._default(z.array(text), []), []),
    tags: z.catch(z._default(z.array(text).check(z.maxLength(20)), []), []),
    reply: z.catch(z.optional(z.object({ root: strongRef, parent: strongRef })), undefined),
    facets: z.catch(z._default(z.array(z.object({ features: z.array(feature) })), []), []),
    embed: z.catch(
      z.optional(z.object({ ...shown, media: z.catch(z.optional(z.object(shown)), undefined) })),
      undefined,
    ),
  }),
  z.transform(({ facets, embed, ...rest }) => ({
    ...rest,
    mentions: facets.flatMap(({ features }) =>
      features.flatMap(({ $type, did }) => ($type === 'app.bsky.richtext.facet#mention' && did ? [did] : [])),
    ),
    beside: [embed, embed?.media].flatMap((one) => [
      ...(one?.external ? [one.external.title, one.external.description] : []),
      ...(one?.images ?? []).map(({ alt }) => alt),
    ]),
  })),
)

const author = z.object({ did: text, viewer: z.optional(z.object({ blockedBy: z.optional(z.boolean()) })) })
/** `#postView`, and what a notification has in common with it. */
const seen = { uri: text, cid: text, author, record: z.unknown(), indexedAt: text }
export interface View {
  readonly uri: string
  readonly cid: string
  readonly author: { readonly did: string; readonly viewer?: { readonly blockedBy?: boolean | undefined } | undefined }
  readonly record: unknown
  readonly indexedAt: string
  readonly viewer?: { readonly replyDisabled?: boolean | undefined } | undefined
}
export const view: Wire<View> = z.object({
  ...seen,
  viewer: z.optional(z.object({ replyDisabled: z.optional(z.boolean()) })),
})
export interface Notification extends View {
  readonly reason: string
  readonly reasonSubject?: string | undefined
}
export const notification: Wire<Notification> = z.object({ ...seen, reason: text, reasonSubject: z.optional(text) })

/** Rows are read one by one: a bad one stops no other. */
export interface Page {
  readonly rows: readonly unknown[]
  readonly cursor?: string | undefined
}
const page = <N extends string>(name: N): Wire<Page> =>
  z.pipe(
    z.looseObject({ [name]: z.array(z.unknown()), cursor: z.optional(text) }),
    z.transform((all) => ({ rows: all[name] as unknown[], cursor: all.cursor as string | undefined })),
  )
export const posts: Wire<Page> = page('posts')
export const notifications: Wire<Page> = page('notifications')
export const written: Wire<StrongRef> = strongRef
export const handle: Wire<{ readonly did: string }> = author
export interface Profile {
  readonly labels: readonly { readonly src: string; readonly val: string }[]
}
export const profile: Wire<Profile> = z.object({
  labels: z.catch(z._default(z.array(z.object({ src: text, val: text })), []), []),
})
export const anything: Wire<unknown> = z.unknown()

/** What fits, or nothing. */
export function fits<T>(wire: Wire<T>, value: unknown): T | undefined {
  const result = wire['~standard'].validate(value)
  return result instanceof Promise || result.issues ? undefined : result.value
}
