import type { Secret } from '@prm/core/adapter'
import { isSecret, type Wire } from '@prm/kit'
import type { Prices } from '@prm/kit/line-type'
import * as z from 'zod/mini'

export interface KannelConfig {
  /** Where smsbox listens (`sendsms-port`): `https://sms.library.example:13013`. */
  readonly baseUrl: string
  /** Of the gateway's `sendsms-user` group. */
  readonly username: string
  readonly password: Secret
  /** Kannel signs nothing: whoever knows this may post texts and reports. 16 characters of letters, digits, - and _ at least. */
  readonly callbackSecret: Secret
  /** During a change of it: texts and reports may still carry it. */
  readonly previousCallbackSecret?: Secret | undefined
  /** A number, a short code or a sender name; without it the gateway's own `default-sender` or `global-sender`. */
  readonly from?: string | undefined
  /** The country whose numbers the operator gives without a country code, ISO 3166: `US`. Without it all have to have theirs. */
  readonly region?: string | undefined
  /** Which of the gateway's connections sends (`smsc-id`). */
  readonly smsc?: string | undefined
  /** `max-messages` of the `sendsms-user` group: Kannel cuts what is longer, and says that it took it. Its default is 1. */
  readonly maxParts?: number | undefined
  /** Per part: one price, or one per country of the recipient (ISO 3166, `US`), `'*'` for the rest. */
  readonly price?: Prices | undefined
  /** Parts that `from` may send: what the operator allows. */
  readonly rate?: { readonly perSecond?: number; readonly perDay?: number } | undefined
  /** The path of `sendsms-url`. */
  readonly path?: string | undefined
}

const secret = z.custom<Secret>(isSecret, 'a string, or a function that returns one')
/** It goes into a URL in which Kannel reads `%` as its own. */
const plain = z.custom<Secret>(
  (value) => typeof value === 'function' || (typeof value === 'string' && isPlain(value)),
  'at least 16 letters, digits, - or _, or a function that returns them',
)
export const isPlain = (text: string): boolean => /^[\w-]{16,200}$/.test(text)

const word = z.string().check(z.regex(/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/, 'plain ASCII, without line breaks'))
const price = z.strictObject({
  micros: z.number().check(z.nonnegative('millionths of the currency, 0 or more')),
  currency: z.string().check(z.regex(/^[A-Z]{3}$/, 'an ISO 4217 code, such as USD')),
})
const parts = z.exactOptional(z.number().check(z.positive('a number of parts above 0')))
const country = z.string().check(z.regex(/^([A-Z]{2}|\*)$/, 'countries such as US, or *'))
const sender = /^(\+?\d{3,15}|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11})$/

export const kannelConfig: Wire<Options> = z
  .strictObject({
    baseUrl: z.url({ protocol: /^https?$/, error: 'a URL such as http://127.0.0.1:13013' }),
    username: word,
    password: secret,
    callbackSecret: plain,
    previousCallbackSecret: z.optional(plain),
    from: z.optional(z.string().check(z.regex(sender, 'a number, a short code or a sender name'))),
    region: z.optional(z.string().check(z.regex(/^[A-Z]{2}$/, 'a country in two capitals, such as US'))),
    smsc: z.optional(word),
    maxParts: z._default(z.int().check(z.minimum(1), z.maximum(255)), 1),
    price: z.optional(
      z.union([price, z.record(country, price)], 'a price { micros, currency } per part, or one per country { US: … }'),
    ),
    rate: z.optional(z.strictObject({ perSecond: parts, perDay: parts })),
    path: z._default(z.string().check(z.startsWith('/', 'a path such as /cgi-bin/sendsms')), '/cgi-bin/sendsms'),
  })
  .check(z.refine(({ from, rate }) => from !== undefined || !rate, { error: 'a rate is of from', path: ['rate'] }))
/** The config with its defaults. */
export type Options = KannelConfig & { readonly maxParts: number; readonly path: string }
