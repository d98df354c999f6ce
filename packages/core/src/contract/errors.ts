/** Why something was not done, and so what happens next. */
export type Code =
  /** Set-up is wrong: the adapter pauses, the work is kept. */
  | 'config'
  | 'auth'
  | 'forbidden'
  /** It can never work: dead letter. */
  | 'invalid'
  | 'not_found'
  | 'unsupported'
  | 'conflict'
  /** Consent, suppression or the provider's block list: recorded as consent. */
  | 'blocked'
  /** The address is bad: it is marked. */
  | 'undeliverable'
  /** Later, at `retryAfterMs`. */
  | 'rate_limited'
  /** Network, time-out, 5xx on a read or before the request was taken: back off. */
  | 'unavailable'
  /** A write may have been taken: look it up, never resend blindly. */
  | 'unknown'
  /** Not authentic: 401, nothing stored. */
  | 'signature'
  /** A vendor or an adapter broke its shape. */
  | 'contract'

export interface ErrorDetails {
  readonly cause?: unknown
  /** How long to wait before asking again, in milliseconds. */
  readonly retryAfterMs?: number
  readonly vendor?: { readonly status?: number; readonly code?: string }
  /** The path of the field that is wrong: `accountSid`, `items[0].due`. */
  readonly field?: string
}

const brand: unique symbol = Symbol.for('@prm/error') as never

/** The one error of @prm. Its message holds no patron data; recognise it with `PrmError.is`, across copies of core. */
export class PrmError extends Error {
  static is(value: unknown): value is PrmError {
    return typeof value === 'object' && value !== null && brand in value
  }
  override readonly name = 'PrmError'
  readonly code: Code
  readonly retryAfterMs?: number
  readonly vendor?: { readonly status?: number; readonly code?: string }
  readonly field?: string
  constructor(code: Code, message: string, details: ErrorDetails = {}) {
    super(message, 'cause' in details ? { cause: details.cause } : undefined)
    this.code = code
    if (details.retryAfterMs !== undefined) this.retryAfterMs = details.retryAfterMs
    if (details.vendor !== undefined) this.vendor = details.vendor
    if (details.field !== undefined) this.field = details.field
    Object.defineProperty(this, brand, { value: true })
  }
}
