import type { Duration, Secret } from '@prm/core/adapter'
import { isSecret, type Wire } from '@prm/kit'
import * as z from 'zod/mini'

export interface BlueskyConfig {
  /** The account's handle, without `@`, or its DID. */
  readonly identifier: string
  /** Made under Settings, Privacy and security, App passwords. */
  readonly appPassword: Secret
  /** Makes pseudonyms of authors: whoever has it can try names. At least 16 characters; with another, authors are others. */
  readonly pseudonymKey: Secret
  /** What is looked for, beside what names the account or answers it. */
  readonly queries?: readonly Query[] | undefined
  /**
   * `tagged`, unless given: posts are answered that name the account or answer it. `approved`: all are, since a person looks
   * at each answer before it is posted.
   */
  readonly answer?: 'tagged' | 'approved' | undefined
  /** Of our answers, at most three: `en`. */
  readonly languages?: readonly string[] | undefined
  /** From the end of one look to the next: `10m` unless given, `10s` with a stream. */
  readonly every?: Duration | undefined
  /** The Jetstream is held between two looks. */
  readonly stream?: Stream | undefined
  /** Where the account is kept, or what stands before it; `https://bsky.social` unless given. */
  readonly baseUrl?: string | undefined
  readonly fetch?: typeof fetch | undefined
}
/** One query pack: posts that hold one of `any` and none of `none`, as whole words in any case. */
export interface Query {
  readonly name: string
  readonly any: readonly string[]
  readonly none?: readonly string[] | undefined
  /** Of posts that name a language: those in one of these, such as `en`. */
  readonly languages?: readonly string[] | undefined
}
export interface Stream {
  /** `/subscribe` is v1, `/xrpc/network.bsky.jetstream.subscribeEvents` v2. */
  readonly url?: string | undefined
  /** How long one look holds it; `5m` unless given. */
  readonly hold?: Duration | undefined
}

const secret = z.custom<Secret>(isSecret, 'a string, or a function that returns one')
const text = z.string().check(z.trim(), z.minLength(1, 'a text that is not empty'), z.maxLength(200, 'at most 200'))
const duration = z.custom<Duration>((value) => /^[1-9]\d*(s|m|h)$/.test(String(value)), 'a duration such as 10m')
const languages = z.array(z.string().check(z.regex(/^[a-z]{2,3}(-\w+)*$/i, 'a language such as en')))

export const blueskyConfig: Wire<Options> = z.pipe(
  z.strictObject({
    identifier: z
      .string()
      .check(z.regex(/^(did:[a-z]+:[\w.:%-]+|[^@\s]+\.[a-z][a-z\d-]*)$/i, 'a handle without @, or a DID')),
    appPassword: secret,
    pseudonymKey: z.custom<Secret>(
      (value) => isSecret(value) && (typeof value === 'function' || value.length >= 16),
      'at least 16 characters, or a function that returns them',
    ),
    queries: z._default(
      z
        .array(
          z.strictObject({
            name: text,
            any: z.array(text).check(z.minLength(1, 'at least one word'), z.maxLength(20, 'at most 20')),
            none: z.optional(z.array(text)),
            languages: z.optional(languages),
          }),
        )
        .check(z.refine((all) => new Set(all.map(({ name }) => name)).size === all.length, 'a name for each query')),
      [],
    ),
    answer: z._default(z.enum(['tagged', 'approved']), 'tagged'),
    languages: z._default(languages.check(z.maxLength(3, 'at most three')), []),
    every: z.optional(duration),
    stream: z.optional(
      z.strictObject({
        url: z._default(
          z.url({ protocol: /^wss?$/, error: 'a wss URL' }),
          'wss://jetstream2.us-east.bsky.network/subscribe',
        ),
        hold: z._default(duration, '5m'),
      }),
    ),
    baseUrl: z._default(z.url({ protocol: /^https?$/, error: 'a URL' }), 'https://bsky.social'),
    fetch: z.optional(z.custom<typeof fetch>((value) => typeof value === 'function', 'a function like fetch')),
  }),
  z.transform((config) => ({ ...config, every: config.every ?? (config.stream ? '10s' : '10m') })),
)
/** The config with its defaults. */
export interface Options extends BlueskyConfig {
  readonly queries: readonly Query[]
  readonly answer: 'tagged' | 'approved'
  readonly languages: readonly string[]
  readonly every: Duration
  readonly stream?: { readonly url: string; readonly hold: Duration } | undefined
  readonly baseUrl: string
}
