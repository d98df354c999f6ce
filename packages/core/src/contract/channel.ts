// The facet that sends to one person at one address, looks messages up and knows opt-outs.
import type { Address } from './address.ts'
import type { Context } from './context.ts'
import type { Delivery } from './events.ts'
import type { Content } from './interaction.ts'
import type { Duration, Instant, LocalDate, Medium, Price } from './primitives.ts'

/** Speaks to one person at one address. */
export interface Channel<Raw = unknown> {
  readonly medium: Medium
  readonly schemes: readonly [Address['scheme'], ...Address['scheme'][]]
  /** Who else may see it: core keeps titles out of `glanceable` (SMS, push, subject lines) and `public`. */
  readonly exposure: 'private' | 'glanceable' | 'public'
  /**
   * Our numbers or mailboxes. With a rate or a daily cap, in units as `measure` counts them, each message gets its turn: what
   * the provider's queue could not send in time waits with us.
   */
  readonly senders?: readonly { readonly address: Address; readonly perSecond?: number; readonly perDay?: number }[]
  readonly limits: {
    /** How long the provider keeps a message before it fails it (Twilio: 10 h). */
    readonly maxQueueTime?: Duration
    /** The provider refuses a second send with the same key. */
    readonly idempotent: boolean
    /** How long after a call a message it took may still be missing from `lookup`; the default is 60 s. */
    readonly visibleAfter?: Duration
  }
  /** Pure. What this content costs on this channel, to this address, and what is wrong with it. */
  measure(content: Content, to?: Address): Measurement
  /** Returns what was taken; everything else throws a PrmError: `unknown` when it may have been taken. */
  send(message: Outbound, ctx: Context): Promise<Receipt<Raw>>
  /**
   * Did the provider take this, and what became of it? Settles an unknown outcome, and asks for missing reports (by `id`).
   * `unsure`: it may still be in flight or not listed yet, ask later. Only `absent`, after a settling time, allows a resend.
   */
  lookup?(query: LookupQuery, ctx: Context): Promise<Receipt<Raw> | 'absent' | 'unsure'>
  /**
   * Deletes what the provider keeps of a message, for a patron who is erased: one of ours by its provider id, one received
   * by its `origin` or key. `not_found` is as good as done; one that is on its way yet throws, and is asked for again.
   */
  remove?(id: string, ctx: Context): Promise<void>
  /**
   * Puts an address on the provider's own block list, or takes it off: what was said at a desk, by mail or in words that the
   * provider does not know. Told again after an error, so twice must be as good as once.
   */
  setOptOut?(said: OptOutEntry, ctx: Context): Promise<void>
}

/** The latest word on an address, for all purposes. `id` is the same whenever it is told. */
export interface OptOutEntry {
  readonly id: string
  readonly address: Address
  readonly optedOut: boolean
  readonly at: Instant
}

/** A message to look for, by the provider's clock between `from` and `until`: these allow for a host's that is 15 minutes off. */
export interface LookupQuery {
  readonly key: string
  readonly id?: string
  readonly to: Address
  readonly from: Instant
  readonly until: Instant
  readonly content: Content
  /** Provider ids already bound to other messages for this address: a family gets the same text twice, rightly. */
  readonly excludeProviderIds: readonly string[]
}

export interface Measurement {
  readonly units: number
  readonly unit: 'part' | 'message' | (string & {})
  readonly encoding?: 'gsm7' | 'ucs2'
  /** Absent when no price is configured; never 0 for "unknown". */
  readonly cost?: Price
  readonly tooLong?: boolean
  /** Why this channel cannot reach this address, for a person to read: `a landline`. */
  readonly unreachable?: string
  readonly warnings: readonly string[]
}

/** `expireAt` goes to the provider too, where it can (Twilio's ValidityPeriod): a long queue must not deliver old news. */
export interface Outbound {
  readonly key: string
  readonly to: Address
  readonly from?: Address
  readonly content: Content
  readonly purpose: string
  /** What the patron wrote that this answers, oldest first: the keys of this adapter's facts, and when it was written. */
  readonly inReplyTo?: readonly { readonly key: string; readonly subject?: string; readonly at?: Instant | LocalDate }[]
  readonly expireAt?: Instant
}

export interface Receipt<Raw = unknown> {
  readonly id?: string
  readonly from?: Address
  readonly state: Delivery
  /** The vendor's error number, where it took the message and then failed it, and what that says of the address. */
  readonly code?: string
  readonly addressStatus?: 'undeliverable' | 'blocked'
  /** What the provider counts and charges, where it says so already. */
  readonly units?: number
  readonly cost?: Price
  readonly raw: Raw
}
