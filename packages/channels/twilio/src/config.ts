import type { Price, Secret } from '@prm/core'
import { isSecret, type Wire } from '@prm/kit'
import * as z from 'zod/mini'

export interface TwilioConfig {
  readonly accountSid: string
  /** The account's own token: an API key's secret can send, but signs no webhook (twilio.com/docs/usage/security). */
  readonly authToken: Secret
  /** During a rotation: webhooks may still be signed with it. */
  readonly previousAuthToken?: Secret
  /** Exactly one of these: a number in E.164, a short code or an alphanumeric sender; or a Messaging Service. */
  readonly from?: string
  readonly messagingServiceSid?: string
  /** Per part: one price, or one per country of the recipient (ISO 3166, `US`), `'*'` for the rest. */
  readonly price?: Price | { readonly [country: string]: Price }
  readonly baseUrl?: string
}

const secret = z.custom<Secret>(isSecret, 'a string, or a function that returns one')
const sid = (prefix: string) =>
  z.string().check(z.regex(new RegExp(`^${prefix}[0-9a-fA-F]{32}$`), `${prefix} and 32 hexadecimal digits`))
const price = z.strictObject({
  micros: z.number().check(z.nonnegative('millionths of the currency, 0 or more')),
  currency: z.string().check(z.regex(/^[A-Z]{3}$/, 'an ISO 4217 code, such as USD')),
})
const country = z.string().check(z.regex(/^([A-Z]{2}|\*)$/, 'countries such as US, or *'))

export const twilioConfig: Wire<Options> = z
  .strictObject({
    accountSid: sid('AC'),
    authToken: secret,
    previousAuthToken: z.exactOptional(secret),
    from: z.exactOptional(
      z
        .string()
        .check(
          z.regex(
            /^(\+[1-9]\d{6,14}|\d{3,8}|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11})$/,
            'a number in E.164, such as +12125550100, a short code or a sender name',
          ),
        ),
    ),
    messagingServiceSid: z.exactOptional(sid('MG')),
    price: z.exactOptional(
      z.union([price, z.record(country, price)], 'a price { micros, currency } per part, or one per country { US: … }'),
    ),
    baseUrl: z._default(z.url('a URL'), 'https://api.twilio.com'),
  })
  .check(
    z.refine(({ from, messagingServiceSid }) => (from === undefined) !== (messagingServiceSid === undefined), {
      error: 'exactly one of from and messagingServiceSid',
      path: ['from'],
    }),
  )
/** The config with its defaults. */
export type Options = TwilioConfig & { readonly baseUrl: string }

export const accountPath = ({ accountSid }: Options): string => `2010-04-01/Accounts/${accountSid}`
