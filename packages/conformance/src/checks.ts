import type {
  Adapter,
  Address,
  Code,
  Context,
  Fault,
  Instant,
  Json,
  LocalDate,
  NoticeResult,
  PrmError,
  Simulator,
} from '@prm/core/adapter'

/** With whatever credentials the vendor asks for. */
export type AnySimulator = Simulator<object>

/**
 * `test` of vitest, of node:test, or of anything else that takes a name and a promise. Where it hands on a `skip`, that is
 * called for a check that turns out in the run to be none, such as a fault that the simulator has not.
 */
export type Test = (name: string, run: (context?: { skip?(why: string): void }) => Promise<void>) => void

export interface Suite<S extends AnySimulator = Simulator> {
  /**
   * A new adapter at each call. `undefined` asks what the adapter offers, before there is a simulator: give it made-up
   * credentials then.
   */
  make(simulator: S | undefined): Adapter
  /** A new simulator at each call. */
  simulate?: () => Promise<S>
  fixtures: Fixtures
  /** What is reported to `writeBack`, each with an origin, and all that the source was told until now: a list or an object. */
  outcomes?: { readonly results: readonly NoticeResult[]; told(simulator: S | undefined): Json | Promise<Json> }
  deviations?: readonly Deviation[]
  /** For a run against the vendor's own sandbox. `env('KOHA_URL')` is what was set, and throws `config` where it was not. */
  live?: (env: (name: string) => string) => Live
}

export interface Live {
  /** Goes by this `fetch` if it can: it records. */
  make(fetch: typeof globalThis.fetch): Adapter
  /** Who is known there. */
  readonly fixtures: Fixtures
}

export interface Fixtures {
  /** The simulator takes it; a directory knows it. */
  readonly known?: Address
  /** The simulator refuses it; nobody in a directory has it. */
  readonly unknown?: Address
  /** Two patrons have it. */
  readonly shared?: Address
  /** One patron, by an `ils` address: a loan that can be renewed, one that is refused, and one of somebody else. */
  readonly loans?: {
    readonly patron: Address
    readonly renewable: string
    readonly refused: string
    readonly foreign?: string
  }
  /** ISBN-13: one that the catalogue has, with a record of its own, and one that it has not. */
  readonly isbns?: { readonly known: string; readonly unknown: string }
  /** How many pages there are, the id of one and words that find it, and which of them changed since a moment. */
  readonly pages?: {
    readonly count: number
    readonly known: string
    readonly words: string
    readonly since: Instant
    readonly changed: readonly string[]
  }
  readonly metrics?: Figures
  readonly text?: string
  /** What the simulator's `webhook` is asked for, `url` apart; a text from `known` by default. */
  readonly events?: readonly { readonly [field: string]: Json }[]
  /** Names, numbers and secrets that no error, log or adapter may hold; `known`, `unknown`, `shared` and `text` are added. */
  readonly forbidden: readonly string[]
}

/** Some days that were counted; `of` is the id of a page, the text of a search, or a source, as `by` says. */
export interface Figures {
  readonly from: LocalDate
  readonly to: LocalDate
  readonly by: 'page' | 'search' | 'source'
  readonly counted: { readonly day: LocalDate; readonly of: string; readonly views: number }
  /** Of which the system says nothing. */
  readonly silent: { readonly day: LocalDate; readonly of: string }
  /** What the system never counts. */
  readonly untold?: readonly ('views' | 'visits' | 'exits')[]
  /** Some days that it estimates from a part. */
  readonly sampled?: { readonly from: LocalDate; readonly to: LocalDate }
}

/** A check that fails for a good reason. One that passes after all, or is older than `until`, fails the run. */
export interface Deviation {
  /** `channel/hang-after-accept`. */
  readonly check: string
  readonly why: string
  readonly until: LocalDate
}

/** One check, with an id that stays and begins with its facet. */
export interface Check {
  readonly id: string
  /** Without one of these it is skipped. */
  readonly needs?: readonly Need[]
  run(rig: Rig): Promise<void>
}
export type Need =
  | 'simulator'
  | 'vendor'
  | 'fixtures.known'
  | 'fixtures.unknown'
  | 'fixtures.shared'
  | 'fixtures.loans'
  | 'fixtures.isbns'
  | 'fixtures.pages'
  | 'fixtures.metrics'
  | 'channel'
  | 'channel.find'
  | 'circulation.renew'
  | 'knowledge.search'
  | 'webhook.signature'
  | 'close'
  | 'outcomes.told'

/** What an adapter did that others may see, in one check. */
export interface Witness {
  readonly adapters: Adapter[]
  readonly errors: unknown[]
  readonly logs: unknown[]
}

/** A new simulator for one check, and adapters that speak to it. */
export interface Rig {
  readonly fixtures: Fixtures
  readonly witness: Witness
  /** Of process.getActiveResourcesInfo(), before there was a simulator. */
  readonly before: readonly string[]
  simulator(): AnySimulator
  /** There is a vendor, and no simulator. */
  readonly live: boolean
  make(): Adapter
  readonly outcomes?: { readonly results: readonly NoticeResult[]; told(): Json | Promise<Json> }
  context(more?: Partial<Context>): Context
  /** Skips the check if the simulator has no such fault. */
  fault(fault: Fault, times?: number): void
  /** The error of a call that must be refused with one of these codes. */
  refused(call: Promise<unknown>, ...codes: readonly Code[]): Promise<PrmError>
  close(): Promise<void>
}

/** What turned out only in the run to be missing. */
export class Skip extends Error {}
