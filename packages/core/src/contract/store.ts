// What a store keeps and promises: rows, jobs, leases, and commits that are whole or not at all.
import type { Address } from './address.ts'
import type { Conversation } from './conversation.ts'
import type { Decision } from './decision.ts'
import type { Actor, Interaction } from './interaction.ts'
import type { Message } from './message.ts'
import type { Consent, Patron } from './people.ts'
import type { Instant, Json, LocalDate } from './primitives.ts'
import { type Ref, refId } from './ref.ts'

// Durable state: facts and promised work, together.

/** Promised work. A key that is promised already is not promised again, until it is done. */
export interface Job {
  readonly key: string
  readonly name: string
  /** In one group never two at once; oldest `runAt` first among the due. */
  readonly group?: string
  readonly runAt: Instant
  readonly payload: Json
}

/**
 * `attempt` counts starts of this job key, this one included, also across `retryAt`; core counts the outcomes it
 * recorded. A start without an outcome is an unknown, and is looked up.
 */
export interface Lease {
  readonly job: Job
  readonly library: string
  readonly attempt: number
  /** Milliseconds until it ends, by the machine's clock, not the host's `now`. The store renews it while `run` works. */
  remainingMs(): number
  /** Renews the lease and says whether it is still ours: ask before a call that may outlive it. */
  renew(): Promise<boolean>
}

/** `release` hands a lease back: the start does not count; `runAt` says when to look again, at once if absent. */
export type Outcome =
  | { readonly done: true }
  | { readonly release: true; readonly runAt?: Instant }
  | { readonly retryAt: Instant; readonly error: Json }
  | { readonly dead: true; readonly error: Json }

/** How a job ended, and what is written in the same transaction. */
export interface Settled {
  readonly outcome: Outcome
  readonly batches?: readonly Batch[]
  /** Called once this is written; not when the lease was lost. */
  readonly after?: () => void
}

/** A digest that is still open: the sends that wait to be told in one message. */
export interface Digest {
  readonly id: string
  readonly sends: readonly Json[]
}

/** One run of a flow over one fact, from its first step to its end: what is done, and what it waits for. */
export interface FlowRun {
  /** Flow name and fact. */
  readonly id: string
  readonly flow: string
  readonly event: Ref
  readonly patronId?: string
  readonly who?: Address
  /** By name, in the order in which they were begun. */
  readonly steps: { readonly [name: string]: RunStep }
  /** What wakes it, a key for each wait: the store answers `find('run', { wait })` by them. */
  readonly waits: readonly string[]
}

export type RunStep =
  | { readonly is: 'asleep'; readonly until: Instant }
  | { readonly is: 'waiting'; readonly since: Instant; readonly until: Instant }
  /** Ended, as the n-th of the run: on the next run they end in this order. */
  | { readonly is: 'done'; readonly n: number; readonly at: Instant; readonly value?: Json }
  | { readonly is: 'slept'; readonly n: number; readonly at: Instant; readonly until: Instant }
  | { readonly is: 'answered'; readonly n: number; readonly at: Instant; readonly until: Instant; readonly fact?: Ref }

/** Who looked at what one person's rows say, or did something to them. */
export interface Audit {
  readonly id: string
  readonly at: Instant
  readonly by: Actor
  /** The call: `timeline`, `patrons`, `search`, `explain`, `erase`, `redrive`. */
  readonly action: string
  readonly patronId?: string
}

/** A fact whose source is still to be told what became of it, by one name that the source gives it. */
export interface PendingWriteBack {
  readonly id: string
  readonly about: Ref
  readonly origin?: string
  readonly at: Instant
  /** It heard that it was not sent; there is more to tell only if it is sent after all. */
  readonly reported?: true
}

/**
 * What one of our numbers or mailboxes has promised, by rank of purpose: only where its rate or daily cap is declared. And, in
 * millionths under `days`, what a purpose has spent on going around outages.
 */
export interface Sender {
  readonly id: string
  /** What is taken, oldest first, in milliseconds: what was promised from `from` to `until` goes `by` later. */
  readonly schedule: { readonly [rank: string]: readonly (readonly [from: number, until: number, by: number])[] }
  /** Units, by calendar day in the library's zone. */
  readonly days: { readonly [day: LocalDate]: number }
}

/** That something is told: the matter of a notice, or a send beside the first of its digest. Written with the decision. */
export interface Claim {
  /** The key of the send, or a hash of the matter. */
  readonly id: string
  readonly at: Instant
  /** Of the decision to send it. */
  readonly key: string
  /** The fact by which a matter is told: others about it are not. */
  readonly about?: Ref
}

export interface Kinds {
  readonly patron: Patron
  readonly consent: Consent
  readonly interaction: Interaction
  readonly conversation: Conversation
  readonly decision: Decision
  readonly message: Message
  readonly digest: Digest
  readonly run: FlowRun
  readonly outcome: PendingWriteBack
  readonly audit: Audit
  readonly sender: Sender
  readonly claim: Claim
  /** Where a feed stands. */
  readonly cursor: { readonly id: string; readonly value: Json }
  /** What many decisions were decided from, by hash. */
  readonly shared: { readonly id: string; readonly value: Json }
}

export type Kind = keyof Kinds

/**
 * `ifVersion`: written only when the row has this version now; 0 is "not there". A `message` put without `ifVersion`
 * moves its state forward only and keeps the longer `attempts`: a report may beat our own settle.
 */
export type Put = {
  [K in Kind]: {
    readonly kind: K
    readonly value: Kinds[K]
    readonly ifVersion?: number
    /** What `search` finds an interaction by; a put without it takes the row out of the index. */
    readonly text?: string
  }
}[Kind]

/**
 * Written whole, or (one of its `unless` is there already, or an `ifVersion` missed) not at all: a fact's jobs are promised only
 * with the fact.
 */
export interface Batch {
  readonly ifAbsent?: readonly { readonly kind: Kind; readonly id: string }[]
  readonly put?: readonly Put[]
  readonly jobs?: readonly Job[]
  /** Rows that go, with all that is indexed of them: also one that this batch puts, whose `ifVersion` so guards the drop. */
  readonly delete?: readonly { readonly kind: Kind; readonly id: string }[]
  /**
   * Jobs that go, waiting, leased or dead: whoever works on one has lost its lease, and settles nothing. What this batch itself
   * promises stays.
   */
  readonly cancel?: readonly ({ readonly key: string } | { readonly group: string })[]
}

/**
 * Indexed questions only; a store refuses others (`unsupported`) rather than scan a million rows. What each kind answers:
 * patron: `address`, also `{ scheme: 'relation', value }` of the id they are related to · consent: `address` · interaction: `patronId`, `address` (its `who`), `about`, `matter`, `type`,
 * `conversationId` · conversation: `state`, `address` (its `who`), `patronId`, by `since` ·
 * decision: `about` (a fact it is about, or `{ source: 'prm', key }` of a send it decides, or `{ source: 'told', key }` of a
 * recipient, or `{ source: 'at', key }` of an address such as `tel:+12125550123` at which nobody is known), `patronId`, nothing (all) ·
 * message: `address`, `providerId`, `patronId`, `state`, `conversationId`, nothing (all) · run: `wait`, `patronId`, `address` (its `who`),
 * nothing (all) · audit: `patronId`, nothing (all) · digest, outcome: nothing (all). `since` and `until` bound the stored time,
 * `until` excluded.
 */
export interface Query {
  readonly address?: Address
  readonly patronId?: string
  readonly about?: Ref
  readonly subjectKey?: string
  readonly type?: string
  readonly state?: string
  readonly providerId?: string
  readonly conversationId?: string
  readonly wait?: string
  readonly since?: Instant
  readonly until?: Instant
  readonly order?: 'oldest' | 'newest'
  readonly limit?: number
}

/** How an id is made of a row, for `get` and `unless`. */
export function idOf<K extends Kind>(kind: K, value: Kinds[K]): string {
  if (kind === 'interaction') return refId(value as Interaction)
  if (kind === 'decision' || kind === 'message') return (value as Decision | Message).key
  return (value as Exclude<Kinds[K], Interaction | Decision | Message>).id
}

/** One library's view: nothing in it can name another's rows. */
export interface Scope {
  /** One transaction, shared by callers of one tick; answers which batches were written. One caller's miss fails no other. */
  commit(batches: readonly Batch[]): Promise<readonly boolean[]>
  get<K extends Kind>(kind: K, id: string): Promise<{ readonly value: Kinds[K]; readonly version: number } | undefined>
  find<K extends Kind>(kind: K, query: Query): AsyncIterable<Kinds[K]>
  jobs(query: {
    readonly state: 'waiting' | 'active' | 'dead'
    readonly names?: readonly string[]
    readonly limit?: number
  }): AsyncIterable<Job & { readonly error?: Json; readonly attempt: number; readonly until?: Instant }>
  /** How many jobs of these names are waiting or leased, and when the next may run: a leased one counts with its lease's end. */
  backlog(names: readonly string[]): Promise<{ readonly waiting: number; readonly next?: Instant }>
  /** Lets dead jobs wait again; answers how many. */
  redrive(keys: readonly string[]): Promise<number>
  /** Full text over what was put with `text`, newest first. Every word must be there; a word may be the beginning of one. */
  search(text: string, query?: { readonly limit?: number; readonly before?: Instant }): AsyncIterable<Interaction>
  /** The types of the facts there are. */
  types(): Promise<readonly string[]>
  /** What was dropped or overwritten is gone from the medium too: journal, free pages, search index. */
  purge(): Promise<void>
  /** Everything, open jobs and flow runs included; a lease comes out as a start without an outcome. */
  export(): AsyncIterable<Exported>
  /**
   * Into an empty library. Throws `conflict` where there is something, `invalid` naming the row that is no row or missing
   * at the end. One that was cut off leaves a library that refuses all other work until it is imported anew.
   */
  import(rows: AsyncIterable<Exported> | Iterable<Exported>): Promise<{ readonly rows: number }>
}

/** One row on its way from store to store: JSON, a line of NDJSON each. The first names the format, the last the count. */
export interface Exported {
  readonly kind: string
  readonly value: Json
}

export interface WorkOptions {
  readonly concurrency: number
  readonly signal: AbortSignal
  /** Until nothing of these names is due or running here. */
  readonly once?: boolean
  readonly libraries: readonly string[]
  /** What is due; leases go by the machine's own clock. */
  readonly now: () => Date
}

export interface Store {
  scope(library: string): Scope
  /**
   * Hands out one lease at a time and batches claims and settlements itself. Claims no more than free slots. In one group
   * never two at once; of a library and name oldest first among the due, and these in turn, by how many each has in hand; a job
   * that backs off does not hold its group. Ends when `signal` aborts, after the work that was started.
   */
  work(
    names: readonly string[],
    run: (lease: Lease, signal: AbortSignal) => Promise<Settled>,
    options: WorkOptions,
  ): Promise<void>
  close(): Promise<void>
}
