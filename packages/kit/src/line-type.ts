/** In a file and subpath of its own: `/max` weighs twice what `/min` does. */
import type { Address, Price } from '@prm/core/adapter'
import { parsePhoneNumberFromString } from 'libphonenumber-js/max'

/**
 * What the numbering plan says of an E.164 number. It is `unknown` wherever landlines and mobiles share their numbers, as
 * in the US and Canada, and it knows nothing of numbers that were ported.
 */
export function lineType(e164: string): 'mobile' | 'landline' | 'unknown' {
  if (e164.startsWith('+1') && !islands.test(e164)) return 'unknown' // Known without asking, which costs 9 µs.
  const type = parsePhoneNumberFromString(e164)?.getType()
  return type === 'MOBILE' ? 'mobile' : type === 'FIXED_LINE' ? 'landline' : 'unknown'
}

/** Within +1, the area codes of countries whose plans tell (libphonenumber's `/max` metadata). */
const islands = /^\+1(242|246|264|268|284|345|441|473|649|658|664|684|721|758|767|784|809|829|849|868|869|876)/

/** The ISO 3166 country of an E.164 number, `US`, where the numbering plan tells. */
export function countryOf(e164: string): string | undefined {
  return parsePhoneNumberFromString(e164)?.country
}

/** Per part: one price, or one per country of the recipient (ISO 3166, `US`), `'*'` for the rest. */
export type Prices = Price | { readonly [country: string]: Price }

/** What a part to this address costs, where that is known. */
export function priceTo(prices: Prices | undefined, to?: Address): Price | undefined {
  if (typeof prices?.micros === 'number') return prices as Price
  const priced = prices as { readonly [country: string]: Price } | undefined
  return priced?.[(to && countryOf(to.value)) ?? '*'] ?? priced?.['*']
}
