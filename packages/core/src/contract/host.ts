// What a host gives to `createPrm`, and everything it can call.
import type { Adapters } from './adapter.ts'
import type { Address } from './address.ts'
import type { Context } from './context.ts'
import type { Conversation } from './conversation.ts'
import type { Decision } from './decision.ts'
import type { Code, PrmError } from './errors.ts'
import type { EventType, Of } from './event-type.ts'
import type { RejectedRecord } from './feed.ts'
import type { Step } from './flow.ts'
import type { Actor, Content, Interaction } from './interaction.ts'
import type { Library } from './library.ts'
import type { Message } from './message.ts'
import type { Consent, Patron, PatronUpdate } from './people.ts'
import type { Preview, PreviewRequest } from './preview.ts'
import type { Duration, Instant, Json, Price } from './primitives.ts'
import type { Purpose } from './purpose.ts'
import type { Ref } from './ref.ts'
import type { Send } from './send.ts'
import type { Audit, Exported, Job, Store } from './store.ts'
import type { Template } from './template.ts'

/** Asked at release whether a message is still true; `unknown` when that cannot be told, as when it throws. */
export type Recheck = {
  ask(r: {
    readonly about: readonly Interaction[]
    readonly patron?: Patron
    readonly signal: AbortSignal
  }): Promise<'yes' | 'no' | 'unknown'>
}['ask']

export interface Options<A extends Adapters, U extends string, T extends string, R extends string = never> {
  readonly library: Library
  readonly adapters: A
  readonly store: Store
  /** `false`: what the library does not write about; it is decided against by the rule `purpose`, and listed. */
  readonly purposes: { readonly [K in U]: Purpose | false }
  readonly templates?: { readonly [K in T]: Template }
  readonly rechecks?: { readonly [K in R]: Recheck }
  /** Event types of the host's own, beside those of its adapters and flows: their shape is checked, and how long they are kept. */
  readonly events?: readonly EventType[]
  /** Pages of the host's own under `handle`, by the first segment of the path: no name of an adapter. */
  readonly pages?: { readonly [name: string]: Page }
  /** Where the outside reaches `handle`; paths are relative to it. Without it, delivery states are asked for. */
  readonly publicUrl?: string
  readonly now?: () => Date
  /** How long messages and decisions are kept, 90 days by default; then the figures stay, and the people go. */
  readonly retention?: Duration
  /** Keys what stays of who is erased. Without it a random key in the store does: who has the store has the key. */
  readonly pseudonymKey?: string
  /** The only addresses that may be written to, for a first try; all else is decided `only` and decided again later. */
  readonly allowlist?: readonly string[]
  /** How many bytes of request bodies `handle` holds in memory at once, over all requests; 64 MiB by default. Above it a request is answered 503 with Retry-After. */
  readonly maxBytesInFlight?: number
  /** How many messages are under way at once; the default is 50. */
  readonly concurrency?: number
  /** What adapters have to say; no patron data. Silent by default. */
  readonly log?: (
    level: 'debug' | 'info' | 'warn' | 'error',
    message: string,
    data: { readonly [key: string]: Json },
  ) => void
}

/** Answers a request to a page of the host's own; whom it lets in is its own matter. A body is 1 MiB at the most. */
export type Page = (request: Request, prm: Prm<Adapters, string, string, string>, ctx: Context) => Promise<Response>

/** What happened, after it was stored. Observation, never work: a listener that throws stops nothing. */
export interface PrmEvents {
  readonly recorded: Interaction
  /** An interaction that a source sent again. `sent`: it was decided to send; `pending`: not decided yet; `retried`: given to its flows again. */
  readonly duplicate: { readonly interaction: Interaction; readonly status: 'sent' | 'pending' | 'retried' }
  readonly rejected: RejectedRecord
  readonly decided: Decision
  /** Handed over, or ended without: the state says which. */
  readonly message: Message
  /** What became of one that was handed over before, as the provider answers where it cannot report. */
  readonly reported: Message
  /** `dead`: it is not tried again by itself; `deadLetters()` lists it. */
  readonly jobFailed: { readonly job: Job; readonly error: PrmError; readonly dead: boolean }
  readonly adapter: { readonly id: string; readonly state: 'ready' | 'paused'; readonly reason?: string }
}

/** A time in which an adapter's provider did not answer, or its set-up was refused, and what that did to messages. */
export interface Outage {
  readonly adapter: string
  /** The first call of a row that failed. */
  readonly since: Instant
  /** The first that did not; absent while it lasts. */
  readonly until?: Instant
  readonly code: Code
  /** Messages that were due by it meanwhile, and not to be had back: handed over later, another way, never, or not yet. */
  readonly affected: readonly {
    readonly key: string
    readonly patronId?: string
    readonly result: 'delayed' | 'rerouted' | 'expired' | 'waiting'
  }[]
  /** What those cost that went another way, by currency. */
  readonly cost: readonly Price[]
  /** The figures in words; no name, number or title. */
  readonly text: string
}

export interface Prm<
  A extends Adapters = Adapters,
  U extends string = string,
  T extends string = string,
  R extends string = string,
> {
  readonly adapters: A
  /** What it was made with, for a program around it that asks who it works for, why, and for how long it keeps. */
  readonly options: Pick<
    Options<A, U, T, R>,
    'library' | 'store' | 'purposes' | 'events' | 'publicUrl' | 'retention' | 'allowlist'
  >
  /** What a facet of an adapter is called with, as in `prm.adapters.ils.directory.find(card, prm.context('ils'))`. */
  context(adapter: keyof A & string, signal?: AbortSignal): Context
  /** The host's clock. Adapters, pages and decisions read the same one. */
  now(): Date
  /**
   * Decides, and stores the decision with the work it promises. Throws `invalid` naming the field. Sending a key again
   * that was decided to send changes nothing and answers that decision; one decided against is decided again.
   * In a digest the answer is that it waits (`rule: 'digest'`): the decision follows when the run has nothing else due.
   */
  send(send: Send<A, U, T, R>): Promise<Decision>
  /** Many at once, in as few transactions as the store makes of them: bulk is not a loop over `send`. */
  sendAll(sends: AsyncIterable<Send<A, U, T, R>> | Iterable<Send<A, U, T, R>>): AsyncIterable<Decision>
  /**
   * From now on no message of this bulk begins to be sent, here or elsewhere, nor one that is promised later. Answers how many
   * that waited are cancelled; one that is under way comes to its own end, and one that may have gone is looked up first.
   */
  cancel(campaign: string, reason: string): Promise<{ readonly cancelled: number }>
  /**
   * Thinks bulk through: decides as `sendAll` would if `record` had been told of these people, and stores nothing. Each for
   * which `takes` says so takes its turn in a copy of the senders' timetables, before the next is decided.
   */
  preview(
    requests: AsyncIterable<PreviewRequest<A, U>> | Iterable<PreviewRequest<A, U>>,
    takes?: (preview: Preview) => boolean,
  ): AsyncIterable<Preview>
  /** Stores facts once each, and what is known of people. Throws `invalid` naming the field. */
  record(
    interactions: readonly Interaction[],
    people?: readonly PatronUpdate[],
  ): Promise<{ readonly recorded: readonly Ref[] }>
  /**
   * Asks an adapter's directory who has this address, stores what it says of them, and gives them: nobody, one, or a family.
   * So a number that the library knows is known here, and one that was changed there is changed here. Throws `unsupported`
   * where that adapter has no directory, and as it does.
   */
  findPatrons(adapter: keyof A & string, address: Address, signal?: AbortSignal): Promise<readonly Patron[]>
  /**
   * Stores what somebody said of an address: a form, a desk, a list that was taken over. The latest word counts, by `at`: an
   * instant with its zone. Throws `invalid` naming the field.
   */
  recordConsent(
    said: Omit<Consent, 'id' | 'at' | 'by'> & { readonly id?: string; readonly at?: Instant },
  ): Promise<void>
  /** Asks one feed now, until it has no more. Waits while another process asks it. */
  pull(
    adapter: keyof A & string,
  ): Promise<{ readonly interactions: number; readonly rejected: readonly RejectedRecord[] }>
  /**
   * Runs once for each new fact of this type. It may be tried again: `send` is idempotent by key, and a `step` that is done
   * is skipped. Change what a flow does under a new name; `retired` keeps the old one only for the facts it was
   * promised to before.
   */
  flow<E extends EventType>(
    name: string,
    on: E,
    run: (r: {
      readonly event: Of<E>
      readonly patron?: Patron
      readonly step: Step
      readonly prm: Prm<A, U, T, R>
      readonly signal: AbortSignal
    }) => Promise<void>,
    options?: { readonly retired?: boolean },
  ): void
  /** Answers one webhook: the path's first segment below `publicUrl` names the adapter. */
  handle(request: Request): Promise<Response>
  /**
   * Workers and feeds until `signal`. With `once`: asks each feed, works until nothing is due, then says how many wait and
   * until when. With `deliver: false` everything but the sending.
   */
  run(options?: {
    readonly signal?: AbortSignal
    readonly once?: boolean
    readonly deliver?: boolean
  }): Promise<{ readonly waiting: number; readonly next?: Instant }>
  /** Why a message was sent, or was not, in words. Throws `not_found`. */
  explain(key: string): Promise<{
    readonly decision: Decision
    readonly message?: Message
    readonly timeline: readonly Interaction[]
    readonly text: string
  }>
  /** The decision again, from what it was made from then. Throws `not_found` where that has gone. */
  replay(key: string): Promise<{
    readonly decision: Decision
    readonly replayed: Pick<Decision, 'outcome' | 'reasons'>
    readonly same: boolean
  }>
  /** Dead letters: work that ended without being done, and why. For a person to look at, mend and drive again. */
  deadLetters(): AsyncIterable<Pick<Job, 'key' | 'name' | 'runAt'> & { readonly error?: Json }>
  /**
   * Tries dead letters again, by their keys, once what failed is mended. A message that the provider may have taken is never
   * sent again so: it is kept, with why.
   */
  redrive(keys: readonly string[]): Promise<{
    readonly redriven: readonly string[]
    readonly kept: readonly { readonly key: string; readonly reason: string }[]
  }>
  /** Outages that were not over at `since` (a week ago), oldest first, with whom they concerned. */
  outages(query?: { readonly since?: Instant }): Promise<readonly Outage[]>
  /** All who are known at an address: a phone may be a family's. */
  patrons(address: Address): Promise<readonly Patron[]>
  /** All that passed between the library and one patron, newest first; what we sent has the source `prm`. */
  timeline(patronId: string, query?: { readonly since?: Instant; readonly limit?: number }): AsyncIterable<Interaction>
  /** What patrons wrote, newest first, by its words; no titles of what they read. */
  search(text: string, query?: { readonly limit?: number; readonly before?: Instant }): AsyncIterable<Interaction>
  /** Those of one state, patron or address, by since when they stand so. Throws `unsupported` for none or several of these. */
  conversations(query: {
    readonly state?: Conversation['state']
    readonly patronId?: string
    readonly address?: Address
    readonly since?: Instant
    readonly order?: 'oldest' | 'newest'
    readonly limit?: number
  }): AsyncIterable<Conversation>
  /**
   * All that was said and done in it, and what it answers, oldest first, the last `limit` (100); what we sent has the source
   * `prm`. Throws `not_found`.
   */
  conversation(
    id: string,
    query?: { readonly limit?: number },
  ): Promise<{
    readonly conversation: Conversation
    readonly patron?: Patron
    readonly thread: readonly Interaction[]
    /** There is more than `limit`. */
    readonly more: boolean
  }>
  /**
   * Answers whoever wrote, by the way they wrote and from the number they wrote to. Decided as any send: a STOP holds, and
   * a key that was decided to send is never sent again (`fresh` is false). Throws `not_found`, `invalid`, and `conflict`
   * where there has been an answer, or a text of the patron's, since the turn that was `seen`.
   */
  reply(
    conversationId: string,
    content: Content,
    options: {
      readonly key: string
      readonly purpose: U
      /** What of it is answered: all that waits, by default; the rest goes on waiting. None, for an acknowledgement. */
      readonly inReplyTo?: readonly Ref[]
      readonly seen?: number
    },
  ): Promise<{ readonly decision: Decision; readonly message?: Message; readonly fresh: boolean }>
  /** The same, done by somebody: their name stands in the audit, and with what they record and send. */
  as(actor: Actor): Prm<A, U, T, R>
  /** Who looked at one patron, or at anybody; newest first. */
  audit(query?: { readonly patronId?: string; readonly since?: Instant; readonly limit?: number }): AsyncIterable<Audit>
  /**
   * Removes a patron, or an address, from every table, index, job and snapshot here and at the providers that can. What
   * stays are keyed hashes, so that a STOP outlives its number, and a plan its people; `kept` says what and why.
   */
  erase(who: string | Address): Promise<{
    readonly removed: number
    readonly kept: readonly { readonly what: string; readonly reason: string }[]
  }>
  /** Whether each of these was erased since then, at any of their addresses: what was planned before is not for them. */
  erasedSince(people: readonly Pick<PatronUpdate, 'at' | 'also'>[], since: Instant): Promise<readonly boolean[]>
  /** Takes the people out of what its retention has passed. `run` does it once a day. */
  applyRetention(): Promise<{ readonly removed: number }>
  /** Everything of this library, to be imported into an empty store. */
  export(): AsyncIterable<Exported>
  import(rows: AsyncIterable<Exported> | Iterable<Exported>): Promise<{ readonly rows: number }>
  on<K extends keyof PrmEvents>(event: K, listener: (value: PrmEvents[K]) => void): () => void
  /** Adapters, then the store. */
  close(): Promise<void>
}
