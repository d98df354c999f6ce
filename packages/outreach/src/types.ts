import type {
  Adapters,
  Content,
  Duration,
  Instant,
  Library,
  LocalDate,
  Medium,
  PatronUpdate,
  Price,
  Prm,
  Secret,
  Store,
} from '@prm/core'

// ── who ──────────────────────────────────────────────────────────────────────────────────────

/** One line of an audience that could be read. */
export interface Row {
  readonly line: number
  readonly id: string
  /** As `prm.record` would take it; `at` is the address that the audience's source knows them by. */
  readonly person: PatronUpdate
  /** What the list itself says; absent where it has no such column. */
  readonly consent?: 'yes' | 'no' | 'unknown'
  /** All columns as they were written: what templates and filters read. */
  readonly fields: { readonly [column: string]: string }
}

/** One that could not: nothing is lost, and nobody is written to by guess. */
export interface BadRow {
  readonly line: number
  readonly id?: string
  readonly field?: string
  /** For a person to read; no value of the row is quoted. */
  readonly why: string
}

/** Bad rows of one kind: how many, and the lines of the first ten. */
export interface Fault {
  readonly field?: string
  readonly why: string
  readonly rows: number
  readonly lines: readonly number[]
}

/** Of one line. A bad one who says no, such as one without an id, has its row too: a refusal counts all the same. */
export type Read = { readonly row: Row; readonly bad?: never } | { readonly bad: BadRow; readonly row?: Row }

/** People to write to. It is read anew each time that `read` is called, but for a stream, which can be read once. */
export interface Audience {
  /** For the plan's header: `patrons.csv`, `koha`. */
  readonly from: string
  /** Every row has the same columns, so that the first one shows them all. */
  readonly sameColumns?: true
  read(how: { readonly library: Library; readonly signal?: AbortSignal }): AsyncIterable<Read>
}

/** Who of an audience is meant: data, so that the plan says it. All must hold. Text is compared without case. */
export type Filter =
  | { readonly field: string; readonly in: readonly string[] }
  | { readonly field: string; readonly notIn: readonly string[] }
  /** A column that lists several, with `;` or `|` between: interests, clubs. */
  | { readonly field: string; readonly has: string }
  /** A column of days such as `2026-11-24`, both included. */
  | { readonly field: string; readonly from?: LocalDate; readonly until?: LocalDate }
  /** Whole years on the day of the plan; who gave no birth date does not fit. */
  | { readonly age: { readonly from?: number; readonly to?: number } }

/** How many a filter kept and left out, and the ids of some that it left out. */
export interface Filtered {
  readonly filter: Filter
  readonly kept: number
  readonly left: number
  readonly samples: readonly string[]
}

// ── what ─────────────────────────────────────────────────────────────────────────────────────

/** Liquid (strict): a missing variable stops that message. `html` is escaped where a variable is put in. */
export interface Words {
  readonly text: string
  readonly subject?: string
  readonly html?: string
}

/** Texts by medium and language; the nearest wins: `sms` + `es-MX`, `sms` + `es`, `es`, `sms`, the first. */
export type Template = Words & { readonly medium?: Medium; readonly language?: string }

// ── plan ─────────────────────────────────────────────────────────────────────────────────────

/** Why somebody is left out: of several the first in this order. */
export type Exclusion =
  | 'opted-out'
  | 'no-consent'
  | 'minor'
  | 'expired-card'
  | 'no-address'
  | 'bounced'
  | 'duplicate-address'
  | 'cap'
  | 'holdout'

/** Millionths summed, and the same rounded once to the currency's smallest coin. */
export interface Cost extends Price {
  readonly minor: number
}

export interface Order {
  readonly audience: Audience
  readonly filters?: readonly Filter[]
  readonly templates: readonly Template[]
  readonly purpose: string
  /** Adapters that may carry it, best first; what a patron prefers goes first. */
  readonly via: readonly string[]
  /** Who plans: somebody else approves. */
  readonly by: string
  /** A part of those who could be written to is left out by lot, to compare with: 0.1 is a tenth. */
  readonly holdout?: { readonly share: number; readonly seed: string }
  /** Not before this, and worthless after that. */
  readonly start?: Instant
  readonly expireAt?: Instant | LocalDate
  /** How long all may take; without it no longer than the provider's queue holds. A rated sender waits with us. */
  readonly within?: Duration
  /** Variables that are the same for all. */
  readonly data?: { readonly [name: string]: string }
}

export interface PlanOptions {
  /** The file to write; it is there whole, or not at all. */
  readonly out: string
  readonly signal?: AbortSignal
  readonly onProgress?: OnProgress
}

/** Of something that takes long; `finish` is known once there is a rate. */
export interface Progress {
  readonly what: 'plan' | 'check' | 'canary' | 'run' | 'reconcile' | 'report'
  readonly done: number
  readonly total?: number
  /** A second. */
  readonly rate: number
  readonly finish?: Instant
}
export type OnProgress = (progress: Progress) => void

export interface PlanSummary {
  readonly rows: number
  readonly included: number
  readonly excluded: { readonly [reason in Exclusion]: number }
  readonly bad: number
  readonly parts: number
  /** Nothing where no price is configured. */
  readonly cost: readonly Cost[]
  /** When the last is handed over, if the run begins at once. */
  readonly finish: Instant | null
  readonly hash: string
}

/** What one rendered message looks like, and for whom. */
export interface Sample {
  readonly line: number
  readonly id: string
  readonly via: string
  readonly medium: Medium
  readonly language?: string
  readonly at: Instant
  readonly units: number
  readonly encoding?: 'gsm7' | 'ucs2'
  readonly content: Content
}

/** Something to mend before anybody approves: how many it is of, and what it costs. */
export interface Lint {
  readonly what: string
  readonly people: number
  readonly more?: readonly Cost[]
}

/** One sender's part of the plan. */
export interface SenderPlan {
  readonly via: string
  readonly medium: Medium
  readonly from?: string
  readonly messages: number
  readonly units: number
  /** Units a second, declared or as assumed where nothing is. */
  readonly perSecond?: number
  readonly first: Instant
  readonly last: Instant
  /** Messages by hour, the beginning of the hour in UTC. */
  readonly hours: readonly { readonly hour: Instant; readonly messages: number }[]
}

export interface Plan {
  readonly id: string
  readonly file: string
  readonly by: string
  readonly at: Instant
  readonly purpose: string
  readonly via: readonly string[]
  readonly audience: string
  readonly templates: readonly Template[]
  readonly summary: PlanSummary
  readonly filtered: readonly Filtered[]
  readonly senders: readonly SenderPlan[]
  /** How many have their local time in which zone. */
  readonly zones: { readonly [zone: string]: number }
  readonly samples: readonly Sample[]
  readonly lint: readonly Lint[]
  /** The first 100; the file has all. */
  readonly bad: readonly BadRow[]
  /** All bad rows by field and reason, most first. */
  readonly faults: readonly Fault[]
  readonly holdout?: { readonly share: number; readonly seed: string; readonly people: number }
  /** Plans that are approved or have begun, and say the same to some of these: looked up anew, where there is a key. */
  readonly repeats: readonly Repeat[]
}

/** A line of the plan's file about one who is written to. */
export interface Recipient {
  readonly is: 'recipient'
  readonly line: number
  readonly id: string
  readonly person: PatronUpdate
  /** The list says that they agreed. */
  readonly agreed?: true
  readonly via: string
  readonly to: string
  readonly from?: string
  readonly content: Content
  /** SHA-256 of the content, the first 22 characters of base64url. */
  readonly text: string
  readonly units: number
  readonly encoding?: 'gsm7' | 'ucs2'
  readonly cost?: Price
  /** When its turn is, and the zone of their clock. */
  readonly at: Instant
  readonly zone: string
}
export interface Excluded {
  readonly is: 'excluded'
  readonly line: number
  readonly id: string
  readonly why: Exclusion
  readonly detail: string
}
export interface BadLine extends BadRow {
  readonly is: 'bad'
}
export type PlanLine = Recipient | Excluded | BadLine

// ── approve and run ──────────────────────────────────────────────────────────────────────────

/** Another plan that sends the same text, for the same purpose, to some of the same addresses. */
export interface Repeat {
  readonly id: string
  readonly standing: 'approved' | 'begun'
  /** Since when. */
  readonly at: Instant
  readonly by?: string
  /** Where its file was then: `desk-2:/srv/prm/may.plan`. */
  readonly file?: string
  /** How many are in both. */
  readonly people: number
}

/** Stands beside the plan's file, as `PLAN.approval.json`. */
export interface Approval {
  readonly hash: string
  readonly planned: string
  readonly by: string
  readonly at: Instant
  /** Why some may get it a second time. */
  readonly again?: string
  readonly mac: string
}

/** Shares of those written to, from which on a run stops by itself. */
export interface Thresholds {
  readonly bounces: number
  readonly complaints: number
  readonly optOuts: number
}

export interface RunOptions {
  readonly signal?: AbortSignal
  readonly onProgress?: OnProgress
  /** Does what is due now and returns; else it goes on until all is done, paused or stopped. */
  readonly once?: boolean
  /** `false` where another process has the workers. */
  readonly deliver?: boolean
  /** How many go first, and how long they are watched before the rest goes: 200, one minute. */
  readonly canary?: { readonly size?: number; readonly watch?: Duration }
  /** Defaults: bounces 0.05, complaints 0.002, opt-outs 0.02. */
  readonly stopAt?: Partial<Thresholds>
  /** The share of recipients that may be decided otherwise than planned; 0.01 by default. */
  readonly tolerance?: number
  readonly by?: string
  /** Why some may get it again whom another plan that has begun says the same to; an approval that says so is enough. */
  readonly again?: string
}

export interface RunSummary {
  readonly sent: number
  readonly failed: number
  readonly waiting: number
  /** Those of the plan, and those decided against since. */
  readonly excluded: number
  /** Promised and not handed over when it was stopped; absent where nobody is. */
  readonly cancelled?: number
  /** Erased since the plan was made: not sent to, again or at all; absent where nobody is. */
  readonly erased?: number
  readonly cost: readonly Cost[]
}

export type Standing = 'planned' | 'approved' | 'canary' | 'running' | 'paused' | 'stopped' | 'done'

/** Where a run stands, for every process that has the store. */
export interface State {
  readonly id: string
  readonly hash: string
  readonly standing: Standing
  readonly at: Instant
  readonly by?: string
  /** Why it was stopped. */
  readonly why?: string
}

/** What a stop found, of those who were to be written to. */
export interface Stopped extends State {
  /** Promised, and cancelled before they were handed over. */
  readonly cancelled: number
  /** Handed over: sent, refused by the provider, or of an outcome that nobody can tell any more. */
  readonly gone: number
  /** In a call, or of unknown outcome: a worker finds out, and sends none of them anew. */
  readonly underWay: number
  /** Of whom nothing was promised yet. */
  readonly waiting: number
}

export interface Run {
  readonly summary: RunSummary
  readonly state: State
  /** When there is something to do again. */
  readonly next?: Instant
}

/** Somebody who would now be decided otherwise than planned. */
export interface Drift {
  readonly line: number
  readonly id: string
  readonly was: string
  readonly now: string
}

export interface Shown {
  readonly plan: Plan
  readonly approval?: Approval
  /** Why the approval does not count. */
  readonly refused?: string
  readonly state: State
}

/** What became of one recipient. */
export type Fate = 'sent' | 'failed' | 'waiting' | 'excluded' | 'cancelled' | 'erased'

/** What a plan has for one id of its list, and what became of it. */
export interface Looked {
  readonly plan: Pick<Plan, 'id' | 'by' | 'at' | 'purpose' | 'audience'>
  readonly standing: Standing
  readonly id: string
  /** Each row of this id, in order: where a list has it twice, the later say which one counts. */
  readonly rows: readonly (LookedRecipient | Excluded | BadLine)[]
}
export interface LookedRecipient extends Recipient {
  readonly medium: Medium
  readonly fate: Fate
  /** As in a report: `delivered`, `undelivered`, `not sent: consent`. */
  readonly outcome: string
  /** What `prm.explain` takes; absent where nothing is decided yet. */
  readonly key?: string
}

// ── afterwards ───────────────────────────────────────────────────────────────────────────────

export interface Reconciliation {
  readonly planned: readonly Cost[]
  /** As the messages were decided. */
  readonly sent: readonly Cost[]
  /** As the provider charges. */
  readonly bill: readonly Cost[]
  readonly equal: boolean
  /** Charged otherwise, unknown to the provider, or not priced yet. */
  readonly differences: readonly { readonly key: string; readonly why: string }[]
}

export interface ReportOptions {
  readonly signal?: AbortSignal
  readonly onProgress?: OnProgress
  /** Who did what was hoped for, by row id: a list, or a CSV with the column `id`. */
  readonly acted?: Iterable<string> | AsyncIterable<string> | Audience
  /** What one act is worth, and what a lost address costs, as the library sees it. */
  readonly worth?: Price
  readonly optOutCosts?: Price
}

export interface Report {
  readonly id: string
  /** `planned` where nobody has approved it: all are waiting then. */
  readonly standing: Standing
  readonly summary: RunSummary
  /** By what became of it: `delivered`, `undelivered: 30005`, `opted-out`. */
  readonly outcomes: readonly { readonly outcome: string; readonly medium?: Medium; readonly people: number }[]
  readonly optOuts: { readonly people: number; readonly per1000: number; readonly cost?: Cost }
  readonly benefit?: Cost
  /** Newcombe's interval of the difference of two shares, by Wilson's method without correction, at 95 %. */
  readonly effect:
    | {
        readonly measured: true
        readonly written: Share
        readonly holdout: Share
        readonly difference: number
        readonly low: number
        readonly high: number
        readonly method: string
        readonly says: string
      }
    | { readonly measured: false; readonly says: string }
  /** For a person to read. */
  readonly text: string
}
export interface Share {
  readonly acted: number
  readonly people: number
  readonly share: number
}

export type Ailment = 'stale' | 'bouncing' | 'landline' | 'shared' | 'no-consent' | 'no-address' | 'bad'

export interface Health {
  readonly rows: number
  readonly healthy: number
  readonly ailments: { readonly [ailment in Ailment]: number }
}

export interface HealthOptions {
  readonly purpose: string
  readonly via: readonly string[]
  /** Where the list of what to mend goes, as CSV. */
  readonly out?: string
  /** Stale: the column `verified`, a day, is older than this; 365d by default. */
  readonly stale?: Duration
  readonly signal?: AbortSignal
}

// ── the whole ────────────────────────────────────────────────────────────────────────────────

export interface OutreachOptions<A extends Adapters, U extends string, T extends string, R extends string> {
  readonly prm: Prm<A, U, T, R>
  /** The same that `createPrm` was given. */
  readonly store: Store
  readonly library: Library
  /** Signs approvals: 32 characters or more. Needed to approve and to run. */
  readonly key?: Secret
}

/**
 * Refusals throw a `PrmError`: `conflict` for a plan that overruns, was edited or has drifted, and for an approval of another;
 * `forbidden` where it is not approved, or by the one who planned it. `invalid` names what cannot be read.
 */
export interface Outreach {
  plan(order: Order, options: PlanOptions): Promise<Plan>
  /** What one patron of the audience would get, by each way, or why not. Throws `not_found`. */
  preview(order: Order, id: string, signal?: AbortSignal): Promise<Preview>
  /** Reads a plan and its approval, and checks both. */
  show(file: string, signal?: AbortSignal): Promise<Shown>
  /** One person, by the list's id. Throws `not_found`. */
  lookUp(file: string, id: string, signal?: AbortSignal): Promise<Looked>
  /** Throws `conflict` where another plan says the same to some of them, unless `again` says why. */
  approve(file: string, who: { readonly by: string; readonly again?: string }): Promise<Approval>
  run(file: string, options?: RunOptions): Promise<Run>
  pause(file: string, who?: { readonly by?: string }): Promise<State>
  resume(file: string, who?: { readonly by?: string }): Promise<State>
  /** What was promised and is not handed over yet is cancelled. A resume sends it after all. */
  stop(file: string, who?: { readonly by?: string; readonly why?: string }): Promise<Stopped>
  reconcile(
    file: string,
    options?: { readonly signal?: AbortSignal; readonly onProgress?: OnProgress },
  ): Promise<Reconciliation>
  report(file: string, options?: ReportOptions): Promise<Report>
  health(audience: Audience, options: HealthOptions): Promise<Health>
}

export interface Preview {
  readonly line: number
  readonly id: string
  readonly ways: readonly {
    readonly via: string
    readonly medium: Medium
    readonly content?: Content
    readonly units?: number
    readonly encoding?: 'gsm7' | 'ucs2'
    readonly cost?: Price
    /** Why there is no text: a variable is missing. */
    readonly why?: string
  }[]
  /** What the plan would say. */
  readonly outcome: Recipient | Excluded | BadLine
}
