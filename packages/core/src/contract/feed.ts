// The facet that pulls interactions from a source that pushes nothing.
import type { Context } from './context.ts'
import type { Interaction } from './interaction.ts'
import type { PatronUpdate } from './people.ts'
import type { Duration, Json } from './primitives.ts'

/**
 * Pulls facts from where nothing pushes. It runs as a job of its own group, so two processes never share a cursor, and
 * what stands after a `yield` runs once that batch is committed: archive or mark read there.
 */
export interface Feed {
  readonly every: Duration
  /**
   * The source tells its whole state each time, not what changed: a fact it repeats goes to its flows again as long as
   * every decision about it was against sending.
   */
  readonly repeats?: boolean
  pull(cursor: Json | undefined, ctx: Context): AsyncIterable<FeedPage>
}

export interface FeedPage {
  readonly interactions: readonly Interaction[]
  readonly people?: readonly PatronUpdate[]
  readonly rejected?: readonly RejectedRecord[]
  readonly cursor: Json
}

/** What could not be read, and why. */
export interface RejectedRecord {
  readonly source: string
  readonly line?: number
  readonly reason: string
}
