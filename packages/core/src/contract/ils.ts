// The facets of a library system: patrons, loans, holds, and what can be done with them.
import type { Address } from './address.ts'
import type { Context } from './context.ts'
import { PrmError } from './errors.ts'
import type { Block, PatronUpdate, Preferences } from './people.ts'
import type { Instant, Json, LocalDate, Money } from './primitives.ts'

// What a library system knows and does, as facets of an adapter.

/** Known, known to be empty, or not offered by this source: three different answers. */
export type Known<T> =
  | { readonly is: 'value'; readonly value: T }
  | { readonly is: 'empty' }
  | { readonly is: 'unavailable'; readonly reason: string }

/** Who the library's patrons are. */
export interface Directory {
  /** All that match: a phone may be a family's. Never the first of several by accident; nobody is an empty list. */
  find(address: Address, ctx: Context): Promise<readonly DirectoryEntry[]>
  /** For outreach; the query is the vendor's own. */
  list?(query: { readonly [key: string]: Json }, ctx: Context): AsyncIterable<DirectoryEntry>
  /** Changes these and nothing else. Throws `not_found`, `invalid` naming the field, `unavailable` where it is not offered. */
  write?(
    address: Address,
    change: { readonly email?: string; readonly phone?: string; readonly preferences?: Preferences },
    ctx: Context,
  ): Promise<void>
}

export interface DirectoryEntry {
  /** `verified`: the system itself vouches for it, as for a card; a number that somebody typed is not. */
  readonly identities: readonly (Address & { readonly verified: boolean })[]
  readonly name: Known<string>
  readonly locale: Known<string>
  readonly branch: Known<string>
  readonly category: Known<string>
  readonly birthDate: Known<LocalDate>
  readonly expires: Known<LocalDate>
  readonly blocks: Known<readonly Block[]>
  readonly guardian: Known<Address>
  readonly preferences: Known<Preferences>
}

/** What a directory knows, as a feed tells it: known to be none is told too, since what was taken out would else stay for ever. */
export function patronUpdateOf({ identities, guardian, blocks, preferences, ...rest }: DirectoryEntry): PatronUpdate {
  const [at, ...also] = identities.map(({ verified: _, ...address }) => address)
  if (!at) throw new PrmError('contract', 'A directory told of somebody without an address of its own.')
  const said = Object.entries(rest).flatMap(([name, one]): (readonly [string, unknown])[] =>
    one.is === 'unavailable' ? [] : [[name, one.is === 'value' ? one.value : null]],
  )
  return {
    at,
    also,
    ...Object.fromEntries(said),
    ...(blocks.is !== 'unavailable' && { blocks: blocks.is === 'value' ? blocks.value : [] }),
    ...(preferences.is === 'value' && { preferences: preferences.value }),
    ...(guardian.is !== 'unavailable' && {
      relations: guardian.is === 'value' ? [{ kind: 'guardian', at: guardian.value }] : [],
    }),
  }
}

/** What they have and want. `patron` is an `ils` address of this system. */
export interface Circulation {
  loans(patron: Address, ctx: Context): AsyncIterable<Loan>
  holds(patron: Address, ctx: Context): AsyncIterable<Hold>
  charges?(patron: Address, ctx: Context): Promise<{ readonly owed: Money; readonly lines: readonly Charge[] }>
  /** Never retried blindly: an unknown outcome is read back. A business refusal is a result, not an error. */
  renew?(
    patron: Address,
    loan: string,
    ctx: Context,
  ): Promise<{ readonly ok: true; readonly due: LocalDate | Instant } | Refusal>
  place?(
    patron: Address,
    hold: { readonly bib?: string; readonly item?: string; readonly pickup: string; readonly until?: LocalDate },
    ctx: Context,
  ): Promise<{ readonly ok: true; readonly hold: string } | Refusal>
  cancel?(patron: Address, hold: string, ctx: Context): Promise<{ readonly ok: true } | Refusal>
}

export interface Refusal {
  readonly ok: false
  readonly reason:
    | 'on-hold'
    | 'too-many'
    | 'too-soon'
    | 'restricted'
    | 'overdue'
    | 'debt'
    | 'automatic'
    | 'not-allowed'
    | 'card-expired'
    | 'card-lost'
    | 'duplicate'
    | 'other'
  /** The system's own code or words, for staff. */
  readonly text: string
}

export interface Loan {
  readonly id: string
  readonly item: string
  readonly title: Known<string>
  /** 23:59 in the library's zone is a day. */
  readonly due: LocalDate | Instant
  readonly renewable: Known<boolean>
}

export interface Hold {
  readonly id: string
  readonly title: Known<string>
  readonly state: 'waiting' | 'suspended' | 'in-transit' | 'processing' | 'ready' | 'expired' | 'cancelled' | 'filled'
  readonly pickup: Known<string>
  readonly collectBy: Known<LocalDate>
}

export interface Charge {
  readonly id: string
  readonly kind: string
  readonly owed: Money
  readonly title: Known<string>
}

/** What the library has. */
export interface Catalogue {
  byIsbn(isbn13: string, ctx: Context): Promise<readonly Bib[]>
  availability?(
    bib: string,
    ctx: Context,
  ): Promise<
    readonly {
      readonly branch: string
      readonly state: string
      readonly callNumber?: string
      readonly due?: LocalDate
    }[]
  >
  added?(since: Instant, ctx: Context): AsyncIterable<Bib>
}

export interface Bib {
  readonly id: string
  readonly title: string
  readonly author?: string
  readonly isbns: readonly string[]
  readonly cover?: string
  readonly url?: string
}
