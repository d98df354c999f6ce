// What a host asks to be sent.
import type { Adapters } from './adapter.ts'
import type { Address } from './address.ts'
import type { Content } from './interaction.ts'
import type { Instant, LocalDate } from './primitives.ts'
import type { Ref } from './ref.ts'

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
  readonly adapters?: readonly (keyof A & string)[]
  readonly notBefore?: Instant
  /** Worthless after this: cancelled and reported, never late. A day lasts until its end in the patron's, else the
   * branch's, else the library's zone; a digest lasts until the last of its sends does. */
  readonly expireAt?: Instant | LocalDate
  /** Sends of one run with the same recipient, purpose, bulk and word become one message; its template gets all their data. */
  readonly digest?: string
  /** Asked again at release: a hold picked up in the night needs no text in the morning. */
  readonly recheck?: R
  /** A name that it shares with others: `cancel` takes it. */
  readonly campaign?: string
  /** Decides and stores nothing. */
  readonly dryRun?: boolean
}
