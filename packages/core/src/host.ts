import type { Adapter, Bad, Channel, Context, Measure } from './adapter.ts'
import type { Decision, Message, Rule, Sending } from './decision.ts'
import type { Code, PrmError } from './errors.ts'
import type {
  Actor,
  Address,
  Block,
  Consent,
  Content,
  Conversation,
  Interaction,
  Patron,
  Person,
  Ref,
} from './interaction.ts'
import type { Audit, Exported, Job, Store } from './store.ts'
import type { EventType, Of } from './vocabulary.ts'
import type { Duration, Instant, Json, LocalDate, Medium, Price, Span } from './words.ts'

export type Adapters = { readonly [id: string]: Adapter }

/** Where a template speaks: the adapter, how private it is, and to whom. */
export interface Via {
  readonly id: string
  readonly medium: Medium
  readonly exposure: Channel['exposure']
  readonly locale: string
  /**
   * Titles, authors and call numbers may be said here: the channel is private and the patron's own (what a child or a
   * principal reads is not their guardian's or proxy's to know), or the library opened it.
   */
  readonly titles: boolean
  /** Who is told. */
  readonly patron?: Patron
  /** Whose matter it is, where a guardian or proxy is told of it. */
  readonly whose?: Patron
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
  /** `ignore`: at any hour, and before all else that is due. */
  readonly quiet?: 'defer' | 'ignore'
  /** What to do when nobody can say whether a message was taken. The default is `task`: it waits for a person. */
  readonly unknown?: 'resend' | 'task'
  /** What to do when a re-check cannot be answered. The default is `send`: an ILS that is down holds back no notice. */
  readonly unchecked?: 'send' | 'wait' | 'task'
  /** When another medium of `order` is tried: none of those wished for has an address, or the address proves bad, or the
   * message could not go before its deadline. Without a word here, only those wished for are tried. */
  readonly fallback?: readonly ('no-address' | 'undeliverable' | 'deadline')[]
  /**
   * So urgent that it goes by another adapter of the same medium where its own has been down for `after` (5 min), as long as
   * these cost no more than `perDay`, by the library's day; what is more, or has no known price in this currency, waits.
   */
  readonly failover?: { readonly after?: Duration; readonly perDay: Price }
  /** No more than `max` in any `per` to one patron; what is more waits. */
  readonly cap?: Cap
  /** `open`: only while the branch is open. */
  readonly hours?: 'open'
  /** Who is written to about a minor. The default is `patron` for service, `nobody` for promotional messages. */
  readonly minor?: 'patron' | 'guardian' | 'nobody'
  /** Who is not written to for this purpose. */
  readonly not?: {
    readonly blocks?: readonly Block[]
    readonly categories?: readonly string[]
    /** The card has ended. */
    readonly expired?: boolean
  }
}

export interface Cap {
  readonly max: number
  readonly per: Duration
}

/** A daily window without messages: by these media, or by all. */
export interface Quiet extends Span {
  readonly media?: readonly Medium[]
}

/**
 * When a place is open: a branch by its own `hours`, else by the library's, and closed on the days of both. Without `hours`
 * it is never closed but on the days of `closed`.
 */
export interface Opening {
  /**
   * By day of the week, several spans for a break at noon; a day that is not named is closed. None crosses midnight: until
   * two in the night is `00:00` to `02:00` of the next day.
   */
  readonly hours?: { readonly [D in 'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun']?: readonly Span[] }
  readonly closed?: readonly LocalDate[]
}

export interface Library extends Opening {
  readonly id: string
  readonly name: string
  readonly timeZone: string
  readonly locale: string
  /** ISO 3166 country, for numbers written without it. */
  readonly region: string
  /** No message goes out in this daily window, in the patron's, else the branch's, else the library's zone. */
  readonly quiet?: Quiet
  /** No more than this to one patron over all purposes; what is more waits. */
  readonly cap?: Cap
  /** Who is a minor: below this age, 18 by default, or of a category of children. */
  readonly minors?: { readonly below?: number; readonly categories?: readonly string[] }
  /** May titles be said by text and other ways that others may see? The default is `private`. */
  readonly titles?: 'private' | 'anywhere'
  readonly branches?: readonly Branch[]
}
export interface Branch extends Opening {
  /** As the sources name it. */
  readonly id: string
  readonly name: string
  readonly timeZone?: string
  readonly quiet?: Quiet
  /** The adapters that carry what concerns this branch: its own number, its own mailbox. */
  readonly via?: readonly string[]
}

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
  readonly url?: string
  readonly now?: () => Date
  /** How long messages and decisions are kept, 90 days by default; then the figures stay, and the people go. */
  readonly keep?: Duration
  /** Keys what stays of who is erased. Without it a random key in the store does: who has the store has the key. */
  readonly secret?: string
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

/** Answers a request to a page of the host's own; whom it lets in is its own matter. A body is 1 MiB at the most. */
export type Page = (request: Request, prm: Prm<Adapters, string, string, string>, ctx: Context) => Promise<Response>

/** Helpers are generic over U, T and R: a `Send` of fewer purposes is not a `Send`. */
export interface Send<
  A extends Adapters = Adapters,
  U extends string = string,
  T extends string = string,
  R extends string = string,
> {
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
  /** Sends of one run with the same recipient, purpose, bulk and word become one message; its template gets all their data. */
  readonly digest?: string
  /** Asked again at release: a hold picked up in the night needs no text in the morning. */
  readonly recheck?: R
  /** A name that it shares with others: `cancel` takes it. */
  readonly bulk?: string
  /** Decides and stores nothing. */
  readonly dryRun?: boolean
}

/** A send that is only thought through, to somebody whom the store need not know yet. */
export interface Ask<A extends Adapters = Adapters, U extends string = string> {
  readonly key: string
  readonly purpose: U
  /** As `record` would take it. Where only one of the addresses is known, it is whoever is known there. */
  readonly who: Person
  /** They agreed to this purpose, at all of these addresses, before anything that the store has heard. */
  readonly agreed?: boolean
  /** These adapters, the best first. What the patron prefers goes first. */
  readonly via: readonly (keyof A & string)[]
  /** What it says this way; one that throws cannot go this way. */
  content(via: Via): Content
  readonly notBefore?: Instant
  readonly expireAt?: Instant | LocalDate
}

/** What would be decided, and all that speaks against it, also where one of them alone were enough. */
export interface Outlook {
  readonly key: string
  /** Absent where it would not be sent. */
  readonly outcome?: Sending
  readonly content?: Content
  readonly measure?: Measure
  /** The zone in which their clock runs. */
  readonly timeZone: string
  /** Whether the library knows them: as `who.at`, as somebody at one of the addresses, as several people there, or not yet. */
  readonly known: 'at' | 'address' | 'several' | 'new'
  /** Somebody at the address that is written to agreed to this purpose, or the caller says so. */
  readonly agreed?: boolean
  readonly against: readonly Objection[]
  /** What makes it wait: `quiet`, `hours`, `cap`, `rate`. */
  readonly waits: readonly Rule[]
}
export interface Objection {
  readonly rule: Rule
  readonly detail: string
  readonly via?: string
  /** Of consent: they refused, the address proved bad, or nobody ever agreed. */
  readonly standing?: 'refused' | 'bad' | 'silent'
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
  /** `dead`: it is not tried again by itself; `dead()` lists it. */
  readonly failed: { readonly job: Job; readonly error: PrmError; readonly dead: boolean }
  readonly adapter: { readonly id: string; readonly state: 'ready' | 'paused'; readonly why?: string }
}

/** A time in which an adapter's provider did not answer, or its set-up was refused, and what that did to messages. */
export interface Outage {
  readonly adapter: string
  /** The first call of a row that failed. */
  readonly since: Instant
  /** The first that did not; absent while it lasts. */
  readonly until?: Instant
  readonly why: Code
  /** Messages that were due by it meanwhile, and not to be had back: handed over later, another way, never, or not yet. */
  readonly affected: readonly {
    readonly key: string
    readonly patronId?: string
    readonly became: 'late' | 'moved' | 'expired' | 'waiting'
  }[]
  /** What those cost that went another way, by currency. */
  readonly cost: readonly Price[]
  /** The figures in words; no name, number or title. */
  readonly text: string
}

/** What a wait goes by; all that is named must be so. At least one. */
export interface Correlation {
  readonly about?: Ref
  readonly patronId?: string
  readonly address?: Address
}

/** Makes a flow outlive restarts. Names are unique in a run. */
export interface Step {
  /**
   * Runs once; its result is kept as JSON, and a retry or restart skips it. `prm.send` is idempotent by its key and needs
   * no step. Throws `invalid` for a result that is no JSON.
   */
  <T>(name: string, run: () => T | PromiseLike<T>): Promise<T>
  /** Goes on at this moment, or after this long. */
  sleep(name: string, until: Duration | Instant): Promise<void>
  /**
   * The first fact that fits; nothing after the time-out. It counts if it was stored since the wait before it was
   * answered, or since the run began; one about `about` always does. A digest is known by the key of each of its sends.
   */
  wait<E extends EventType>(
    name: string,
    event: E,
    on: Correlation,
    options: { readonly timeout: Duration; readonly only?: (fact: Of<E>) => boolean },
  ): Promise<Of<E> | undefined>
}

export interface Prm<
  A extends Adapters = Adapters,
  U extends string = string,
  T extends string = string,
  R extends string = string,
> {
  readonly adapters: A
  /** What it was made with, for a program around it that asks who it works for, why, and for how long it keeps. */
  readonly options: Pick<Options<A, U, T, R>, 'library' | 'store' | 'purposes' | 'events' | 'url' | 'keep' | 'only'>
  /** What a facet of an adapter is called with, as in `prm.adapters.ils.directory.find(card, prm.context('ils'))`. */
  context(adapter: keyof A & string, signal?: AbortSignal): Context
  /**
   * Decides, and stores the decision with the work it promises. Throws `invalid` naming the field. Sending a key again
   * that was decided to send changes nothing and answers that decision; one decided against is decided again.
   * In a digest the answer is that it waits (`why: 'digest'`): the decision follows when the run has nothing else due.
   */
  send(send: Send<A, U, T, R>): Promise<Decision>
  /** Many at once, in as few transactions as the store makes of them: bulk is not a loop over `send`. */
  sendAll(sends: AsyncIterable<Send<A, U, T, R>> | Iterable<Send<A, U, T, R>>): AsyncIterable<Decision>
  /**
   * From now on no message of this bulk begins to be sent, here or elsewhere, nor one that is promised later. Answers how many
   * that waited are cancelled; one that is under way comes to its own end, and one that may have gone is looked up first.
   */
  cancel(bulk: string, why: string): Promise<{ readonly cancelled: number }>
  /**
   * Thinks bulk through: decides as `sendAll` would if `record` had been told of these people, and stores nothing. Each for
   * which `takes` says so takes its turn in a copy of the senders' timetables, before the next is decided.
   */
  foresee(
    asks: AsyncIterable<Ask<A, U>> | Iterable<Ask<A, U>>,
    takes?: (outlook: Outlook) => boolean,
  ): AsyncIterable<Outlook>
  /** Stores facts once each, and what is known of people. Throws `invalid` naming the field. */
  record(facts: readonly Interaction[], people?: readonly Person[]): Promise<{ readonly fresh: readonly Ref[] }>
  /**
   * Asks an adapter's directory who has this address, stores what it says of them, and gives them: nobody, one, or a family.
   * So a number that the library knows is known here, and one that was changed there is changed here. Throws `unsupported`
   * where that adapter has no directory, and as it does.
   */
  lookUp(adapter: keyof A & string, address: Address, signal?: AbortSignal): Promise<readonly Patron[]>
  /**
   * Stores what somebody said of an address: a form, a desk, a list that was taken over. The latest word counts, by `at`: an
   * instant with its zone. Throws `invalid` naming the field.
   */
  consent(said: Omit<Consent, 'id' | 'at' | 'by'> & { readonly id?: string; readonly at?: Instant }): Promise<void>
  /** Asks one feed now, until it has no more. Waits while another process asks it. */
  pull(adapter: keyof A & string): Promise<{ readonly facts: number; readonly bad: readonly Bad[] }>
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
  /** The decision again, from what it was made from then. Throws `not_found` where that has gone. */
  replay(key: string): Promise<{
    readonly decision: Decision
    readonly again: Pick<Decision, 'outcome' | 'reasons'>
    readonly same: boolean
  }>
  /** Dead letters: work that ended without being done, and why. For a person to look at, mend and drive again. */
  dead(): AsyncIterable<Pick<Job, 'key' | 'name' | 'runAt'> & { readonly error?: Json }>
  /**
   * Tries dead letters again, by their keys, once what failed is mended. A message that the provider may have taken is never
   * sent again so: it is kept, with why.
   */
  redrive(keys: readonly string[]): Promise<{
    readonly redriven: readonly string[]
    readonly kept: readonly { readonly key: string; readonly why: string }[]
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
      readonly answers?: readonly Ref[]
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
    readonly kept: readonly { readonly what: string; readonly why: string }[]
  }>
  /** Whether each of these was erased since then, at any of their addresses: what was planned before is not for them. */
  erasedSince(people: readonly Pick<Person, 'at' | 'also'>[], since: Instant): Promise<readonly boolean[]>
  /** Takes the people out of what its retention has passed. `run` does it once a day. */
  expire(): Promise<{ readonly removed: number }>
  /** Everything of this library, to be imported into an empty store. */
  export(): AsyncIterable<Exported>
  import(rows: AsyncIterable<Exported> | Iterable<Exported>): Promise<{ readonly rows: number }>
  on<K extends keyof Observed>(event: K, listener: (value: Observed[K]) => void): () => void
  /** Adapters, then the store. */
  close(): Promise<void>
}
