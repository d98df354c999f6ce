import type { Price } from '@prm/core/adapter' // @channel
import type { Wire } from '@prm/kit'
import * as z from 'zod/mini'
import { type Access, access } from './auth.ts'
import { type Signing, signing } from './signature.ts' // @webhook

/** YOUR FIRST EDIT: where Carrier Pigeon's API is. */
const endpoint = 'https://api.carrier-pigeon.example/v1'

export interface CarrierPigeonConfig extends Access /* @webhook { */, Signing /* @} */ {
  // @channel {
  /** The number that texts come from, in E.164. */
  readonly from: string
  /** Per part of a text. Without it there is no cost, never 0. */
  readonly price?: Price | undefined
  // @}
  /** Where Carrier Pigeon is; the simulator's `url` in tests. */
  readonly baseUrl?: string | undefined
}

/** The config with its defaults. */
export type Options = CarrierPigeonConfig & { readonly baseUrl: string }

/** Strict: a setting that there is not is an error that names it. */
export const carrierPigeonConfig: Wire<Options> = z.strictObject({
  ...access,
  ...signing, // @webhook
  // @channel {
  from: z.string().check(z.regex(/^\+[1-9]\d{6,14}$/, 'a number in E.164, such as +12125550100')),
  price: z.optional(
    z.strictObject({
      micros: z.number().check(z.nonnegative('millionths of the currency, 0 or more')),
      currency: z.string().check(z.regex(/^[A-Z]{3}$/, 'an ISO 4217 code, such as USD')),
    }),
  ),
  // @}
  baseUrl: z._default(z.url('a URL'), endpoint),
})
