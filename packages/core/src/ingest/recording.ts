// What is recorded together: interactions, people, and where they come from.
import type { FeedPage, Interaction } from '../contract/index.ts'

export interface Recording extends Partial<Pick<FeedPage, 'people' | 'cursor'>> {
  readonly interactions: readonly Interaction[]
  /** What came from outside and breaks its schema is kept as a dead fact; a host's own mistake is thrown. */
  readonly from: { readonly adapter: string; readonly repeats?: boolean } | 'host'
}
