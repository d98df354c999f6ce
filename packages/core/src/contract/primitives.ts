/** Anything that survives `JSON.stringify` and `JSON.parse` unchanged. */
export type Json = string | number | boolean | null | { readonly [key: string]: Json } | readonly Json[]

export type Awaitable<T> = T | PromiseLike<T>

/** A secret, or where to get it now. Adapters resolve it on each call and never keep or log it. */
export type Secret = string | (() => Awaitable<string>)

/** RFC 3339, UTC, milliseconds: `2026-11-24T10:00:00.000Z`. */
export type Instant = string

/** A calendar day in the library's zone: `2026-11-24`. Due dates are often days: 23:59 local in the ILS is a day. */
export type LocalDate = string

/** `500ms`, `30s`, `5m`, `8h`, `90d`. */
export type Duration = `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`

/** Minor units of an ISO 4217 currency; never a float. */
export interface Money {
  readonly minor: number
  readonly currency: string
}

/** A provider's price in millionths of the currency's unit (a text costs less than a cent); sums are rounded once. */
export interface Price {
  readonly micros: number
  readonly currency: string
}

/** A daily window in local time, `21:00` to `08:00`; one that ends before it begins crosses midnight. */
export interface Span {
  readonly from: string
  readonly to: string
}

/** The way a message travels. `sms` is a text; a vendor's own medium is any other word. */
export type Medium = 'sms' | 'email' | 'chat' | 'social' | 'voice' | 'print' | 'push' | 'ticket' | (string & {})
