import { type Duration, PrmError, type Secret } from '@prm/core/adapter'
import { isSecret, resolve, type Wire } from '@prm/kit'
import * as z from 'zod/mini'

export interface XConfig {
  /** The library's own account: its id, in digits, and its name without `@`. */
  readonly account: { readonly id: string; readonly username: string }
  /** The app's Bearer token: it searches, and looks posts up. */
  readonly appToken: Secret
  /** An access token of the account (OAuth 2.0, about two hours): own mentions and answers. A function, since the host renews it. */
  readonly userToken?: Secret | undefined
  /** The app's API secret: X signs its webhooks with it. */
  readonly consumerSecret?: Secret | undefined
  /** Makes pseudonyms of authors: whoever has it can try ids. At least 16 characters; with another, authors are others. */
  readonly pseudonymKey: Secret
  /** What reading may cost in a calendar month (UTC), in millionths of a dollar: 10 dollars are `10_000_000`. */
  readonly budget: number
  /** What is searched for. None: own mentions alone. */
  readonly queries?: readonly Query[] | undefined
  readonly prices?: Partial<Prices> | undefined
  /** For how many days core keeps the text of a mention, as long as it is asked again whether it still stands; 30 unless given. */
  readonly keepDays?: number | undefined
  /** `15m` unless given. */
  readonly every?: Duration | undefined
  readonly baseUrl?: string | undefined
  readonly fetch?: typeof fetch | undefined
}
export interface Query {
  /** The query pack: letters, digits, `.`, `_` and `-`. */
  readonly name: string
  /** In X's own words, without `from:` the library; 480 characters at the most. */
  readonly query: string
  /** Where all that it finds was written, where it has `place:` or `point_radius:`: X names no place without a charge. */
  readonly place?: string | undefined
}
/** In millionths of a dollar. */
export interface Prices {
  /** The day on which they were looked up. */
  readonly asOf: string
  /** A post that is read, by search or by its id. */
  readonly read: number
  /** A post of one's own, or a mention of one's own account. */
  readonly ownRead: number
  /** A request that counts what a query would find. */
  readonly count: number
  /** An answer to who mentioned or quoted the account. */
  readonly reply: number
  /** A post with a link in it. */
  readonly replyWithLink: number
}
/** X's price page, as of xdevplatform/docs 28713281. */
export const priceList: Prices = {
  asOf: '2026-08-22',
  read: 5_000,
  ownRead: 1_000,
  count: 5_000,
  reply: 10_000,
  replyWithLink: 200_000,
}

const secret = z.custom<Secret>(isSecret, 'a string, or a function that returns one')
const micros = z.optional(z.int().check(z.nonnegative('millionths of a dollar, 0 or more')))

export const xConfig: Wire<Options> = z.pipe(
  z
    .strictObject({
      account: z.strictObject({
        id: z.string().check(z.regex(/^[1-9]\d{0,19}$/, 'the id of the account, in digits')),
        username: z.string().check(z.regex(/^\w{1,15}$/, 'the name of the account without @')),
      }),
      appToken: secret,
      userToken: z.optional(secret),
      consumerSecret: z.optional(secret),
      pseudonymKey: z.custom<Secret>(
        (value) => isSecret(value) && (typeof value === 'function' || value.length >= 16),
        'at least 16 characters, or a function that returns them',
      ),
      budget: z.int().check(z.nonnegative('millionths of a dollar, such as 10_000_000')),
      queries: z._default(
        z
          .array(
            z.strictObject({
              name: z.string().check(z.regex(/^[\w.-]{1,60}$/, 'up to 60 letters, digits, dots and dashes')),
              // X takes 512 (4.2 of its search page), and what is added to leave out our own posts is some of that.
              query: z.string().check(z.regex(/^[\s\S]{1,480}$/u, '1 to 480 characters')),
              place: z.optional(z.string().check(z.minLength(1, 'a place in words'))),
            }),
          )
          .check(z.refine((all) => new Set(all.map(({ name }) => name)).size === all.length, 'a name for each query')),
        [],
      ),
      prices: z.optional(
        z.strictObject({
          asOf: z.optional(z.string().check(z.regex(/^\d{4}-\d\d-\d\d$/, 'a day such as 2026-08-22'))),
          read: micros,
          ownRead: micros,
          count: micros,
          reply: micros,
          replyWithLink: micros,
        }),
      ),
      keepDays: z._default(z.int().check(z.minimum(1, 'at least 1'), z.maximum(90, 'at most 90')), 30),
      every: z._default(
        z.custom<Duration>((value) => /^[1-9]\d*(s|m|h|d)$/.test(String(value)), 'a duration such as 15m'),
        '15m',
      ),
      baseUrl: z._default(z.url(), 'https://api.x.com'),
      fetch: z.optional(z.custom<typeof fetch>((value) => typeof value === 'function', 'a function like fetch')),
    })
    .check(
      z.refine(({ queries, userToken }) => queries.length > 0 || userToken !== undefined, {
        error: 'a query, or the userToken that reads own mentions',
        path: ['queries'],
      }),
    ),
  z.transform((given) => ({ ...given, prices: { ...priceList, ...defined(given.prices ?? {}) } })),
)
/** The config with its defaults. */
export interface Options extends XConfig {
  readonly queries: readonly Query[]
  readonly prices: Prices
  readonly keepDays: number
  readonly every: Duration
  readonly baseUrl: string
}

const defined = (given: object): Partial<Prices> =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))

/** Throws `config` where it is not there. */
export function secretOf(options: Options, field: 'userToken' | 'consumerSecret', what: string): Promise<string> {
  const secret = options[field]
  if (secret === undefined) throw new PrmError('config', `x: ${field} is missing: without it ${what}.`, { field })
  return resolve(secret)
}

/** For people: `12.50 USD`. */
export const dollars = (micros: number): string => `${(micros / 1_000_000).toFixed(micros % 10_000 === 0 ? 2 : 3)} USD`
