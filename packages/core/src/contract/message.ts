// A message on its way, its states, and the slot it has at its sender.
import type { Address } from './address.ts'
import type { Delivery } from './events.ts'
import type { Content } from './interaction.ts'
import type { Instant, Json } from './primitives.ts'
import type { Ref } from './ref.ts'

/** A turn at a sender: when, in the lane of which rank of purpose, and for how many milliseconds. */
export interface Slot {
  readonly at: Instant
  readonly priority: number
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
  readonly campaign?: string
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
