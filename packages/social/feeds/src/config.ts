import { type Duration, PrmError, type Secret } from '@prm/core/adapter'
import { isSecret, resolve, type Wire } from '@prm/kit'
import * as z from 'zod/mini'

export interface FeedsConfig {
  readonly feeds: readonly Source[]
  /** Makes pseudonyms of authors: whoever has it can try names. At least 16 characters; with another, authors are others. */
  readonly pseudonymKey: Secret
  /** `30m` unless given. */
  readonly every?: Duration | undefined
  /** How much of a feed is read, unpacked; 4 MiB unless given, 16 MiB at the most. */
  readonly maxBytes?: number | undefined
  readonly fetch?: typeof fetch | undefined
}
export interface Source {
  /** Letters, digits, `.`, `_` and `-`. It begins the keys of the feed's facts: under another name all is new. */
  readonly name: string
  /** A function where the address itself is a secret, as with Google Alerts: then none that it moved to is kept either. */
  readonly url: Secret
  /** The query pack that it answers. */
  readonly query?: string | undefined
  /** The header of that name. It goes to the origin of `url` alone. */
  readonly authorization?: Secret | undefined
  /** Of what names none. */
  readonly language?: string | undefined
  /** Where all that it tells was written: a town's forum, reviews of one place. */
  readonly place?: string | undefined
}

const secret = z.custom<Secret>(isSecret, 'a string, or a function that returns one')
const isAddress = (value: unknown): value is string =>
  typeof value === 'string' && URL.canParse(value) && /^https?:\/\/[^/?#@]+([/?#]|$)/.test(value)
const filled = z.string().check(z.minLength(1, 'a text that is not empty'))
const mebibyte = 1024 * 1024

export const feedsConfig: Wire<Options> = z.strictObject({
  feeds: z
    .array(
      z.strictObject({
        name: z.string().check(z.regex(/^[\w.-]{1,60}$/, 'up to 60 letters, digits, dots and dashes')),
        url: z.custom<Secret>(
          (value) => typeof value === 'function' || isAddress(value),
          'an http or https URL without a password in it, or a function that returns one',
        ),
        query: z.optional(filled),
        authorization: z.optional(secret),
        language: z.optional(filled),
        place: z.optional(filled),
      }),
    )
    .check(
      z.minLength(1, 'at least one feed'),
      z.refine((all) => new Set(all.map(({ name }) => name)).size === all.length, 'a name for each feed'),
    ),
  pseudonymKey: z.custom<Secret>(
    (value) => isSecret(value) && (typeof value === 'function' || value.length >= 16),
    'at least 16 characters, or a function that returns them',
  ),
  every: z._default(
    z.custom<Duration>((value) => /^[1-9]\d*(s|m|h|d)$/.test(String(value)), 'a duration such as 30m'),
    '30m',
  ),
  maxBytes: z._default(
    z.int().check(z.minimum(1024, 'at least 1024'), z.maximum(16 * mebibyte, 'at most 16 MiB')),
    4 * mebibyte,
  ),
  fetch: z.optional(z.custom<typeof fetch>((value) => typeof value === 'function', 'a function like fetch')),
})
/** The config with its defaults. */
export type Options = FeedsConfig & { readonly every: Duration; readonly maxBytes: number }

/** Throws `config` where a function gave something else, which the message does not show. */
export async function addressOf({ url }: Source): Promise<string> {
  const address = (await resolve(url)).trim()
  if (isAddress(address)) return address
  throw new PrmError('config', 'Its url is a function that gave no http or https URL, or one with a password in it.')
}
