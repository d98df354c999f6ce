// The facet that tells a source the results of its notices.
import type { Context } from './context.ts'
import type { Delivery } from './events.ts'
import type { Instant } from './primitives.ts'
import type { Ref } from './ref.ts'

/**
 * Tells the source what became of its notices (an i-tiva result file, Koha's queue). It runs as a job of its own group, and
 * again when it threw: telling a result twice must be as good as once. Those that it could not tell it may give back: they
 * alone are told again then.
 */
export interface WriteBack {
  report(results: readonly NoticeResult[], ctx: Context): Promise<readonly NoticeResult[] | undefined>
}

/** What became of one notice: `about` is the fact, `origin` what its source calls it. */
export interface NoticeResult {
  readonly about: Ref
  readonly origin?: string
  readonly state: Delivery | 'not-sent'
  /** The rule that spoke against it, or what the provider said; no patron data. */
  readonly reason?: string
  readonly at: Instant
}
