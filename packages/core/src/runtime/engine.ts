// What every room of the engine is handed: one per `createPrm`.
import type {
  Adapters,
  Context,
  EventType,
  Instant,
  Interaction,
  Options,
  Patron,
  PrmEvents,
  Purpose,
  Scope,
  Sender,
  Settled,
  Shared,
  Step,
} from '../contract/index.ts'
import { instant, milliseconds } from '../time/index.ts'

/** The options of a host, with what it does not write about apart. */
export type Written = Omit<Options<Adapters, string, string, string>, 'purposes'> & {
  readonly purposes: { readonly [purpose: string]: Purpose }
  readonly unwritten: readonly string[]
}

/** What the parts of the engine share: one per `createPrm`. */
export interface Engine {
  readonly options: Written
  readonly scope: Scope
  readonly shared: Shared
  readonly sharedId: string
  /** Stores what decisions share, once a process and before the first of them. */
  share(): Promise<unknown>
  /** The host's key, or the store's own. */
  secret(): Promise<string>
  /** The key of what stays of erased addresses, if there are any. Throws `config` where they were made with another. */
  sealed(): Promise<string | undefined>
  /** Nobody had been erased when many began to be decided on: no refusal is looked for behind what stays of an address. */
  readonly noErasures?: boolean
  readonly types: Map<string, EventType>
  /** Types of which the store knows how long they are kept. */
  readonly kept: Set<string>
  readonly flows: Map<string, Flow>
  /** The timetables of rated senders, as far as this process knows them. */
  readonly senders: Map<string, { readonly value: Sender; readonly version: number }>
  /** By sender, the messages that ask whether it is their turn. */
  readonly lines: Map<string, { readonly at: Instant; ask(): void; reject(error: unknown): void }[]>
  /** Adapters that wait for somebody to mend their set-up, or for their provider, and until when. */
  readonly paused: Map<string, number>
  /** By adapter, how many calls in a row had no answer, and when the first and the last that failed were made. */
  readonly silent: Map<string, { readonly count: number; readonly since: number; readonly last: number }>
  /** Adapters of which this process knows an outage that is not over. */
  readonly down: Set<string>
  /** The bytes of all request bodies that are in memory now. */
  readonly bodies: { bytes: number }
  /** When this host began. In ms. */
  readonly began: number
  /** When the store may not know what went: asked, and noted, once a process and before its first decision. */
  gaps(): Promise<Gaps>
  /** How many in a row were looked up before they went, and had not gone. */
  readonly fresh: Map<Way, number>
  now(): Date
  emit<K extends keyof PrmEvents>(event: K, value: PrmEvents[K]): void
  context(adapter: string, signal: AbortSignal): Context
}

/** What went from then until a host began may have gone without this store's knowing. */
export type Gap = {
  readonly from: Instant
  readonly at: Instant
  /** When the first host that found it began. */
  readonly noted: Instant
}

/** Whether it was planned before the gap, or decided after it, and of which source's facts: feeds tell again. */
export type Way = `${string} planned` | `${string} told ${string}`

export type Gaps = {
  /** Oldest first. */
  readonly all: readonly Gap[]
  /** Until which gap enough is known of what goes this way. */
  readonly known: { readonly [way: Way]: Instant }
}

export interface Flow {
  readonly on: string
  /** Does what it was promised to before, and is promised no new fact. */
  readonly retired: boolean
  run(r: {
    event: Interaction
    patron: Patron | undefined
    step: Step
    at: <R>(work: () => PromiseLike<R> | R) => Promise<R>
    signal: AbortSignal
  }): Promise<void>
}

export function now(engine: Engine): Instant {
  return instant(engine.now().getTime())
}

/**
 * What this host does not know, a newer one of the same library may, while they are begun anew one by one: its work is left to
 * others for a day.
 */
export function leftToOthers(engine: Engine, since: Instant): Settled | undefined {
  const at = engine.now().getTime()
  if (at >= Date.parse(since) + milliseconds('1d')) return undefined
  return { outcome: { release: true, runAt: instant(at + milliseconds('1m')) } }
}

/** For many decisions at once: whether anybody was ever erased is asked once. Each start looks again. */
export async function forMany(engine: Engine): Promise<Engine> {
  return { ...engine, noErasures: (await engine.sealed()) === undefined }
}
