import type { Catalogue, Circulation, Directory } from './ils.ts'
import type { Address, Attachment, Content, Interaction, Person, Ref } from './interaction.ts'
import type { Knowledge, Metrics } from './pages.ts'
import type { Delivery, EventType } from './vocabulary.ts'
import type { Duration, Instant, Json, LocalDate, Medium, Price } from './words.ts'

/**
 * A plain object; a facet's presence is the capability. Factories are named after the vendor (`twilio(config)`) and
 * return an exact exported interface, so that hosts need no `?.`. What speaks HTTP takes `baseUrl`.
 */
export interface Adapter<Raw = unknown, Ops extends object = object> {
  readonly spec: 1
  readonly kind: string
  readonly version: string
  readonly emits: readonly EventType[]
  readonly channel?: Channel<Raw>
  readonly inlet?: Inlet
  readonly feed?: Feed
  readonly outcomes?: Outcomes
  readonly directory?: Directory
  readonly circulation?: Circulation
  readonly catalogue?: Catalogue
  readonly knowledge?: Knowledge
  readonly metrics?: Metrics
  /** What only this vendor can do, typed. */
  readonly ops?: Ops
  /** Asks the vendor, with these credentials, what really works here. */
  check?(ctx: Context): Promise<readonly Finding[]>
  close?(): Promise<void>
}

export interface Context {
  /** The adapter's name in this host, and the library it serves. */
  readonly id: string
  readonly library: string
  /** The instance's public URL without query: status callbacks, signature checks. */
  readonly url?: string
  readonly signal: AbortSignal
  now(): Date
  /** No patron data: ids, codes and counts. */
  log(level: 'debug' | 'info' | 'warn' | 'error', message: string, data?: { readonly [key: string]: Json }): void
}

/** `what` is a machine word: `channel.send`, `inlet.receive`. */
export interface Finding {
  readonly what: string
  readonly ok: boolean | 'unknown'
  readonly detail: string
  readonly hint?: string
}

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
    readonly queue?: Duration
    /** The provider refuses a second send with the same key. */
    readonly idempotent: boolean
    /** How long after a call a message it took may still be missing from `find`; the default is 60 s. */
    readonly settle?: Duration
  }
  /** Pure. What this content costs on this channel, to this address, and what is wrong with it. */
  measure(content: Content, to?: Address): Measure
  /** Returns what was taken; everything else throws a PrmError: `unknown` when it may have been taken. */
  send(message: Outbound, ctx: Context): Promise<Receipt<Raw>>
  /**
   * Did the provider take this, and what became of it? Settles an unknown outcome, and asks for missing reports (by `id`).
   * `unsure`: it may still be in flight or not listed yet, ask later. Only `absent`, after a settling time, allows a resend.
   */
  find?(query: Sought, ctx: Context): Promise<Receipt<Raw> | 'absent' | 'unsure'>
  /**
   * Deletes what the provider keeps of a message, for a patron who is erased: one of ours by its provider id, one received
   * by its `origin` or key. `not_found` is as good as done; one that is on its way yet throws, and is asked for again.
   */
  remove?(id: string, ctx: Context): Promise<void>
  /**
   * Puts an address on the provider's own block list, or takes it off: what was said at a desk, by mail or in words that the
   * provider does not know. Told again after an error, so twice must be as good as once.
   */
  block?(said: Blocked, ctx: Context): Promise<void>
}

/** The latest word on an address, for all purposes. `id` is the same whenever it is told. */
export interface Blocked {
  readonly id: string
  readonly address: Address
  readonly blocked: boolean
  readonly at: Instant
}

/** A message to look for, by the provider's clock between `from` and `until`: these allow for a host's that is 15 minutes off. */
export interface Sought {
  readonly key: string
  readonly id?: string
  readonly to: Address
  readonly from: Instant
  readonly until: Instant
  readonly content: Content
  /** Provider ids already bound to other messages for this address: a family gets the same text twice, rightly. */
  readonly taken: readonly string[]
}

export interface Measure {
  readonly units: number
  readonly unit: 'part' | 'message' | (string & {})
  readonly encoding?: 'gsm7' | 'ucs2'
  /** Absent when no price is configured; never 0 for "unknown". */
  readonly cost?: Price
  readonly tooLong?: boolean
  /** Why this channel cannot reach this address, for a person to read: `a landline`. */
  readonly unfit?: string
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
  readonly answers?: readonly { readonly key: string; readonly subject?: string; readonly at?: Instant | LocalDate }[]
  readonly expireAt?: Instant
}

export interface Receipt<Raw = unknown> {
  readonly id?: string
  readonly from?: Address
  readonly state: Delivery
  /** The vendor's error number, where it took the message and then failed it, and what that says of the address. */
  readonly code?: string
  readonly means?: 'undeliverable' | 'blocked'
  /** What the provider counts and charges, where it says so already. */
  readonly units?: number
  readonly cost?: Price
  readonly raw: Raw
}

/** Turns one webhook request into facts. Verifies before it parses; a forged request throws `signature`. */
export interface Inlet {
  /** The largest request that its vendor sends, in bytes, 16 MiB at the most; 1 MiB by default. What is larger is answered 413. */
  readonly maxBytes?: number
  /** How a request shows where it is from: signed as a whole, as by default; or, where its vendor signs nothing, by a secret in its URL. */
  readonly proof?: 'signature' | 'secret'
  receive(
    request: Request,
    ctx: Context,
  ): Promise<{ readonly interactions: readonly Interaction[]; readonly reply?: Response }>
  /** Fetches an attachment that needs our credentials. */
  media?(attachment: Attachment, ctx: Context): Promise<Response>
}

/**
 * Pulls facts from where nothing pushes. It runs as a job of its own group, so two processes never share a cursor, and
 * what stands after a `yield` runs once that batch is committed: archive or mark read there.
 */
export interface Feed {
  readonly every: Duration
  /**
   * The source tells its whole state each time, not what changed: a fact it repeats goes to its flows again as long as
   * every decision about it was against sending.
   */
  readonly repeats?: boolean
  pull(cursor: Json | undefined, ctx: Context): AsyncIterable<Pulled>
}

export interface Pulled {
  readonly interactions: readonly Interaction[]
  readonly people?: readonly Person[]
  readonly bad?: readonly Bad[]
  readonly cursor: Json
}

/**
 * Tells the source what became of its notices (an i-tiva result file, Koha's queue). It runs as a job of its own group, and
 * again when it threw: telling a result twice must be as good as once. Those that it could not tell it may give back: they
 * alone are told again then.
 */
export interface Outcomes {
  report(results: readonly Result[], ctx: Context): Promise<readonly Result[] | undefined>
}

/** What became of one notice: `about` is the fact, `origin` what its source calls it. */
export interface Result {
  readonly about: Ref
  readonly origin?: string
  readonly state: Delivery | 'not-sent'
  /** The rule that spoke against it, or what the provider said; no patron data. */
  readonly why?: string
  readonly at: Instant
}

/** What could not be read, and why. */
export interface Bad {
  readonly where: string
  readonly line?: number
  readonly why: string
}

/** A loopback server that behaves like the vendor, including its bad days. */
export interface Simulator<C extends object = { readonly [key: string]: string }> {
  readonly url: string
  /** What an adapter's config needs to reach it: `twilio({ ...simulator.credentials, baseUrl: simulator.url })`. */
  readonly credentials: C
  received(): readonly {
    readonly at: Instant
    readonly key?: string
    readonly to?: Address
    readonly text?: string
    readonly raw: Json
  }[]
  /** The next calls go wrong like this. */
  fault(fault: Fault, times?: number): void
  /** A request as the vendor would sign it. */
  webhook?(event: Json): Request
  close(): Promise<void>
}
export type Fault =
  | 'rate-limited-seconds'
  | 'rate-limited-date'
  | 'hang-after-accept'
  | 'reset'
  | 'reset-after-accept'
  | 'server-error'
  | 'html'
  | 'slow-body'
  | 'oversize-body'
  | 'expired-token'
  | 'page-moved'
  | 'duplicate-report'
  | 'reordered-reports'
