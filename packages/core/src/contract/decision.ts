// A decision: to send or not, with every reason.
import type { Address } from './address.ts'
import type { Actor } from './interaction.ts'
import type { Instant, Json, Price } from './primitives.ts'
import type { Ref } from './ref.ts'

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
  readonly replaces?: Ref
  readonly about: readonly Ref[]
  readonly purpose: string
  readonly outcome: Sending | { readonly send: false; readonly rule: Rule }
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
