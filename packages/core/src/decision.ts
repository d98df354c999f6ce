import type { Actor, Address, Content, Ref } from './interaction.ts'
import type { Delivery } from './vocabulary.ts'
import type { Instant, Json, Price } from './words.ts'

/** What can speak for or against a message. A host's own word is allowed. */
export type Rule =
  | 'purpose'
  | 'minor'
  | 'proxy'
  | 'fallback'
  | 'outage'
  | 'category'
  | 'block'
  | 'hours'
  | 'cap'
  | 'relevance'
  | 'consent'
  | 'suppressed'
  | 'address'
  | 'channel'
  | 'preference'
  | 'quiet'
  | 'deadline'
  | 'duplicate'
  | 'digest'
  | 'length'
  | 'exposure'
  | 'template'
  | 'only'
  | 'rate'
  | (string & {})

export interface Reason {
  readonly rule: Rule
  /** The adapter this speaks of, where the rule was asked for one. */
  readonly via?: string
  readonly verdict: 'pass' | 'reject' | 'defer'
  /** For a person to read; no name, number or title. */
  readonly detail: string
  readonly ref?: Ref
}

/** Who is told what, where and when, or why not. A decision against sending is stored like the others. */
export interface Decision {
  /** The key of the send; in a digest, of its first. */
  readonly key: string
  /** The keys of all the sends that this decides: one, or a digest's. */
  readonly keys: readonly string[]
  readonly at: Instant
  /** Whose matter it is. */
  readonly patronId?: string
  /** Who is told, where that is somebody else: a guardian, a proxy. */
  readonly recipient?: string
  /** The decision whose message could not be delivered, or was not true of all it told: this one is in its place. */
  readonly after?: Ref
  readonly about: readonly Ref[]
  readonly purpose: string
  readonly outcome: Sending | { readonly send: false; readonly why: Rule }
  readonly reasons: readonly Reason[]
  /** What it was decided from: a hash into the shared part (library, purposes, channels) and this patron's own part. */
  readonly inputs: { readonly shared: string; readonly own: Json }
  /** Who asked for it, where that was said. */
  readonly by?: Actor
}

export interface Sending {
  readonly send: true
  /** The adapter that carries it. */
  readonly via: string
  readonly to: Address
  readonly from?: Address
  readonly notBefore: Instant
  readonly expireAt?: Instant
  readonly units: number
  readonly cost?: Price
}

/** A turn at a sender: when, in the lane of which rank of purpose, and for how many milliseconds. */
export interface Slot {
  readonly at: Instant
  readonly rank: number
  readonly ms: number
}

export interface Message {
  readonly key: string
  readonly patronId?: string
  /** Who is told, where that is not the patron. */
  readonly recipient?: string
  /** The key of its decision. */
  readonly decision: string
  readonly purpose: string
  readonly via: string
  readonly to: Address
  readonly from?: Address
  readonly content: Content
  readonly units: number
  /** What it was made of, as a `Digest` keeps it, where it may have to be decided again: by another medium, or after a re-check. */
  readonly sends?: readonly Json[]
  /** What it answers in: it goes to the address that wrote, whatever else becomes known of its patron. */
  readonly conversationId?: string
  /** The branch that the notice is of, for its quiet hours. */
  readonly branch?: string
  /** Of which many it is one: they are cancelled together. */
  readonly bulk?: string
  readonly notBefore: Instant
  /** Its turn in its sender's timetable, where that has one. */
  readonly slot?: Slot
  readonly expireAt?: Instant
  /** There is no `attempting`: a lease without an outcome says it, without a write before each call. */
  readonly state: 'planned' | 'unknown' | Delivery | 'expired' | 'cancelled'
  readonly providerId?: string
  /** The one confirmation of a STOP, which alone may go to an address that asked to stop. */
  readonly confirms?: Ref
  /** Recorded outcomes, oldest first; fewer than the job's starts means that one start's outcome is unknown. */
  readonly attempts: readonly { readonly at: Instant; readonly outcome: string }[]
  /** What was said after the message had come to another end: the first end stays. The store writes it. */
  readonly contradictions?: readonly { readonly at: Instant; readonly state: Message['state'] }[]
}
