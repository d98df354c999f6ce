import type { Duration, Secret } from '@prm/core/adapter'
import { isSecret, type Wire } from '@prm/kit'
import * as z from 'zod/mini'

export interface MastodonConfig {
  /** Of the instance that the library's account is on: `https://social.example`. */
  readonly baseUrl: string
  /** Of an application with `read:accounts read:notifications read:search read:statuses write:statuses`. */
  readonly accessToken: Secret
  /** Makes pseudonyms of authors: whoever has it can try names. At least 16 characters; with another, authors are others. */
  readonly pseudonymKey: Secret
  readonly tags?: readonly Tag[] | undefined
  /** Finds only what the instance's search covers: see the README. */
  readonly searches?: readonly Search[] | undefined
  /** `2m` unless given. */
  readonly every?: Duration | undefined
  /** Each pull holds the streams for so long once it has caught up: seconds or minutes, such as `5m`. Not for hosts that run once. */
  readonly stream?: Duration | undefined
  /** The instance's own `max_characters`, where it is not 500. `check` compares. */
  readonly maxCharacters?: number | undefined
  /** The instance's own `characters_reserved_per_url`, where it is not 23. */
  readonly urlCharacters?: number | undefined
  readonly fetch?: typeof fetch | undefined
}
export interface Tag {
  /** Without `#`. */
  readonly name: string
  /** Only what was written on the instance itself. */
  readonly local?: boolean | undefined
  /** The query pack that it is of. */
  readonly query?: string | undefined
}
export interface Search {
  readonly text: string
  readonly query?: string | undefined
}

const secret = z.custom<Secret>(isSecret, 'a string, or a function that returns one')
const filled = z.string().check(z.minLength(1, 'a text that is not empty'))
const duration = z.custom<Duration>((value) => /^[1-9]\d*(s|m|h|d)$/.test(String(value)), 'a duration such as 5m')
const count = z.int().check(z.minimum(1, 'at least 1'))

export const mastodonConfig: Wire<Options> = z.strictObject({
  baseUrl: z
    .string()
    .check(
      z.refine(
        (value) => URL.canParse(value) && /^https?:\/\/[^/?#@]+\/?$/.test(value),
        'the http or https URL of an instance, without a path',
      ),
    ),
  accessToken: secret,
  pseudonymKey: z.custom<Secret>(
    (value) => isSecret(value) && (typeof value === 'function' || value.length >= 16),
    'at least 16 characters, or a function that returns them',
  ),
  tags: z._default(
    z.array(
      z.strictObject({
        name: z.string().check(z.regex(/^[\p{L}\p{M}\p{N}_·]+$/u, 'a tag without # and blanks')),
        local: z.optional(z.boolean()),
        query: z.optional(filled),
      }),
    ),
    [],
  ),
  searches: z._default(z.array(z.strictObject({ text: filled, query: z.optional(filled) })), []),
  every: z._default(duration, '2m'),
  stream: z.optional(
    z.custom<Duration>((value) => /^[1-9]\d{0,3}[sm]$/.test(String(value)), 'some seconds or minutes, such as 5m'),
  ),
  maxCharacters: z._default(count, 500),
  urlCharacters: z._default(count, 23),
  fetch: z.optional(z.custom<typeof fetch>((value) => typeof value === 'function', 'a function like fetch')),
})
/** The config with its defaults. */
export type Options = MastodonConfig & {
  readonly tags: readonly Tag[]
  readonly searches: readonly Search[]
  readonly every: Duration
  readonly maxCharacters: number
  readonly urlCharacters: number
}
