// A send to preview, and what would be decided.
import type { Adapters } from './adapter.ts'
import type { Measurement } from './channel.ts'
import type { Rule, Sending } from './decision.ts'
import type { Content } from './interaction.ts'
import type { PatronUpdate } from './people.ts'
import type { Instant, LocalDate } from './primitives.ts'
import type { Via } from './template.ts'

/** A send that is only thought through, to somebody whom the store need not know yet. */
export interface PreviewRequest<A extends Adapters = Adapters, U extends string = string> {
  readonly key: string
  readonly purpose: U
  /** As `record` would take it. Where only one of the addresses is known, it is whoever is known there. */
  readonly patron: PatronUpdate
  /** They agreed to this purpose, at all of these addresses, before anything that the store has heard. */
  readonly agreed?: boolean
  /** These adapters, the best first. What the patron prefers goes first. */
  readonly adapters: readonly (keyof A & string)[]
  /** What it says this way; one that throws cannot go this way. */
  content(via: Via): Content
  readonly notBefore?: Instant
  readonly expireAt?: Instant | LocalDate
}

/** What would be decided, and all that speaks against it, also where one of them alone were enough. */
export interface Preview {
  readonly key: string
  /** Absent where it would not be sent. */
  readonly outcome?: Sending
  readonly content?: Content
  readonly measure?: Measurement
  /** The zone in which their clock runs. */
  readonly timeZone: string
  /** Whether the library knows them: as `who.at`, as somebody at one of the addresses, as several people there, or not yet. */
  readonly known: 'at' | 'address' | 'several' | 'new'
  /** Somebody at the address that is written to agreed to this purpose, or the caller says so. */
  readonly agreed?: boolean
  readonly blockers: readonly Blocker[]
  /** What makes it wait: `quiet`, `hours`, `cap`, `rate`. */
  readonly waits: readonly Rule[]
}

export interface Blocker {
  readonly rule: Rule
  readonly detail: string
  readonly via?: string
  /** Of consent: they refused, the address proved bad, or nobody ever agreed. */
  readonly standing?: 'refused' | 'bad' | 'silent'
}
