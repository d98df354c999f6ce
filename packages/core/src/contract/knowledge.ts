// The facet that reads what the library has written: guides, FAQs, databases.
import type { Context } from './context.ts'
import type { PageRef } from './interaction.ts'
import type { Instant } from './primitives.ts'

// What the library tells on its pages, how they are used, what patrons ask about them, and what is said elsewhere.

/** What the library has written: guides, FAQs, databases. */
export interface Knowledge {
  /** All pages, or those that changed since. */
  pages(since: Instant | undefined, ctx: Context): AsyncIterable<KnowledgePage>
  search?(text: string, ctx: Context): Promise<readonly KnowledgePage[]>
}

export interface KnowledgePage {
  readonly ref: PageRef
  readonly title: string
  /** What a reader sees, without mark-up. */
  readonly text?: string
  readonly updated?: Instant
}
