import type { Adapter, Bad, Channel } from './adapter.ts'
import type { Decision, Message } from './decision.ts'
import type { PrmError } from './errors.ts'
import type { Address, Content, Interaction, Patron, Ref } from './interaction.ts'
import type { Job, Store } from './store.ts'
import type { EventType, Of } from './vocabulary.ts'
import type { Instant, Json, LocalDate, Medium, Span } from './words.ts'

export type Adapters = { readonly [id: string]: Adapter }

/** Where a template speaks: the adapter, how private it is, and to whom. */
export interface Via {
  readonly id: string
  readonly medium: Medium
  readonly exposure: Channel['exposure']
  readonly locale: string
  /** Titles, authors and call numbers may be said here: the channel is private, or the library opened it. */
  readonly titles: boolean
  readonly patron?: Patron
}
/**
 * Words for data: say what the data is, `(data: Notice, via) => ({ text })`. Of a digest it gets the list. Where
 * `via.titles` is false the data has no `title`, `author` or `callNumber`.
 */
export type Template = { render(data: unknown, via: Via): Content }['render']

/** Why the library writes at all. Consent and rules go by purpose. */
export interface Purpose {
  /** `service`: may be sent unless refused. `consent`: only to an address that agreed. */
  readonly basis: 'service' | 'consent'
  readonly class: 'service' | 'promotional'
  /** Media to try, best first, where neither the notice nor the patron asks for one. */
  readonly order?: readonly Medium[]
  readonly quiet?: 'defer' | 'ignore'
  /** What to do when nobody can say whether a message was taken. The default is `task`: it waits for a person. */
  readonly unknown?: 'resend' | 'task'
}

export interface Library {
  readonly id: string
  readonly name: string
  readonly timeZone: string
  readonly locale: string
  /** ISO 3166 country, for numbers written without it. */
  readonly region: string
  /** No message goes out in this daily window, in the patron's, else the branch's, else the library's zone. */
  readonly quiet?: Span
  /** May titles be said by text and other ways that others may see? The default is `private`. */
  readonly titles?: 'private' | 'anywhere'
  readonly branches?: readonly Branch[]
}
export interface Branch {
  /** As the sources name it. */
  readonly id: string
  readonly name: string
  readonly timeZone?: string
  readonly quiet?: Span
}

export interface Options<A extends Adapters, U extends string, T extends string> {
  readonly library: Library
  readonly adapters: A
  readonly store: Store
  readonly purposes: { readonly [K in U]: Purpose }
  readonly templates?: { readonly [K in T]: Template }
  /** Where the outside reaches `handle`; paths are relative to it. Without it, delivery states are asked for. */
  readonly url?: string
  readonly now?: () => Date
  /** The only addresses that may be written to, for a first try; all else is decided `only` and decided again later. */
  readonly only?: readonly string[]
  /** How many messages are under way at once; the default is 50. */
  readonly concurrency?: number
  /** What adapters have to say; no patron data. Silent by default. */
  readonly log?: (
    level: 'debug' | 'info' | 'warn' | 'error',
    message: string,
    data: { readonly [key: string]: Json },
  ) => void
}

/** Helpers are generic over U and T: a `Send` of fewer purposes is not a `Send`. */
export interface Send<A extends Adapters = Adapters, U extends string = string, T extends string = string> {
  /** A patron's id, or an address; an `ils` address finds the patron. */
  readonly to: string | Address
  readonly purpose: U
  /** A named template survives a restart and a digest; a plain content says only what it says. `data` must be JSON. */
  readonly content: Content | { readonly template: T; readonly data: unknown }
  /** The caller's own name for this message: `notice:123`. A key that was decided to send is never sent again. */
  readonly key: string
  readonly about?: readonly Ref[]
  /** Only by these adapters. */
  readonly via?: readonly (keyof A & string)[]
  readonly notBefore?: Instant
  /** Worthless after this: cancelled and reported, never late. A day lasts until its end in the patron's, else the
   * branch's, else the library's zone; a digest lasts until the last of its sends does. */
  readonly expireAt?: Instant | LocalDate
  /** Sends of one run with the same recipient, purpose and word become one message; its template gets the list of their data. */
  readonly digest?: string
  /** Decides and stores nothing. */
  readonly dryRun?: boolean
}

/** What happened, after it was stored. Observation, never work: a listener that throws stops nothing. */
export interface Observed {
  readonly recorded: Interaction
  /** A fact that a source told again. `told`: it was decided to send; `open`: not decided yet; `again`: put to its flows again. */
  readonly repeated: { readonly fact: Interaction; readonly standing: 'told' | 'open' | 'again' }
  readonly bad: Bad
  readonly decided: Decision
  /** Handed over, or ended without: the state says which. */
  readonly settled: Message
  /** What became of one that was handed over before, as the provider answers where it cannot report. */
  readonly reported: Message
  readonly failed: { readonly job: Job; readonly error: PrmError }
  readonly adapter: { readonly id: string; readonly state: 'ready' | 'paused'; readonly why?: string }
}

export interface Prm<A extends Adapters = Adapters, U extends string = string, T extends string = string> {
  readonly adapters: A
  /**
   * Decides, and stores the decision with the work it promises. Throws `invalid` naming the field. Sending a key again
   * that was decided to send changes nothing and answers that decision; one decided against is decided again.
   * In a digest the answer is that it waits (`why: 'digest'`): the decision follows when the run has nothing else due.
   */
  send(send: Send<A, U, T>): Promise<Decision>
  /** Many at once, in as few transactions as the store makes of them: bulk is not a loop over `send`. */
  sendAll(sends: AsyncIterable<Send<A, U, T>> | Iterable<Send<A, U, T>>): AsyncIterable<Decision>
  record(facts: readonly Interaction[]): Promise<{ readonly fresh: readonly Ref[] }>
  /** Asks one feed now, until it has no more. Waits while another process asks it. */
  pull(adapter: keyof A & string): Promise<{ readonly facts: number; readonly bad: readonly Bad[] }>
  /** Runs once for each new fact of this type. It may be tried again: `send` is idempotent by key. */
  flow<E extends EventType>(
    name: string,
    on: E,
    run: (r: {
      readonly event: Of<E>
      readonly patron?: Patron
      readonly prm: Prm<A, U, T>
      readonly signal: AbortSignal
    }) => Promise<void>,
  ): void
  /** Answers one webhook: the path's first segment below `url` names the adapter. */
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
  on<K extends keyof Observed>(event: K, listener: (value: Observed[K]) => void): () => void
  /** Adapters, then the store. */
  close(): Promise<void>
}
