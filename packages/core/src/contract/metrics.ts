// The facet that counts how pages, searches and sources are used, day by day.
import type { Context } from './context.ts'
import type { Known } from './ils.ts'
import type { PageRef } from './interaction.ts'
import type { LocalDate } from './primitives.ts'

/** How pages, searches and sources are used, day by day: the same measure from every system. */
export interface Metrics {
  pull(
    query: { readonly from: LocalDate; readonly to: LocalDate; readonly by: 'page' | 'search' | 'source' },
    ctx: Context,
  ): AsyncIterable<Metric>
}

/** Absent is not zero: what a system does not count is `unavailable`, a day of which it says nothing has no row. */
export interface Metric {
  readonly day: LocalDate
  readonly page?: PageRef
  /** `results`: how many the search found, where the system says. */
  readonly search?: { readonly text: string; readonly results?: number }
  /** Where visitors came from. */
  readonly source?: string
  readonly views: Known<number>
  readonly visits: Known<number>
  readonly exits: Known<number>
  /** The system counted a part and multiplied. */
  readonly sampled: boolean
}
