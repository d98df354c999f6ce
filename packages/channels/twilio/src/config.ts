import type { Secret } from '@prm/core/adapter'
import { isSecret, type Wire } from '@prm/kit'
import type { Prices } from '@prm/kit/line-type'
import * as z from 'zod/mini'

export interface TwilioConfig {
  readonly accountSid: string
  /** The account's own token: an API key's secret can send, but signs no webhook (twilio.com/docs/usage/security). */
  readonly authToken: Secret
  /** During a rotation: webhooks may still be signed with it. */
  readonly previousAuthToken?: Secret | undefined
  /** Exactly one of these: a number in E.164, a short code or an alphanumeric sender; or a Messaging Service. */
  readonly from?: string | undefined
  readonly messagingServiceSid?: string | undefined
  /** Per part: one price, or one per country of the recipient (ISO 3166, `US`), `'*'` for the rest. */
  readonly price?: Prices | undefined
  /** Parts that `from` may send: what the account or 10DLC campaign allows (since 2021; support.twilio.com 115002943027). */
  readonly rate?: { readonly perSecond?: number; readonly perDay?: number } | undefined
  readonly baseUrl?: string | undefined
}

const secret = z.custom<Secret>(isSecret, 'a string, or a function that returns one')
/** Twilio's are 32 hexadecimal digits; servers that speak its API are not always so strict. */
const sid = (prefix: string) =>
  z
    .string()
    .check(z.regex(new RegExp(`^${prefix}[0-9a-zA-Z]+$`), `a text that begins with ${prefix}, such as ${prefix}0123…`))
const sender = /^(\+[1-9]\d{6,14}|\d{3,8}|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11})$/
const price = z.strictObject({
  micros: z.number().check(z.nonnegative('millionths of the currency, 0 or more')),
  currency: z.string().check(z.regex(/^[A-Z]{3}$/, 'an ISO 4217 code, such as USD')),
})
const error = 'exactly one of from and messagingServiceSid, and a rate only of from'
const parts = z.exactOptional(z.number().check(z.positive('a number of parts above 0')))
const country = z.string().check(z.regex(/^([A-Z]{2}|\*)$/, 'countries such as US, or *'))

export const twilioConfig: Wire<Options> = z
  .strictObject({
    accountSid: sid('AC'),
    authToken: secret,
    previousAuthToken: z.optional(secret),
    from: z.optional(z.string().check(z.regex(sender, 'a number in E.164, a short code or a sender name'))),
    messagingServiceSid: z.optional(sid('MG')),
    price: z.optional(
      z.union([price, z.record(country, price)], 'a price { micros, currency } per part, or one per country { US: … }'),
    ),
    rate: z.optional(z.strictObject({ perSecond: parts, perDay: parts })),
    baseUrl: z._default(z.url('a URL'), 'https://api.twilio.com'),
  })
  .check(z.refine(({ from, messagingServiceSid: mg, rate }) => (from ? !mg : mg && !rate), { error, path: ['from'] }))
/** The config with its defaults. */
export type Options = TwilioConfig & { readonly baseUrl: string }

/** A path below the account, such as `/Messages.json`. */
export const pathOf = ({ accountSid }: Options, rest: string): string => `2010-04-01/Accounts/${accountSid}${rest}`
