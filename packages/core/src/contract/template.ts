// Words for data: a template, and where it speaks.
import type { Channel } from './channel.ts'
import type { Content } from './interaction.ts'
import type { Patron } from './people.ts'
import type { Medium } from './primitives.ts'

/** Where a template speaks: the adapter, how private it is, and to whom. */
export interface Via {
  readonly id: string
  readonly medium: Medium
  readonly exposure: Channel['exposure']
  readonly locale: string
  /**
   * Titles, authors and call numbers may be said here: the channel is private and the patron's own (what a child or a
   * principal reads is not their guardian's or proxy's to know), or the library opened it.
   */
  readonly showTitles: boolean
  /** Who is told. */
  readonly patron?: Patron
  /** Whose matter it is, where a guardian or proxy is told of it. */
  readonly whose?: Patron
}

/**
 * Words for data: say what the data is, `(data: Notice, via) => ({ text })`. Of a digest it gets the list. Where
 * `via.titles` is false the data has no `title`, `author` or `callNumber`.
 */
export type Template = { render(data: unknown, via: Via): Content }['render']
