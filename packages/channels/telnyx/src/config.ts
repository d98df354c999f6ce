import type { Secret } from '@prm/core/adapter'
import { ed25519Key, isSecret, type Wire } from '@prm/kit'
import type { Prices } from '@prm/kit/line-type'
import * as z from 'zod/mini'

export interface TelnyxConfig {
  readonly apiKey: Secret
  /** The account's public key, base64 as Mission Control shows it: Telnyx signs every webhook with its other half. */
  readonly publicKey: string
  /** During a rotation: webhooks may still be signed for it. */
  readonly previousPublicKey?: string | undefined
  /** A number in E.164, a short code or, beside a profile, a sender name. Without it the profile's number pool sends. */
  readonly from?: string | undefined
  readonly messagingProfileId?: string | undefined
  /** Per part: one price, or one per country of the recipient (ISO 3166, `US`), `'*'` for the rest. */
  readonly price?: Prices | undefined
  /** Parts that `from` may send: what the number type or 10DLC campaign allows. */
  readonly rate?: { readonly perSecond?: number; readonly perDay?: number } | undefined
  readonly baseUrl?: string | undefined
}

const secret = z.custom<Secret>(isSecret, 'a string, or a function that returns one')
const key = z
  .string()
  .check(z.refine((text) => ed25519Key(text) !== undefined, 'an Ed25519 public key of 32 bytes in base64'))
const sender = /^(\+[1-9]\d{6,14}|\d{3,8}|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11})$/
const price = z.strictObject({
  micros: z.number().check(z.nonnegative('millionths of the currency, 0 or more')),
  currency: z.string().check(z.regex(/^[A-Z]{3}$/, 'an ISO 4217 code, such as USD')),
})
const parts = z.exactOptional(z.number().check(z.positive('a number of parts above 0')))
const country = z.string().check(z.regex(/^([A-Z]{2}|\*)$/, 'countries such as US, or *'))
const error = 'from or messagingProfileId, both for a sender name, and a rate only of from'

export const telnyxConfig: Wire<Options> = z
  .strictObject({
    apiKey: secret,
    publicKey: key,
    previousPublicKey: z.optional(key),
    from: z.optional(z.string().check(z.regex(sender, 'a number in E.164, a short code or a sender name'))),
    messagingProfileId: z.optional(z.string().check(z.regex(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i, 'a UUID'))),
    price: z.optional(
      z.union([price, z.record(country, price)], 'a price { micros, currency } per part, or one per country { US: … }'),
    ),
    rate: z.optional(z.strictObject({ perSecond: parts, perDay: parts })),
    baseUrl: z._default(z.url('a URL'), 'https://api.telnyx.com/v2'),
  })
  .check(
    z.refine(
      ({ from, messagingProfileId: profile, rate }) =>
        from ? Boolean(profile) || /^\+?\d+$/.test(from) : Boolean(profile) && !rate,
      { error, path: ['from'] },
    ),
  )
/** The config with its defaults. */
export type Options = TelnyxConfig & { readonly baseUrl: string }
