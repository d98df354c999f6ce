// A patron, their addresses, preferences and consents, and what a source says about a person.
import type { Address } from './address.ts'
import type { Instant, LocalDate, Medium, Span } from './primitives.ts'
import type { Ref } from './ref.ts'

/** One address of one patron, and which source says so. */
export interface Identity extends Address {
  readonly seenBy: string
  readonly seenAt: Instant
}

/** Ordered media per purpose; `'*'` is the rest. Read from the ILS where the ILS keeps it. */
export type Preferences = { readonly [purpose: string]: readonly Medium[] }

/** A person the library serves, under our own id, with every address a source has named. Several may share one phone. */
export interface Patron {
  readonly id: string
  readonly identities: readonly Identity[]
  readonly name?: string
  readonly locale?: string
  readonly timeZone?: string
  readonly branch?: string
  readonly category?: string
  readonly birthDate?: LocalDate
  /** The day on which the card ends. */
  readonly expires?: LocalDate
  readonly blocks?: readonly Block[]
  /** Whose child or ward this is, who acts for them, with whom they live. */
  readonly relations?: readonly { readonly kind: RelationKind; readonly patronId: string }[]
  readonly preferences?: Preferences
  readonly quietHours?: Span
}

export type RelationKind = 'guardian' | 'proxy' | 'household'

export type Block =
  | 'expired'
  | 'card-lost'
  | 'restricted'
  | 'debt'
  | 'too-many-loans'
  | 'too-many-overdues'
  | 'address'
  | 'other'

/** What a source says about somebody beside the fact: a notice row carries card, phone, name, language and wish. */
export interface PatronUpdate {
  /** The address the source knows this person by; it finds the patron or makes one. */
  readonly at: Address
  /** All other addresses this source knows now: they replace all that the same source said before. */
  readonly also: readonly Address[]
  /** Here and below `null` is none, and takes away what was known; what is absent is not told. */
  readonly name?: string | null
  readonly locale?: string | null
  /** An IANA zone. */
  readonly timeZone?: string | null
  readonly branch?: string | null
  readonly category?: string | null
  readonly birthDate?: LocalDate | null
  readonly expires?: LocalDate | null
  readonly blocks?: readonly Block[]
  /** By the address this source knows them by, their card mostly. */
  readonly relations?: readonly { readonly kind: RelationKind; readonly at: Address }[]
  readonly preferences?: Preferences
}

/** One grant or refusal, with its evidence. It belongs to the address: a phone shared by two cards has one STOP. */
export interface Consent {
  readonly id: string
  readonly address: Address
  /** A purpose, `'*'` for all, or `'class:promotional'` for all of that class. */
  readonly purpose: string
  readonly state: 'granted' | 'denied'
  readonly basis: 'request' | 'service' | 'legal' | 'stop' | 'bounce' | 'complaint'
  readonly at: Instant
  /** Who said so: an adapter's name, or a member of staff. */
  readonly by: string
  readonly evidence?: { readonly text?: string; readonly fact?: Ref }
}
