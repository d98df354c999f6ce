// The two inputs of every decision: what all of one host share, and what is known for one.
import type { Address } from './address.ts'
import type { Channel, Measurement } from './channel.ts'
import type { Library } from './library.ts'
import type { Slot } from './message.ts'
import type { Consent, Patron } from './people.ts'
import type { Instant, LocalDate, Medium } from './primitives.ts'
import type { Purpose } from './purpose.ts'
import type { Ref } from './ref.ts'

/** What all decisions of one host share. JSON, stored once by its hash. */
export interface Shared {
  readonly library: Library
  readonly purposes: { readonly [purpose: string]: Purpose }
  readonly channels: readonly {
    readonly id: string
    readonly medium: Medium
    readonly schemes: readonly string[]
    readonly exposure: Channel['exposure']
    readonly from?: Address
  }[]
}

/** What one decision is made from, and nothing else: no clock, no store. JSON, stored with the decision; no item data. */
export interface Own {
  readonly key: string
  readonly now: Instant
  readonly purpose: string
  /** Whose matter it is, absent when nobody is known at that address; of their person only what a rule looks at. */
  readonly patron?: Known & Pick<Patron, 'birthDate' | 'category' | 'expires' | 'blocks'>
  /** Who is told in their place: the addresses are theirs. */
  readonly recipient?: Known & { readonly as: 'guardian' | 'proxy' }
  readonly addresses: readonly Address[]
  readonly consents: readonly Pick<Consent, 'address' | 'purpose' | 'state' | 'basis' | 'at'>[]
  /** The medium that the notice asks for, and its branch. */
  readonly asked?: Medium
  readonly branch?: string
  readonly adapters?: readonly string[]
  readonly allowlist?: readonly string[]
  readonly notBefore?: Instant
  readonly expireAt?: Instant | LocalDate
  /** An earlier message about the same matter from another source. */
  readonly earlier?: Ref
  /** Where a cap counts them: when else the same person was told, or is to be. */
  readonly told?: readonly Told[]
  /** Why an earlier message is decided anew, and the media that were tried. */
  readonly after?: {
    readonly why: After
    readonly media: readonly Medium[]
    /** The adapter that it was to go by, and all that are down. */
    readonly outage?: { readonly of: string; readonly down: readonly string[] }
  }
  /** By day, in millionths, what its purpose has spent on going around outages. */
  readonly spent?: { readonly [day: LocalDate]: number }
  /** How many sends are told in this one, if it is a digest. */
  readonly digest?: number
  /** What the text comes to by each adapter and address that could carry it, or why there is no text. */
  readonly drafts: readonly Draft[]
}

type Known = Pick<Patron, 'id' | 'timeZone' | 'branch' | 'preferences' | 'quietHours'>

export type After = NonNullable<Purpose['fallback']>[number] | 'relevance' | 'outage'

export interface Told {
  readonly at: Instant
  readonly purpose: string
}

export type Draft = { readonly via: string; readonly to: Address } & (
  | {
      readonly measure: Measurement
      /** Which of several senders, and its turn there where it has a timetable; `null`: no day has room for it. */
      readonly from?: Address
      readonly slot?: Slot | null
    }
  | { readonly refused: 'template' | 'exposure'; readonly detail: string }
)

/** In whose place a message is decided anew. */
export type Before = NonNullable<Own['after']> & { readonly key: string }
